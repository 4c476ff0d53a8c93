// Times as people type them: `14:03`, `14:03:20`, `yest 18:20`, `-2h`, `-1h30m`, `22 18:20`,
// `2026-11-22 18:20`, `now`. Pure.

import { civil, timeOf, type Civil } from './zone.ts';

const UNITS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, min: 60_000, s: 1000 };
const YESTERDAY = /^(?:yest(?:erday)?|gest(?:ern)?)\b\s*/;
const TODAY = /^(?:today|heute)\b\s*/;

function duration(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(min|d|h|m|s)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('').replaceAll(' ', '') !== text.replaceAll(' ', '')) return null;
  return parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0), 0);
}

function clock(text: string): Pick<Civil, 'hour' | 'minute' | 'second'> | null {
  const match = /^(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?$/.exec(text);
  if (!match) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  return hour < 24 && minute < 60 && second < 60 ? { hour, minute, second } : null;
}

function isDay(c: Civil): boolean {
  const date = new Date(Date.UTC(c.year, c.month - 1, c.day));
  return date.getUTCFullYear() === c.year && date.getUTCMonth() === c.month - 1 && date.getUTCDate() === c.day;
}

/** `2026-11-22 18:20` and `22 18:20`, the latter the last 22nd. */
function dated(text: string, today: Civil): Civil | null {
  const full = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t]+(.+))?$/.exec(text);
  const short = /^(\d{1,2})\.? +(.+)$/.exec(text);
  const rest = full ? full[4] : short?.[2];
  const at = rest === undefined ? { hour: 0, minute: 0, second: 0 } : clock(rest);
  if (!at) return null;
  if (full) {
    const day = { ...at, year: Number(full[1]), month: Number(full[2]), day: Number(full[3]) };
    return isDay(day) ? day : null;
  }
  if (!short) return null;
  const day = Number(short[1]);
  const month = day > today.day ? today.month - 1 : today.month;
  const found = month < 1 ? { ...at, year: today.year - 1, month: 12, day } : { ...at, year: today.year, month, day };
  return isDay(found) ? found : null;
}

/** The time meant by `input`, or null. A clock time later than now means yesterday's. */
export function parseTime(input: string, now: number, zone: string): number | null {
  const text = input.trim().toLowerCase().replace(/\s+/g, ' ');
  if (text === 'now' || text === 'jetzt') return now;
  if (text.startsWith('-') || text.startsWith('\u2212')) {
    const back = duration(text.slice(1).trim());
    return back === null ? null : now - back;
  }
  const today = civil(now, zone);
  const yesterday = YESTERDAY.test(text);
  const isNamed = yesterday || TODAY.test(text);
  const rest = text.replace(YESTERDAY, '').replace(TODAY, '');
  const at = isNamed && rest === '' ? { hour: 0, minute: 0, second: 0 } : clock(rest);
  if (at) {
    const time = timeOf({ ...today, ...at, day: today.day - (yesterday ? 1 : 0) }, zone);
    return !isNamed && time > now ? timeOf({ ...today, ...at, day: today.day - 1 }, zone) : time;
  }
  const day = dated(text, today);
  return day === null ? null : timeOf(day, zone);
}
