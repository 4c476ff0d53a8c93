// Puts what the plugs measured into the bars of a period. Pure.

import type { Bucket } from '../../api/energy.ts';

export interface Slot {
  at: number;
  /** `ahead` has not begun, `part` misses some plug, `gap` misses all. */
  state: 'ahead' | 'whole' | 'part' | 'gap';
  values: (number | null)[];
}

/** The sum of what was measured from `from` to `to`; null if nothing was, or if a part is missing. */
function within(buckets: readonly Bucket[], from: number, to: number): number | null {
  const inside = buckets.filter((bucket) => Date.parse(bucket.at) >= from && Date.parse(bucket.at) < to);
  if (inside.length === 0 || inside.some((bucket) => bucket.wh === null)) return null;
  return inside.reduce((sum, bucket) => sum + (bucket.wh ?? 0), 0);
}

/** One slot for each begin, with one value a plug. */
export function intoSlots(plugs: readonly (readonly Bucket[])[], begins: readonly number[], end: number, now: number): Slot[] {
  return begins.map((at, index) => {
    if (at > now) return { at, state: 'ahead', values: plugs.map(() => null) };
    const values = plugs.map((buckets) => within(buckets, at, begins[index + 1] ?? end));
    const known = values.filter((value) => value !== null).length;
    return { at, values, state: known === values.length ? 'whole' : known === 0 ? 'gap' : 'part' };
  });
}

/** A sum that says whether something is missing from it. */
export function total(values: readonly (number | null)[]): { sum: number | null; missing: number } {
  const known = values.filter((value) => value !== null);
  return { sum: known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : null, missing: values.length - known.length };
}
