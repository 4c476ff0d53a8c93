// How many days of each kind a camera keeps: what the hub takes, and what is typed. Pure.

import type { CameraSettings } from '../../api/types.ts';

type Retention = CameraSettings['retention'];
export type KeptKind = 'days_max' | 'events_days_max' | 'pictures_days_max';

/** As much as the hub takes. */
export const DAYS_MAX = 3650;

/** The least of each kind: only pictures can be left out altogether. */
export const DAYS_MIN: Record<KeptKind, number> = { days_max: 1, events_days_max: 1, pictures_days_max: 0 };

/** The kinds that this hub limits by camera; one of an older version knows footage only. */
export const keptKinds = (retention: Retention): KeptKind[] => (Object.keys(DAYS_MIN) as KeptKind[]).filter((kind) => retention[kind] !== undefined);

/** Days as they are typed: null for nothing, `wrong` for what the hub would not take. */
export function readDays(typed: string, kind: KeptKind): number | null | 'wrong' {
  const text = typed.trim();
  if (text === '') return null;
  const days = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return days >= DAYS_MIN[kind] && days <= DAYS_MAX ? days : 'wrong';
}
