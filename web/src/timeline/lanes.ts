// What was recorded and what happened, per camera, for the shown part of time and a margin around it.

import { signal, type Signal } from '@preact/signals';

import { hub } from '../api/hub.ts';
import type { Timeline } from '../api/types.ts';
import { hubNow } from '../state/clock.ts';
import { rangeAt, viewEnd, type View } from './geometry.ts';

export interface Span {
  from: number;
  to: number;
}

export interface Gap {
  from: number;
  to: number | null;
  cause: string;
}

export interface Activity {
  id: string;
  from: number;
  to: number | null;
  label: string;
  score: number;
  thumbnail: boolean;
}

export interface Lane {
  camera: string;
  state: 'loading' | 'ready' | 'error';
  from: number;
  to: number;
  fetchedAt: number;
  spans: Span[];
  gaps: Gap[];
  activities: Activity[];
}

// The right edge grows; asking oftener shows nothing more on an hour's strip.
const EDGE_EVERY_MS = 5_000;
// A view that was zoomed in this much since gets finer data.
const FINER = 8;

const ms = (text: string): number => Date.parse(text);

function read(camera: string, answer: Timeline, from: number, to: number): Lane {
  return {
    camera,
    state: 'ready',
    from,
    to,
    fetchedAt: hubNow(),
    spans: answer.spans.map((row) => ({ from: ms(row.from), to: ms(row.to) })),
    gaps: answer.gaps.map((row) => ({ from: ms(row.from), to: row.to === null ? null : ms(row.to), cause: row.cause })),
    activities: answer.activities.map((row) => ({ ...row, from: ms(row.from), to: row.to === null ? null : ms(row.to) })),
  };
}

export class Lanes {
  readonly rows: Signal<Lane[]>;
  readonly #loading = new Map<string, AbortController>();

  constructor(cameras: readonly string[]) {
    this.rows = signal(cameras.map(blank));
  }

  /** Shows these cameras, in this order. */
  setCameras(cameras: readonly string[]): void {
    const known = new Map(this.rows.peek().map((row) => [row.camera, row]));
    this.rows.value = cameras.map((camera) => known.get(camera) ?? blank(camera));
  }

  lane(camera: string): Lane | undefined {
    return this.rows.value.find((row) => row.camera === camera);
  }

  /** The same without following its changes. */
  peek(camera: string): Lane | undefined {
    return this.rows.peek().find((row) => row.camera === camera);
  }

  /** Fetches what the view needs and does not have. */
  need(view: View, force = false): void {
    for (const lane of this.rows.peek()) {
      if (force || this.#isMissing(lane, view)) void this.#load(lane.camera, view);
    }
  }

  close(): void {
    for (const abort of this.#loading.values()) abort.abort();
  }

  #isMissing(lane: Lane, view: View): boolean {
    if (lane.state === 'loading') return true;
    if (lane.state === 'error') return hubNow() - lane.fetchedAt > EDGE_EVERY_MS;
    const now = hubNow();
    const wantedEnd = Math.min(viewEnd(view), now);
    const isOutside = view.from < lane.from || wantedEnd > lane.to + EDGE_EVERY_MS;
    const isCoarse = lane.to - lane.from > view.span * FINER * 3;
    const isEdgeOld = viewEnd(view) >= now && now - lane.fetchedAt > EDGE_EVERY_MS;
    return isOutside || isCoarse || isEdgeOld;
  }

  async #load(camera: string, view: View): Promise<void> {
    if (this.#loading.has(camera)) return;
    const abort = new AbortController();
    this.#loading.set(camera, abort);
    const from = Math.floor(view.from - view.span);
    const to = Math.ceil(Math.min(viewEnd(view) + view.span, hubNow()));
    try {
      this.#put(read(camera, await hub.timeline(camera, from, Math.max(to, from + 1), abort.signal), from, to));
    } catch {
      if (!abort.signal.aborted) this.#put({ ...(this.lane(camera) ?? blank(camera)), state: 'error', fetchedAt: hubNow() });
    } finally {
      this.#loading.delete(camera);
    }
  }

  #put(lane: Lane): void {
    this.rows.value = this.rows.peek().map((row) => (row.camera === lane.camera ? lane : row));
  }
}

// Footage is listed a little later than it is written.
const EDGE_MS = 15_000;

/** Whether there is footage at a time; null while that is not known. */
export function hasFootage(lane: Lane | undefined, at: number): boolean | null {
  if (!lane || lane.state !== 'ready' || at < lane.from) return null;
  if (rangeAt(lane.spans, at)) return true;
  const newest = lane.spans.at(-1)?.to ?? null;
  if (newest !== null && lane.to - newest < EDGE_MS && at >= newest && at <= newest + EDGE_MS) return true;
  return at <= lane.to ? false : null;
}

function blank(camera: string): Lane {
  return { camera, state: 'loading', from: 0, to: 0, fetchedAt: 0, spans: [], gaps: [], activities: [] };
}
