// Until when somebody is watched for: the end of a day by the house's clocks. Pure.

import { civil, startOfDay, timeOf } from '../../time/zone.ts';

export const DAYS_USUAL = 90;
/** Nobody is watched for longer without somebody saying so again. */
const DAYS_MAX = 365;

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-22`, as a field for dates wants it. */
export function dayOf(time: number, zone: string): string {
  const { year, month, day } = civil(time, zone);
  return `${year}-${two(month)}-${two(day)}`;
}

/** The first and the last day that can be chosen. */
export const dayRange = (now: number, zone: string): { min: string; max: string } => ({ min: dayOf(now, zone), max: dayOf(startOfDay(now, zone, DAYS_MAX - 1), zone) });

export const usualDay = (now: number, zone: string): string => dayOf(startOfDay(now, zone, DAYS_USUAL), zone);

/** The last second of a day, or null where it is no day that can be chosen. */
export function endOfDay(day: string, now: number, zone: string): number | null {
  const { min, max } = dayRange(now, zone);
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!match || day < min || day > max) return null;
  const start = timeOf({ year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), hour: 0, minute: 0, second: 0 }, zone);
  return dayOf(start, zone) === day ? startOfDay(start, zone, 1) - 1000 : null;
}
