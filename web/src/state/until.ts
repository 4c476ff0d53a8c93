// When the privacy of the house ends by itself. Pure.

import { civil, startOfDay, timeOf } from '../time/zone.ts';

export const UNTIL = ['ended', 'hour', 'evening'] as const;
export type Until = (typeof UNTIL)[number];

const HOUR_MS = 3_600_000;
const EVENING = 18;

/** The end by the house's clocks; null means until somebody ends it. An evening that is over means tomorrow's. */
export function endOf(until: Until, now: number, zone: string): number | null {
  if (until === 'ended') return null;
  if (until === 'hour') return now + HOUR_MS;
  const at = (days: number): number => timeOf({ ...civil(startOfDay(now, zone, days) + 12 * HOUR_MS, zone), hour: EVENING, minute: 0, second: 0 }, zone);
  return at(0) > now ? at(0) : at(1);
}
