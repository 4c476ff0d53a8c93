// How a camera records, in words with a shape: never by colour alone.

import type { CameraStatus } from '../api/types.ts';
import { recordsAsSet } from '../state/cameras.ts';
import { closedBy } from '../state/privacy.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';

export type RecordState = 'recording' | 'armed' | 'live-only' | 'privacy' | 'stopped';

export function recordState(camera: CameraStatus): RecordState {
  if (closedBy(camera) !== null) return 'privacy';
  if (camera.record_mode === 'off') return 'live-only';
  if (!recordsAsSet(camera)) return 'stopped';
  return camera.recording ? 'recording' : 'armed';
}

export function recordText(camera: CameraStatus): string {
  const words = { recording: t('record.recording'), armed: t('record.armed'), 'live-only': t('record.live_only'), privacy: t('record.privacy'), stopped: t('record.stopped') };
  return words[recordState(camera)];
}

export function RecordBadge({ camera }: { camera: CameraStatus }) {
  const state = recordState(camera);
  return (
    <span class={`badge record-${state}`} data-testid="record-badge" data-state={state}>
      {state === 'recording' && <span class="dot" />}
      {state === 'armed' && <span class="ring" />}
      {state === 'live-only' && <Icon name="circle-slash" size={12} />}
      {state === 'privacy' && <Icon name="camera-off" size={12} />}
      {state === 'stopped' && <Icon name="triangle-alert" size={12} />}
      {recordText(camera)}
    </span>
  );
}
