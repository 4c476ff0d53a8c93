// Play, steps, speed, gaps, zoom and the way back to now: every key of the player as a button.

import type { Signal } from '@preact/signals';

import { Icon } from '../components/icon.tsx';
import { SPEEDS, type Playhead } from '../media/playhead.ts';
import { t } from '../text/text.ts';
import { nearestZoom, type View } from './geometry.ts';

export interface TransportActions {
  previous: () => void;
  next: () => void;
  back: () => void;
  forward: () => void;
  faster: () => void;
  zoom: (step: 1 | -1) => void;
  fit: () => void;
  live: () => void;
}

interface Properties {
  playhead: Playhead;
  view: Signal<View>;
  actions: TransportActions;
  skipGaps: Signal<boolean>;
}

export function Transport({ playhead, view, actions, skipGaps }: Properties) {
  const isPlaying = playhead.playing.value;
  return (
    <div class="transport" role="group" aria-label={t('transport.label')}>
      <div class="transport-group">
        <IconButton icon="skip-back" label={t('transport.previous')} shortcut="P" onClick={actions.previous} />
        <IconButton icon="chevron-left" label={t('transport.back')} shortcut="J" onClick={actions.back} />
        <button
          type="button"
          class="icon-button icon-button-primary"
          aria-label={isPlaying ? t('transport.pause') : t('transport.play')}
          title={`${isPlaying ? t('transport.pause') : t('transport.play')} (K)`}
          data-testid="play"
          onClick={() => playhead.toggle()}
        >
          <Icon name={isPlaying ? 'pause' : 'play'} />
        </button>
        <IconButton icon="chevron-right" label={t('transport.forward')} shortcut="→" onClick={actions.forward} />
        <IconButton icon="skip-forward" label={t('transport.next')} shortcut="N" onClick={actions.next} />
      </div>
      <div class="transport-group">
        <label class="visually-hidden" for="speed">
          {t('transport.speed')}
        </label>
        <select id="speed" class="small-select tabular" title={`${t('transport.speed')} (L)`} value={String(playhead.speed.value)} onChange={(event) => playhead.setSpeed(Number(event.currentTarget.value))}>
          {SPEEDS.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed}×
            </option>
          ))}
        </select>
        <button type="button" class="button button-quiet" aria-pressed={skipGaps.value} onClick={() => { skipGaps.value = !skipGaps.value; }}>
          {t('transport.skip_gaps')}
        </button>
      </div>
      <div class="transport-group transport-end">
        <IconButton icon="minus" label={t('transport.zoom_out')} shortcut="-" onClick={() => actions.zoom(-1)} />
        <span class="zoom-name tabular" data-testid="zoom" data-zoom={nearestZoom(view.value.span).name}>
          {t(`zoom.${nearestZoom(view.value.span).name}`)}
        </span>
        <IconButton icon="plus" label={t('transport.zoom_in')} shortcut="+" onClick={() => actions.zoom(1)} />
        <button type="button" class="button button-quiet" title={`${t('transport.fit')} (0)`} onClick={actions.fit}>
          {t('transport.fit')}
        </button>
        <button type="button" class="button button-quiet" title={`${t('transport.live')} (End)`} data-testid="to-live" onClick={actions.live}>
          {t('transport.live')}
        </button>
      </div>
    </div>
  );
}

function IconButton({ icon, label, shortcut, onClick }: { icon: Parameters<typeof Icon>[0]['name']; label: string; shortcut: string; onClick: () => void }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={`${label} (${shortcut})`} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
