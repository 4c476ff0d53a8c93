// Times, ages, lengths and sizes as text in the reader's language. All formatters come from Intl.

import { language, locale, t } from '../text/text.ts';
import { houseZone } from './house-zone.ts';
import { deviceZone, startOfDay } from './zone.ts';

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = houseZone();
  const key = language.value + timeZone + JSON.stringify(options);
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : locale(), { timeZone, ...options });
    formatters.set(key, found);
  }
  return found;
}

export const hourMinute = (time: number): string => formatter({ hour: '2-digit', minute: '2-digit' }).format(time);
export const clockTime = (time: number): string => formatter({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(time);
export const shortDay = (time: number): string => formatter({ weekday: 'short', day: 'numeric', month: 'short' }).format(time);
export const dayMonth = (time: number): string => formatter({ day: 'numeric', month: 'short' }).format(time);
export const longDay = (time: number): string => formatter({ weekday: 'long', day: 'numeric', month: 'long' }).format(time);
/** With its year, for what lasts. */
export const fullDay = (time: number): string => formatter({ day: 'numeric', month: 'long', year: 'numeric' }).format(time);
export const dateTime = (time: number): string => formatter({ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(time);
export const zoneOffset = (time: number): string =>
  formatter({ hour: '2-digit', timeZoneName: 'shortOffset' }).formatToParts(time).find((part) => part.type === 'timeZoneName')?.value ?? '';

/** Monday is 0. */
export const weekdayName = (day: number, form: 'short' | 'long'): string => new Intl.DateTimeFormat(locale(), { weekday: form, timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + day));

/** The time that the clocks of this device show, where they differ from the house's. */
export const deviceTime = (time: number): string => formatter({ hour: '2-digit', minute: '2-digit', timeZone: deviceZone() }).format(time);

/** `14:02`, with the day in front unless it is today. */
export function moment(time: number, now: number): string {
  const zone = houseZone();
  if (startOfDay(time, zone) === startOfDay(now, zone)) return hourMinute(time);
  if (startOfDay(time, zone) === startOfDay(now, zone, -1)) return t('time.yesterday_at', { time: hourMinute(time) });
  return `${shortDay(time)} ${hourMinute(time)}`;
}

/** `0:48`, `12:03`, `1:02:03`. */
export function length(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `4 s`, `12 min`, `3 h`, `5 d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return t('time.s', { n: seconds });
  if (seconds < 3600) return t('time.min', { n: Math.floor(seconds / 60) });
  if (seconds < 48 * 3600) return t('time.h', { n: Math.floor(seconds / 3600) });
  return t('time.d', { n: Math.floor(seconds / 86_400) });
}

export const decimal = (value: number, digits: number): string =>
  new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

export const whole = (value: number): string => new Intl.NumberFormat(locale()).format(Math.round(value));

/** Decimal units: `412 MB`, `1.2 GB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  return `${decimal(value, value < 10 && step > 0 ? 1 : 0)} ${units[step]}`;
}
