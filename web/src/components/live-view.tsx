// The picture of one camera as it is now, with its state, its age and why it is not there.

import { signal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';

import type { CameraStatus } from '../api/types.ts';
import { LivePlayer } from '../media/live-player.ts';
import { Stills } from '../media/stills.ts';
import { second } from '../state/clock.ts';
import { offline } from '../state/contact.ts';
import { closedBy } from '../state/privacy.ts';
import { t, tCode } from '../text/text.ts';
import { age, decimal, moment } from '../time/show.ts';
import { Icon } from './icon.tsx';

export type ViewState = 'connecting' | 'live' | 'live-only' | 'frozen' | 'reconnecting' | 'offline' | 'still' | 'codec' | 'busy' | 'privacy';

// No picture older than this is shown without saying so.
const OLD_MS = 10_000;

/** The truth about a picture: the privacy of the house first, then the camera's state, then the player's. */
export function viewState(camera: CameraStatus, player: LivePlayer['state']['value'], mode: 'live' | 'parked' | 'off', isClosed: boolean): ViewState {
  if (isClosed) return 'privacy';
  if (camera.state === 'offline' || camera.state === 'reconnecting') return camera.state;
  if (mode === 'parked') return 'still';
  if (camera.state === 'connecting' && player !== 'live') return 'connecting';
  if (player === 'live' && camera.record_mode === 'off') return 'live-only';
  return player;
}

interface Properties {
  camera: CameraStatus;
  /** `parked` shows a still now and then, `off` nothing new. */
  mode: 'live' | 'parked' | 'off';
  muted?: boolean;
  /** Says how far the picture is behind reality. */
  showsBehind?: boolean;
}

interface Parked {
  stills: Stills;
  at: Signal<number | null>;
}

function useParked(camera: string): Parked {
  return useMemo(() => {
    const at = signal<number | null>(null);
    return { at, stills: new Stills(camera, (time) => { at.value = time; }) };
  }, [camera]);
}

export function LiveView({ camera, mode, muted = true, showsBehind = false }: Properties) {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const player = useMemo(() => new LivePlayer(camera.id), [camera.id]);
  const parked = useParked(camera.id);
  const isGone = camera.state === 'offline' || camera.state === 'reconnecting';
  const closed = closedBy(camera);
  const isClosed = closed !== null;

  useEffect(() => {
    if (mode !== 'live' || isClosed || !video.current || !canvas.current) return undefined;
    player.start(video.current, canvas.current);
    return () => player.stop();
  }, [player, mode, isClosed]);
  useEffect(() => {
    // A camera that is not there has a last picture at most.
    if (isClosed || (mode !== 'parked' && !(mode === 'live' && isGone && player.frameAt.peek() === null))) return undefined;
    parked.stills.canvas = canvas.current;
    parked.stills.start(true);
    return () => parked.stills.stop();
  }, [parked, mode, isGone, isClosed]);

  const state = viewState(camera, player.state.value, mode, isClosed);
  // What was seen before is not shown while the house is private.
  const frameAt = isClosed ? null : player.frameAt.value ?? parked.at.value;
  const usesCanvas = mode === 'parked' || player.surface.value === 'canvas' || player.frameAt.value === null;
  const isVeiled = isGone || state === 'frozen' || offline.value;
  return (
    <div class={isVeiled ? 'live-view veiled' : 'live-view'} data-state={state} data-testid="live-view">
      <video ref={video} class={isClosed || (usesCanvas && frameAt !== null) ? 'hidden' : ''} muted={muted} playsInline tabIndex={-1} aria-hidden="true" />
      <canvas ref={canvas} class={usesCanvas && frameAt !== null ? '' : 'hidden'} aria-hidden="true" />
      {closed !== null && (
        <p class="picture-note picture-privacy strong">
          <Icon name="camera-off" />
          {t(`privacy.closed_by.${closed}`)}
        </p>
      )}
      {frameAt === null && !isClosed && <p class="picture-note">{isGone ? tCode('reason', camera.reason ?? 'unknown') : t('live.connecting')}</p>}
      {!isClosed && <PictureNote camera={camera} state={state} frameAt={frameAt} player={player} />}
      {showsBehind && !isClosed && <BehindLabel player={player} />}
    </div>
  );
}

/** Why the picture is not live, over the picture. */
function PictureNote({ camera, state, frameAt, player }: { camera: CameraStatus; state: ViewState; frameAt: number | null; player: LivePlayer }) {
  const now = second.value;
  const last = frameAt ?? (camera.last_frame_at ? Date.parse(camera.last_frame_at) : null);
  if (state === 'offline' || state === 'reconnecting') {
    const retry = camera.retry_at ? Math.max(0, Math.ceil((Date.parse(camera.retry_at) - now) / 1000)) : null;
    return (
      <div class="picture-note strong">
        <p>{last === null ? tCode('reason', camera.reason ?? 'unknown') : t('live.last', { time: moment(last, now), reason: tCode('reason', camera.reason ?? 'unknown') })}</p>
        {retry !== null && <p class="small">{t('live.retry_in', { n: retry })}</p>}
      </div>
    );
  }
  if (state === 'codec') return <p class="picture-foot">{t('live.codec', { codec: player.unplayable.value ?? '' })}</p>;
  if (state === 'frozen' && last !== null) return <p class="picture-note strong">{t('live.frozen', { age: age(now - last) })}</p>;
  if (state === 'still' && last !== null) return <p class="picture-foot">{t('live.still', { age: age(now - last) })}</p>;
  if (last !== null && now - last > OLD_MS) return <p class="picture-note strong">{t('live.old', { age: age(now - last) })}</p>;
  return null;
}

/** How far the picture is behind reality. */
function BehindLabel({ player }: { player: LivePlayer }) {
  const behind = player.behind.value;
  if (behind === null || player.state.value !== 'live') return null;
  return (
    <span class="behind" data-testid="behind">
      {t('live.behind', { s: decimal(behind, 1) })}
    </span>
  );
}
