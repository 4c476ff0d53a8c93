// Climate: rooms with a thermostat or a sensor.

import type { Reading } from './devices.ts';
import { json } from './request.ts';

/** A temperature at a time; null where nothing was measured. */
export interface ClimatePoint {
  at: string;
  celsius: number | null;
}

export interface Room {
  device: string;
  name: string;
  temperature: number | null;
  set_point: number | null;
  readings: Reading[];
  history: 'on' | 'off';
  points: ClimatePoint[];
}

const rfc3339 = (time: number): string => new Date(time).toISOString();

export const climate = {
  get: (from: number, to: number) => json<{ rooms: Room[] }>('GET', '/climate', { query: { from: rfc3339(from), to: rfc3339(to) } }).then((answer) => answer.rooms),
};
