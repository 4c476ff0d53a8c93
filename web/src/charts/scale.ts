// Axes and the shape of measured lines: round ticks, and where a line must stop. Pure.

export interface Point {
  at: number;
  /** Null where nothing was measured. */
  value: number | null;
}

const ROUND = [1, 2, 2.5, 5, 10];

/** Round values that cover `min` to `max` in about `count` steps; the first and last are the axis' ends. */
export function ticks(min: number, max: number, count: number): number[] {
  const span = max - min || Math.abs(max) || 1;
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = (ROUND.find((factor) => factor * power >= raw - 1e-9) ?? 10) * power;
  const first = Math.floor(min / step + 1e-9) * step;
  const rows: number[] = [];
  for (let value = first; rows.length <= 2 * count + 2; value += step) {
    rows.push(Number(value.toFixed(9)));
    if (value >= max - step * 1e-6) break;
  }
  return rows.length > 1 ? rows : [first, first + step];
}

const MISSES = 2.5;

/** The usual time between two points. */
function usualStep(points: readonly Point[]): number {
  const steps = points.slice(1).map((point, index) => point.at - (points[index]?.at ?? 0)).sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? Infinity;
}

/** Points that are further apart than this have a hole between them. */
export const reach = (points: readonly Point[]): number => usualStep(points) * MISSES;

/** Stretches without a hole: a line is drawn inside of each, and never between two of them. */
export function runs(points: readonly Point[]): { at: number; value: number }[][] {
  const far = reach(points);
  const found: { at: number; value: number }[][] = [];
  let run: { at: number; value: number }[] = [];
  const end = (): void => {
    if (run.length > 0) found.push(run);
    run = [];
  };
  for (const { at, value } of points) {
    const last = run.at(-1);
    if (value === null || (last && at - last.at > far)) end();
    if (value !== null) run.push({ at, value });
  }
  end();
  return found;
}

/** The holes between the runs, and before and after them, inside of a range; the ends may be missed by `far`. */
export function holes(found: readonly { at: number }[][], from: number, to: number, far: number): { from: number; to: number }[] {
  const edges: { from: number; to: number }[] = [];
  let at = from;
  for (const run of found) {
    const [first, last] = [run[0]?.at ?? at, run.at(-1)?.at ?? at];
    if (first - at > (at === from ? far : 0)) edges.push({ from: at, to: first });
    at = last;
  }
  if (to - at > far || found.length === 0) edges.push({ from: at, to });
  return edges;
}
