// The privacy of the whole house as the hub tells it, and what it means for a camera.

import { computed, signal } from '@preact/signals';

import { privacy as api, type CameraPrivacy, type HousePrivacy } from '../api/privacy.ts';
import type { CameraStatus } from '../api/types.ts';
import { isMissing, learned } from './devices.ts';

/** Null until the hub said so, or if it has no such switch. */
export const housePrivacy = signal<HousePrivacy | null>(null);

/** A lens that did not follow leaves the hub, which has let go of the stream anyway. */
function howClosed({ how, result }: CameraPrivacy, isOn: boolean): 'lens' | 'hub' | null {
  if (result === 'closed') return how;
  return isOn && result === 'failed' && how === 'lens' ? 'hub' : null;
}

const closed = computed(() => new Map((housePrivacy.value?.cameras ?? []).map((row) => [row.camera, howClosed(row, housePrivacy.value?.is_on === true)])));

/** How a camera is closed, or null if it is not. A guest knows it from the camera alone. */
export const closedBy = (camera: Pick<CameraStatus, 'id' | 'reason'>): 'lens' | 'hub' | null => closed.value.get(camera.id) ?? (camera.reason === 'privacy' ? 'hub' : null);

export async function loadPrivacy(): Promise<void> {
  try {
    housePrivacy.value = await api.get();
    learned('privacy', 'there');
  } catch (error) {
    // What was known stays; without contact the page says so by itself.
    if (isMissing(error)) learned('privacy', 'missing');
  }
}
