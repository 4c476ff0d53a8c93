// The recorded picture of one camera at the playhead: key frames while it is dragged or stands, video while it runs.

import { effect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';

import { ClipPlayer } from '../media/clip-player.ts';
import type { Playhead } from '../media/playhead.ts';
import { Scrubber } from '../media/scrubber.ts';
import { hubNow } from '../state/clock.ts';
import { t, tCode } from '../text/text.ts';
import { clockTime, hourMinute } from '../time/show.ts';
import { rangeAt } from './geometry.ts';
import { hasFootage, type Lanes } from './lanes.ts';

// A frame further away than this is labelled with its own time.
const TRUE_TIME_MS = 1_000;

export type RecordedState = 'loading' | 'frame' | 'playing' | 'gap' | 'error' | 'codec';

interface Properties {
  camera: string;
  name: string;
  lanes: Lanes;
  /** Why there may be nothing although nothing is wrong. */
  emptyHint: string | null;
  playhead: Playhead;
  muted: boolean;
}

export function RecordedView({ camera, name, lanes, emptyHint, playhead, muted }: Properties) {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const clip = useMemo(() => new ClipPlayer(camera, playhead, hubNow, (time) => hasFootage(lanes.peek(camera), time)), [camera, playhead, lanes]);
  const scrubber = useMemo(() => new Scrubber(camera), [camera]);
  useEffect(() => {
    if (video.current) clip.open(video.current);
    return () => clip.close();
  }, [clip]);
  useEffect(() => {
    scrubber.canvas = canvas.current;
    const stop = effect(() => {
      // While it plays, the video shows the time; the last key frame waits underneath.
      const isStill = !playhead.playing.value || playhead.scrubbing.value;
      if (isStill && hasFootage(lanes.lane(camera), playhead.at.value)) scrubber.show(playhead.at.value);
    });
    return () => {
      stop();
      scrubber.close();
    };
  }, [scrubber, playhead, lanes]);

  const runs = playhead.playing.value && !playhead.scrubbing.value;
  const at = playhead.at.value;
  const lane = lanes.lane(camera);
  const gap = lane && rangeAt(lane.gaps, at);
  const isEmpty = hasFootage(lane, at) === false || (runs ? clip.state.value === 'gap' : scrubber.isEmpty.value);
  const frameAt = scrubber.frameAt.value;
  const showsVideo = runs && clip.state.value === 'playing';
  const state = stateOf(isEmpty, runs, clip.state.value, frameAt, scrubber.failed.value);
  const isOff = !runs && frameAt !== null && Math.abs(at - frameAt) > TRUE_TIME_MS;
  return (
    <figure class="recorded" data-testid="recorded" data-camera={name} data-state={state} data-frame-at={frameAt === null ? '' : new Date(frameAt).toISOString()}>
      <video ref={video} class={showsVideo ? '' : 'hidden'} muted={muted} playsInline tabIndex={-1} aria-hidden="true" />
      <canvas ref={canvas} class={frameAt === null || showsVideo ? 'hidden' : ''} aria-hidden="true" />
      {isEmpty && (
        <div class="picture-note strong">
          <p>{t('recorded.none')}</p>
          {gap && (
            <p class="small">
              {hourMinute(gap.from)}–{gap.to === null ? t('event.now') : hourMinute(gap.to)}, {tCode('cause', gap.cause)}
            </p>
          )}
          {!gap && emptyHint && <p class="small">{emptyHint}</p>}
        </div>
      )}
      {!isEmpty && state === 'loading' && frameAt === null && <p class="picture-note">{t('recorded.loading')}</p>}
      {(state === 'error' || state === 'codec') && <p class="picture-note strong">{state === 'codec' ? t('recorded.codec') : t('recorded.error')}</p>}
      <figcaption class="recorded-bar">
        <span class="strong" dir="auto">
          {name}
        </span>
        <span class="tabular">{isOff && !isEmpty ? t('recorded.frame_at', { time: clockTime(frameAt) }) : clockTime(at)}</span>
      </figcaption>
    </figure>
  );
}

function stateOf(isEmpty: boolean, runs: boolean, clip: ClipPlayer['state']['value'], frameAt: number | null, failed: boolean): RecordedState {
  if (isEmpty) return 'gap';
  if (runs) {
    if (clip === 'playing' || clip === 'error' || clip === 'codec') return clip;
    return 'loading';
  }
  if (failed) return 'error';
  return frameAt === null ? 'loading' : 'frame';
}
