// What the buttons under the picture do outside the page: keep a moment, save a picture.

import { hub, snapshotAddress } from '../../api/hub.ts';
import type { CameraStatus } from '../../api/types.ts';
import { failed, succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { clockTime } from '../../time/show.ts';

const HOLD_BEFORE_MS = 15_000;
const HOLD_AFTER_MS = 15_000;

/** Protects 30 s around a moment from being erased. */
export async function holdMoment(camera: CameraStatus, at: number): Promise<void> {
  try {
    await hub.hold(camera.id, at - HOLD_BEFORE_MS, at + HOLD_AFTER_MS, t('hold.reason'));
    succeeded(t('hold.done', { camera: camera.name, time: clockTime(at) }));
  } catch (error) {
    failed(t('hold.failed'), error);
  }
}

/** Where the newest picture can be saved from. */
export const snapshotOf = (camera: CameraStatus): string => snapshotAddress(camera.id);
