// The days, months and years that the page of energy shows, by the clocks of the house. Pure.

import type { Step } from '../../api/energy.ts';
import { civil, startOfDay, timeOf } from '../../time/zone.ts';

export const RANGES = ['day', 'month', 'year'] as const;
export type Range = (typeof RANGES)[number];

export interface Period {
  range: Range;
  from: number;
  to: number;
  step: Step;
}

const HOUR_MS = 3_600_000;
const STEPS: Record<Range, Step> = { day: 'hour', month: 'day', year: 'month' };

function startOf(range: Range, at: number, zone: string, moved: number): number {
  if (range === 'day') return startOfDay(at, zone, moved);
  const { year, month } = civil(at, zone);
  const start = new Date(Date.UTC(range === 'year' ? year + moved : year, range === 'year' ? 0 : month - 1 + moved, 1));
  return timeOf({ year: start.getUTCFullYear(), month: start.getUTCMonth() + 1, day: 1, hour: 0, minute: 0, second: 0 }, zone);
}

/** The period that holds `at`, or the one so many before or after it. */
export const periodOf = (range: Range, at: number, zone: string, moved = 0): Period => ({ range, from: startOf(range, at, zone, moved), to: startOf(range, at, zone, moved + 1), step: STEPS[range] });

/** Where each bar begins; a day of 23 or 25 hours has as many. */
export function slotsOf(period: Period, zone: string): number[] {
  const found: number[] = [];
  for (let at = period.from, index = 0; at < period.to && index < 400; index += 1) {
    found.push(at);
    if (period.step === 'hour') at += HOUR_MS;
    else at = startOf(period.step === 'day' ? 'day' : 'month', at, zone, 1);
  }
  return found;
}
