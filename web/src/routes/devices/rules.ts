// Schedules and limits of a device in words, and the drafts for new ones. Pure but for the language.

import { DAYS, type Control, type Day, type Device, type Limit, type NewLimit, type NewSchedule, type Reading, type ValueControl } from '../../api/devices.ts';
import type { Weekday } from '../../api/types.ts';
import { t, tCode } from '../../text/text.ts';
import { weekdayName } from '../../time/show.ts';
import { WEEKDAYS } from '../settings/schedule.ts';
import { controlName, quantity, readingName, valueText } from './words.ts';

export const toWeekdays = (days: readonly Day[]): Weekday[] => days.flatMap((day) => WEEKDAYS[DAYS.indexOf(day)] ?? []);
export const toDays = (days: readonly Weekday[]): Day[] => days.flatMap((day) => DAYS[WEEKDAYS.indexOf(day)] ?? []);

/** The controls that a schedule can set. */
export const settable = (device: Device): ValueControl[] => device.controls.filter((control): control is ValueControl => control.kind !== 'action' && control.sensitive !== true);

const usualValue = (control: Control): NewSchedule['value'] => {
  if (control.kind === 'level') return control.value ?? control.min;
  if (control.kind === 'choice') return control.value ?? control.options[0] ?? '';
  return false;
};

export const newSchedule = (control: ValueControl): NewSchedule => ({ at: '22:30', days: [...DAYS], control: control.key, value: usualValue(control), is_on: true });

/** The draft with another control, and a value that this one takes. */
export const withControl = (draft: NewSchedule, control: ValueControl): NewSchedule => ({ ...draft, control: control.key, value: usualValue(control) });

const daysText = (days: readonly Day[]): string => (days.length === DAYS.length ? t('rule.daily') : days.map((day) => weekdayName(DAYS.indexOf(day), 'short')).join(' '));

export function scheduleText(schedule: NewSchedule, device: Device): string {
  const control = settable(device).find((one) => one.key === schedule.control);
  const value = control ? valueText(control, schedule.value) : String(schedule.value);
  return t('rule.schedule', { days: daysText(schedule.days), time: schedule.at, control: controlName(schedule.control), value });
}

export const newLimit = (reading: Reading): NewLimit => ({ reading: reading.key, above: Math.ceil(reading.value ?? 0) + 1, for_seconds: 60, then: 'event', is_on: true });

export function limitText(limit: NewLimit | Limit, device: Device): string {
  const unit = device.readings.find((reading) => reading.key === limit.reading)?.unit ?? '';
  const values = { reading: readingName(limit.reading), value: quantity(limit.above ?? limit.below ?? null, unit), n: limit.for_seconds, then: tCode('then', limit.then) };
  return limit.above === undefined ? t('rule.below', values) : t('rule.above', values);
}
