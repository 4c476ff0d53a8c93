// Time measures that the acceptance tests read: from the wish for a picture to the painted picture.

export type Measure = 'hw:first-frame' | 'hw:clip-frame' | 'hw:scrub-frame' | 'hw:event-dom';

// The browser keeps measures for ever; a wall that runs for months must not.
const KEPT_MAX = 500;

/** Notes that `name` took from `start` (of `performance.now()`) until now. */
export function measured(name: Measure, start: number): void {
  if (performance.getEntriesByName(name).length > KEPT_MAX) performance.clearMeasures(name);
  performance.measure(name, { start, end: performance.now() });
}
