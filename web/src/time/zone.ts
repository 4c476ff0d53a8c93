// Civil time of a zone, from Intl alone. Pure. Times are milliseconds since 1970.

export interface Civil {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const readers = new Map<string, Intl.DateTimeFormat>();

function reader(zone: string): Intl.DateTimeFormat {
  let found = readers.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    readers.set(zone, found);
  }
  return found;
}

/** What calendars and clocks of the zone show at a time. */
export function civil(time: number, zone: string): Civil {
  const parts: Record<string, number> = {};
  for (const part of reader(zone).formatToParts(time)) parts[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second };
}

/** How far the zone's clocks are ahead of UTC at a time. */
export function offsetAt(time: number, zone: string): number {
  const c = civil(time, zone);
  return Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second) - Math.floor(time / 1000) * 1000;
}

/** The time at which the zone's clocks show this; of a repeated hour the first, of a missing one the moment after. */
export function timeOf(c: Civil, zone: string): number {
  const asUtc = Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second);
  const day = 86_400_000;
  const before = asUtc - offsetAt(asUtc - day, zone);
  const after = asUtc - offsetAt(asUtc + day, zone);
  const fits = (time: number): boolean => time + offsetAt(time, zone) === asUtc;
  const candidates = [before, after].filter(fits);
  return candidates.length > 0 ? Math.min(...candidates) : Math.max(before, after);
}

/** Midnight of the civil day that holds `time`, moved by whole days. */
export function startOfDay(time: number, zone: string, days = 0): number {
  const c = civil(time, zone);
  return timeOf({ ...c, day: c.day + days, hour: 0, minute: 0, second: 0 }, zone);
}

/** The zone of this device. */
export const deviceZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whether Intl knows a zone of this name. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
