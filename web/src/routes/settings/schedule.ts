// Exceptions from a camera's usual recording, by weekday and time. Pure. Minutes count from midnight at the house.

import type { RecordMode, RecordSchedule, ScheduleRule, Weekday } from '../../api/types.ts';

export const WEEKDAYS: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
export const DAY_MINUTES = 1440;
/** As many as the hub takes. */
export const RULES_MAX = 50;

/** `07:30`; the end of a day is written as its midnight. */
export function clockOf(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

/** The minute of `07:30`, or null. */
export function minuteOf(text: string): number | null {
  const match = /^(\d{2}):(\d{2})/.exec(text);
  if (!match) return null;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return minute < DAY_MINUTES ? minute : null;
}

/** An end: midnight means the end of the day, not its beginning. */
export const endMinuteOf = (text: string): number | null => {
  const minute = minuteOf(text);
  return minute === 0 ? DAY_MINUTES : minute;
};

export const isOvernight = (rule: ScheduleRule): boolean => rule.to_minute <= rule.from_minute;

function fits(rule: ScheduleRule, day: number, minute: number): boolean {
  const on = (index: number): boolean => rule.days.includes(WEEKDAYS[(index + 7) % 7] ?? 'monday');
  if (!isOvernight(rule)) return on(day) && minute >= rule.from_minute && minute < rule.to_minute;
  return (on(day) && minute >= rule.from_minute) || (on(day - 1) && minute < rule.to_minute);
}

export interface Stretch {
  from: number;
  to: number;
  mode: RecordMode;
}

/** What holds on a day of the week, from its midnight to the next: the first rule that fits wins. */
export function dayOf(schedule: RecordSchedule, day: number): Stretch[] {
  const edges = new Set([0, DAY_MINUTES]);
  for (const rule of schedule.rules) edges.add(rule.from_minute).add(rule.to_minute);
  const sorted = [...edges].filter((edge) => edge <= DAY_MINUTES).sort((a, b) => a - b);
  const stretches: Stretch[] = [];
  for (const [index, from] of sorted.slice(0, -1).entries()) {
    const to = sorted[index + 1] ?? DAY_MINUTES;
    const mode = schedule.rules.find((rule) => fits(rule, day, from))?.mode ?? schedule.usual;
    const last = stretches.at(-1);
    if (last?.mode === mode) last.to = to;
    else stretches.push({ from, to, mode });
  }
  return stretches;
}

/** Rules that never come to act, because those before them always win. */
export function shadowed(rules: readonly ScheduleRule[]): Set<number> {
  const edges = new Set<number>([0]);
  for (const rule of rules) edges.add(rule.from_minute % DAY_MINUTES).add(rule.to_minute % DAY_MINUTES);
  const acting = new Set<number>();
  for (let day = 0; day < 7; day += 1) {
    for (const minute of edges) acting.add(rules.findIndex((rule) => fits(rule, day, minute)));
  }
  return new Set([...rules.keys()].filter((index) => !acting.has(index)));
}

/** An exception to begin with: the nights of all days. */
export const newRule = (usual: RecordMode): ScheduleRule => ({ days: [...WEEKDAYS], from_minute: 22 * 60, to_minute: 6 * 60, mode: usual === 'continuous' ? 'event' : 'continuous' });

export const moved = (rules: readonly ScheduleRule[], index: number, by: 1 | -1): ScheduleRule[] => {
  const next = [...rules];
  const [rule] = next.splice(index, 1);
  if (rule) next.splice(index + by, 0, rule);
  return next;
};
