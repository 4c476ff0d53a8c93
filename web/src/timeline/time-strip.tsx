// The strip: a slider over time with one lane a camera. Painted on a canvas; operated by pointer and keys;
// read aloud as one value.

import { effect, type Signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';

import { hubNow, second } from '../state/clock.ts';
import { theme } from '../state/preferences.ts';
import { language, t, tCode } from '../text/text.ts';
import type { Playhead } from '../media/playhead.ts';
import { clockTime, shortDay } from '../time/show.ts';
import { SCALE_HEIGHT, drawStrip, stripHeight } from './draw.ts';
import { centred, following, rangeAt, xOf, type Range, type View } from './geometry.ts';
import type { Lane, Lanes } from './lanes.ts';
import { readPalette } from './palette.ts';
import { handlePointers } from './strip-pointer.ts';

const SMALL_STEP_MS = 5_000;
const LARGE_STEP_MS = 60_000;
const PAGE_SHARE = 0.5;

interface Properties {
  lanes: Lanes;
  nameOf: (camera: string) => string;
  playhead: Playhead;
  view: Signal<View>;
  isCentred: boolean;
  marks: Range | null;
  onScrub: (at: number) => void;
  onRelease: () => void;
  onLive: () => void;
  onMark: (side: 'from' | 'to', at: number) => void;
}

/** What a lane holds at a time, in words. */
export function stateAt(lane: Lane | undefined, at: number): string {
  if (!lane || lane.state === 'loading') return t('strip.loading');
  if (lane.state === 'error') return t('strip.error');
  if (rangeAt(lane.spans, at)) return t('strip.recorded');
  const gap = rangeAt(lane.gaps, at);
  if (gap) return t('strip.gap', { cause: tCode('cause', gap.cause) });
  return t('strip.nothing');
}

function useWidth(element: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

export function TimeStrip(properties: Properties) {
  const { lanes, nameOf, playhead, view, isCentred, marks } = properties;
  const slider = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(slider);
  const latest = useRef(properties);
  latest.current = properties;

  useEffect(() => {
    if (!slider.current) return undefined;
    return handlePointers(slider.current, {
      view,
      isCentred: () => latest.current.isCentred,
      playhead: () => playhead.at.peek(),
      onScrub: (at) => latest.current.onScrub(at),
      onRelease: () => latest.current.onRelease(),
      marks: () => latest.current.marks,
      onMark: (side, at) => latest.current.onMark(side, at),
    });
  }, [view, playhead]);

  // The view follows the playhead, and what the view needs is fetched.
  useEffect(() => effect(() => {
    const at = playhead.at.value;
    const next = latest.current.isCentred ? centred(at, view.peek().span) : following(view.peek(), at);
    if (!playhead.scrubbing.peek() && next.from !== view.peek().from) view.value = next;
  }), [playhead, view, isCentred]);
  useEffect(() => effect(() => {
    void second.value;
    lanes.need(view.value);
  }), [lanes, view]);

  useEffect(() => {
    let frame = 0;
    const stop = effect(() => {
      void [lanes.rows.value, view.value, second.value, theme.value, language.value];
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => paint(canvas.current, width, lanes.rows.peek(), view.peek(), marks));
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [width, marks, lanes, view]);

  const rows = lanes.rows.value;
  const at = playhead.at.value;
  const step = (ms: number): void => {
    properties.onScrub(Math.min(hubNow(), at + ms));
    properties.onRelease();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const size = event.shiftKey ? LARGE_STEP_MS : SMALL_STEP_MS;
    const page = view.value.span * PAGE_SHARE;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => step(-size),
      ArrowDown: () => step(-size),
      ArrowRight: () => step(size),
      ArrowUp: () => step(size),
      PageDown: () => step(-page),
      PageUp: () => step(page),
      Home: () => step(view.value.from - at),
      End: properties.onLive,
    };
    const action = steps[event.key];
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    action();
  };
  const x = isCentred ? width / 2 : xOf(view.value, width, at);
  const words = rows.map((row) => `${nameOf(row.camera)}: ${stateAt(row, at)}`).join(', ');
  return (
    <div class="strip" data-testid="strip">
      <div class="strip-names" aria-hidden="true">
        {rows.map((row) => (
          <span key={row.camera} dir="auto">
            {nameOf(row.camera)}
          </span>
        ))}
      </div>
      <div
        ref={slider}
        class="strip-slider"
        role="slider"
        tabIndex={0}
        aria-label={t('strip.label')}
        aria-orientation="horizontal"
        aria-valuemin={Math.round(view.value.from / 1000)}
        aria-valuemax={Math.round(Math.max(second.value, at) / 1000)}
        aria-valuenow={Math.round(at / 1000)}
        aria-valuetext={t('strip.value', { day: shortDay(at), time: clockTime(at), state: words })}
        data-testid="strip-slider"
        data-at={new Date(at).toISOString()}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} aria-hidden="true" style={{ height: `${stripHeight(rows.length)}px` }} />
        {x >= -1 && x <= width + 1 && (
          <div class="playhead" aria-hidden="true" style={{ transform: `translateX(${x}px)`, top: `${SCALE_HEIGHT - 8}px` }} />
        )}
      </div>
    </div>
  );
}

function paint(canvas: HTMLCanvasElement | null, width: number, rows: readonly Lane[], view: View, marks: Range | null): void {
  const context = canvas?.getContext('2d');
  if (!canvas || !context || width === 0) return;
  const ratio = devicePixelRatio;
  const height = stripHeight(rows.length);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawStrip({ context, width, view, palette: readPalette(canvas), now: hubNow() }, rows, marks);
}
