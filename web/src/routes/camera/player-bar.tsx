// The buttons under a camera's picture.

import type { RefObject } from 'preact';

import type { CameraStatus } from '../../api/types.ts';
import { AnswerMenu } from '../../components/answer-menu.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { TalkButton } from '../../components/talk-button.tsx';
import { hubNow } from '../../state/clock.ts';
import { mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { clockTime } from '../../time/show.ts';
import type { TimelineState } from '../../timeline/use-timeline.ts';
import { holdMoment, snapshotOf } from './player-actions.ts';

interface Properties {
  camera: CameraStatus;
  line: TimelineState;
  isLive: boolean;
  isMuted: boolean;
  setMuted: (muted: boolean) => void;
  toLive: () => void;
  toPast: () => void;
  stage: RefObject<HTMLDivElement | null>;
  mayPlay: boolean;
}

const PICTURE_IN_PICTURE = 'pictureInPictureEnabled' in document && document.pictureInPictureEnabled;

export function PlayerBar({ camera, line, isLive, isMuted, setMuted, toLive, toPast, stage, mayPlay }: Properties) {
  const isPlaying = line.playhead.playing.value;
  const visibleVideo = (): HTMLVideoElement | null => stage.current?.querySelector('video:not(.hidden)') ?? null;
  return (
    <div class="player-bar" role="toolbar" aria-label={t('camera.controls')}>
      {mayPlay && !isLive && (
        <button type="button" class="icon-button" data-testid="play" aria-label={isPlaying ? t('transport.pause') : t('transport.play')} title={`${isPlaying ? t('transport.pause') : t('transport.play')} (K)`} onClick={() => { toPast(); line.playhead.toggle(); }}>
          <Icon name={isPlaying ? 'pause' : 'play'} />
        </button>
      )}
      <button type="button" class={isLive ? 'button live-button is-live' : 'button live-button'} aria-pressed={isLive} title={`${t('transport.live')} (End)`} onClick={toLive}>
        <span class="dot" />
        {isLive ? t('camera.live') : t('camera.to_live')}
      </button>
      {!isLive && <span class="tabular strong">{clockTime(line.playhead.at.value)}</span>}
      <span class="spacer" />
      {isLive && <TalkButton camera={camera.id} />}
      {isLive && <AnswerMenu camera={camera.id} />}
      {camera.audio_codec && (
        <button type="button" class="icon-button" aria-label={isMuted ? t('camera.unmute') : t('camera.mute')} title={`${isMuted ? t('camera.unmute') : t('camera.mute')} (M)`} onClick={() => setMuted(!isMuted)}>
          <Icon name={isMuted ? 'volume-x' : 'volume-2'} />
        </button>
      )}
      <a class="icon-button" href={snapshotOf(camera)} download={`${camera.name}.jpg`} aria-label={t('camera.snapshot')} title={t('camera.snapshot')}>
        <Icon name="camera" />
      </a>
      {mayAs('operator') && (
        <HubButton onClick={() => void holdMoment(camera, isLive ? hubNow() : line.playhead.now())} title={`${t('camera.hold')} (B)`} testid="hold">
          <Icon name="shield-check" />
          <span class="wide-only">{t('camera.hold')}</span>
        </HubButton>
      )}
      {mayPlay && (
        <a class="icon-button" href={`/timeline?c=${camera.id}${isLive ? '' : `&t=${new Date(line.playhead.at.value).toISOString()}`}`} aria-label={t('clip.timeline')} title={t('clip.timeline')}>
          <Icon name="history" />
        </a>
      )}
      {PICTURE_IN_PICTURE && (
        <button type="button" class="icon-button wide-only" aria-label={t('camera.pip')} title={t('camera.pip')} onClick={() => void visibleVideo()?.requestPictureInPicture().catch(() => undefined)}>
          <Icon name="picture-in-picture-2" />
        </button>
      )}
      <button type="button" class="icon-button" aria-label={t('camera.full')} title={`${t('camera.full')} (F)`} onClick={() => void stage.current?.requestFullscreen()}>
        <Icon name="maximize" />
      </button>
    </div>
  );
}
