// Energy: what the plugs draw now and have used, and what it cost once a tariff is entered.

import { json } from './request.ts';

export type Step = 'hour' | 'day' | 'month';

/** A stretch of time from `at`; null where the plug or the hub did not measure. */
export interface Bucket {
  at: string;
  wh: number | null;
}

export interface PlugEnergy {
  device: string;
  power_watts: number | null;
  as_of: string | null;
  today_wh: number | null;
  history: 'on' | 'off';
  buckets: Bucket[];
  /** Of the asked range; missing without a tariff. */
  cost: number | null;
}

export interface Tariff {
  price_per_kwh: number;
  currency: string;
}

export interface Energy {
  plugs: PlugEnergy[];
  tariff: Tariff | null;
}

const rfc3339 = (time: number): string => new Date(time).toISOString();

export const energy = {
  get: (from: number, to: number, step: Step) => json<Energy>('GET', '/energy', { query: { from: rfc3339(from), to: rfc3339(to), step } }),
  setTariff: (tariff: Tariff | null) => json<unknown>('PUT', '/energy/tariff', { body: tariff }),
};
