// Why a camera has nothing at a time although nothing went wrong.

import type { CameraStatus } from '../api/types.ts';
import { t } from '../text/text.ts';

export function emptyHint(camera: CameraStatus): string | null {
  if (camera.record_mode === 'event') return t('recorded.event_mode');
  if (camera.record_mode === 'off') return t('recorded.off_mode');
  return null;
}
