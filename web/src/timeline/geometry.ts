// Where a time lies on the strip, and which part of time the strip shows. Pure. Times are milliseconds.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The zoom levels, from far to near. */
export const ZOOMS = [
  { name: '7d', span: 7 * DAY },
  { name: '24h', span: DAY },
  { name: '6h', span: 6 * HOUR },
  { name: '1h', span: HOUR },
  { name: '10min', span: 10 * MINUTE },
  { name: '1min', span: MINUTE },
] as const;

export type ZoomName = (typeof ZOOMS)[number]['name'];

/** The shown part of time. */
export interface View {
  from: number;
  span: number;
}

const SPAN_MIN = 20 * SECOND;
const SPAN_MAX = 14 * DAY;
// Beyond the live edge there is nothing; a little room shows that it is the edge.
const FUTURE_SHARE = 0.08;

export const viewEnd = (view: View): number => view.from + view.span;
export const xOf = (view: View, width: number, time: number): number => ((time - view.from) / view.span) * width;
export const timeAt = (view: View, width: number, x: number): number => view.from + (x / Math.max(1, width)) * view.span;
export const centred = (time: number, span: number): View => ({ from: time - span / 2, span });

/** The level of this name, the usual one if there is none. */
export function zoomNamed(name: string | null): (typeof ZOOMS)[number] {
  return ZOOMS.find((zoom) => zoom.name === name) ?? ZOOMS[3];
}

/** The level that fits a span best. */
export function nearestZoom(span: number): (typeof ZOOMS)[number] {
  const distance = (zoom: { span: number }): number => Math.abs(Math.log(zoom.span / span));
  return ZOOMS.reduce((best, zoom) => (distance(zoom) < distance(best) ? zoom : best));
}

/** The next nearer (`+1`) or farther (`-1`) level. */
export function stepZoom(span: number, step: 1 | -1): number {
  const nearer = ZOOMS.find((zoom) => zoom.span < span * 0.99);
  const farther = ZOOMS.findLast((zoom) => zoom.span > span * 1.01);
  return (step === 1 ? nearer : farther)?.span ?? span;
}

/** Another span around a time that keeps its place on the strip. */
export function zoomAround(view: View, time: number, span: number): View {
  const bounded = Math.min(SPAN_MAX, Math.max(SPAN_MIN, span));
  const share = (time - view.from) / view.span;
  return { from: time - share * bounded, span: bounded };
}

/** Not beyond the live edge. */
export function notBeyond(view: View, now: number): View {
  const latest = now + view.span * FUTURE_SHARE - view.span;
  return view.from > latest ? { ...view, from: latest } : view;
}

/** The view moved by whole turns so that the playhead is inside it, as when playing runs out of the strip. */
export function following(view: View, playhead: number): View {
  if (playhead >= view.from && playhead <= viewEnd(view)) return view;
  return { ...view, from: playhead - view.span * 0.1 };
}

// Steps that clocks have.
const STEPS = [SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY];

export interface Tick {
  time: number;
  major: boolean;
  /** The zone's clocks were changed since the tick before. */
  shifted: boolean;
}

/** The step between labels at least `gap` pixels apart. */
export function tickStep(view: View, width: number, gap: number): number {
  const least = (view.span / Math.max(1, width)) * gap;
  return STEPS.find((step) => step >= least) ?? DAY * Math.ceil(least / DAY);
}

/** Ticks on round times of the zone, whose offset from UTC `offsetAt` tells. */
export function ticks(view: View, width: number, gap: number, offsetAt: (time: number) => number): Tick[] {
  const step = tickStep(view, width, gap);
  const found: Tick[] = [];
  let offset = offsetAt(view.from);
  let before = offset;
  for (let time = Math.ceil((view.from + offset) / step) * step - offset; time <= viewEnd(view); time += step) {
    offset = offsetAt(time);
    const shifted = offset !== before;
    // Days and half days begin at another distance after a change of the clocks.
    if (shifted && step > HOUR) time -= offset - before;
    before = offset;
    found.push({ time, major: (time + offset) % DAY === 0, shifted });
  }
  return found;
}

/** An activity on a strip with several close ones: they share a mark so that icons do not overlap. */
export interface Cluster<T> {
  x: number;
  items: T[];
}

export function clusters<T extends { from: number; score: number }>(rows: readonly T[], view: View, width: number, gap: number): Cluster<T>[] {
  const found: Cluster<T>[] = [];
  for (const row of [...rows].sort((a, b) => a.from - b.from)) {
    const x = xOf(view, width, row.from);
    const last = found.at(-1);
    if (last && x - last.x < gap) last.items.push(row);
    else found.push({ x, items: [row] });
  }
  return found;
}

export interface Range {
  from: number;
  to: number;
}

/** The range that holds a time. */
export function rangeAt<T extends { from: number; to: number | null }>(ranges: readonly T[], time: number): T | undefined {
  return ranges.find((range) => time >= range.from && (range.to === null || time < range.to));
}

/** The nearest begin after (`+1`) or before (`-1`) a time, with a little room so that stepping moves on. */
export function neighbour(starts: readonly number[], time: number, step: 1 | -1): number | null {
  const room = 500;
  const fits = starts.filter((start) => (step === 1 ? start > time + room : start < time - room));
  if (fits.length === 0) return null;
  return step === 1 ? Math.min(...fits) : Math.max(...fits);
}
