// The state of a strip with its pictures: playhead, view, lanes, marks and what buttons and keys do to them.

import { signal, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

import { Playhead, SPEEDS } from '../media/playhead.ts';
import { hubNow } from '../state/clock.ts';
import type { KeyMap } from '../state/keys.ts';
import { onEvent } from '../state/contact.ts';
import { centred, following, neighbour, notBeyond, rangeAt, stepZoom, zoomAround, type Range, type View } from './geometry.ts';
import { Lanes, type Activity } from './lanes.ts';
import type { TransportActions } from './transport.tsx';

const STEP_MS = 5_000;
const BIG_STEP_MS = 60_000;
const BACK_MS = 10_000;
// One frame of a usual camera; the picture itself decides which one that is.
const FRAME_MS = 1000 / 15;
const DAY_MS = 86_400_000;
const FIT_MARGIN = 0.15;
// The newest second is still being written.
const EDGE_MS = 1_500;
// Playing stays this far behind, so that a clip has something to load.
const PLAY_EDGE_MS = 10_000;

export interface TimelineState {
  playhead: Playhead;
  view: Signal<View>;
  lanes: Lanes;
  marks: Signal<Range | null>;
  skipGaps: Signal<boolean>;
  actions: TransportActions;
  /** Moves the playhead and shows it. */
  goTo: (at: number) => void;
  scrub: (at: number) => void;
  release: () => void;
  mark: (side: 'from' | 'to') => void;
  /** Moves one end of the marked range to a time. */
  moveMark: (side: 'from' | 'to', at: number) => void;
  activities: () => (Activity & { camera: string })[];
  keys: KeyMap;
}

interface Start {
  at: number;
  span: number;
  cameras: readonly string[];
  isCentred: () => boolean;
}

export function useTimeline(start: Start): TimelineState {
  const state = useMemo(() => build(start), []);
  useEffect(() => state.lanes.setCameras(start.cameras), [start.cameras.join()]);
  useEffect(() => onEvent((event) => {
    if (event.camera && state.lanes.lane(event.camera)) state.lanes.need(state.view.peek(), true);
  }), [state]);
  useEffect(() => () => {
    state.playhead.close();
    state.lanes.close();
  }, [state]);
  return state;
}

/** Where recorded time goes on after a hole in all lanes. */
function afterGap(lanes: Lanes, at: number): number {
  const ready = lanes.rows.peek().filter((row) => row.state === 'ready' && at >= row.from && at < row.to);
  if (ready.length === 0 || ready.length < lanes.rows.peek().length) return at;
  if (ready.some((row) => rangeAt(row.spans, at))) return at;
  const next = neighbour(ready.flatMap((row) => row.spans.map((span) => span.from)), at, 1);
  return next ?? at;
}

function build({ at, span, cameras, isCentred }: Start): TimelineState {
  const lanes = new Lanes(cameras);
  const skipGaps = signal(true);
  const view = signal<View>(isCentred() ? centred(at, span) : notBeyond(centred(at, span), hubNow()));
  const marks = signal<Range | null>(null);
  const playhead = new Playhead(at, (time) => {
    const edge = hubNow() - PLAY_EDGE_MS;
    if (time >= edge) return edge;
    return skipGaps.peek() ? afterGap(lanes, time) : time;
  });

  const goTo = (time: number): void => {
    const bounded = Math.min(time, hubNow() - EDGE_MS);
    playhead.jump(bounded);
    view.value = isCentred() ? centred(bounded, view.value.span) : notBeyond(following(view.value, bounded), hubNow());
    if (!isCentred() && (bounded < view.value.from || bounded > view.value.from + view.value.span)) view.value = centred(bounded, view.value.span);
  };
  const move = (ms: number): void => goTo(playhead.now() + ms);
  const zoomTo = (wanted: number): void => {
    view.value = notBeyond(zoomAround(view.value, playhead.at.value, wanted), hubNow());
  };
  const activities = (): (Activity & { camera: string })[] =>
    lanes.rows.value.flatMap((row) => row.activities.map((activity) => ({ ...activity, camera: row.camera }))).sort((a, b) => b.from - a.from);
  const toNeighbour = (step: 1 | -1): void => {
    const found = neighbour(activities().map((row) => row.from), playhead.now(), step);
    if (found !== null) goTo(found);
  };
  const fit = (): void => {
    const current = activities().find((row) => row.from <= playhead.at.value && playhead.at.value <= (row.to ?? hubNow()));
    if (!current) {
      zoomTo(DAY_MS);
      return;
    }
    const length = (current.to ?? hubNow()) - current.from;
    view.value = { from: current.from - length * FIT_MARGIN, span: Math.max(20_000, length * (1 + 2 * FIT_MARGIN)) };
  };
  const actions: TransportActions = {
    previous: () => toNeighbour(-1),
    next: () => toNeighbour(1),
    back: () => move(-BACK_MS),
    forward: () => move(STEP_MS),
    faster: () => playhead.setSpeed(SPEEDS.find((speed) => speed > playhead.speed.value) ?? SPEEDS[0]),
    zoom: (step) => zoomTo(stepZoom(view.value.span, step)),
    fit,
    live: () => goTo(hubNow()),
  };
  const mark = (side: 'from' | 'to'): void => {
    const time = playhead.now();
    const before = marks.value ?? { from: time - STEP_MS, to: time + STEP_MS };
    const next = { ...before, [side]: time };
    const other = side === 'from' ? { from: time, to: time + BIG_STEP_MS } : { from: time - BIG_STEP_MS, to: time };
    marks.value = next.from < next.to ? next : other;
  };
  return {
    playhead, view, lanes, marks, skipGaps, actions, goTo, mark, activities,
    moveMark: (side, time) => {
      const range = marks.value;
      if (range && (side === 'from' ? time < range.to : time > range.from)) marks.value = { ...range, [side]: Math.min(time, hubNow()) };
    },
    scrub: (time) => {
      playhead.scrubbing.value = true;
      playhead.jump(time);
    },
    release: () => {
      playhead.scrubbing.value = false;
    },
    keys: {
      Space: () => playhead.toggle(),
      k: () => playhead.toggle(),
      j: actions.back,
      l: actions.faster,
      n: actions.next,
      p: actions.previous,
      ArrowLeft: () => move(-STEP_MS),
      ArrowRight: () => move(STEP_MS),
      'Shift+ArrowLeft': () => move(-BIG_STEP_MS),
      'Shift+ArrowRight': () => move(BIG_STEP_MS),
      ',': () => move(-FRAME_MS),
      '.': () => move(FRAME_MS),
      '+': () => actions.zoom(1),
      '=': () => actions.zoom(1),
      '-': () => actions.zoom(-1),
      '0': fit,
      '[': () => mark('from'),
      ']': () => mark('to'),
      End: actions.live,
    },
  };
}
