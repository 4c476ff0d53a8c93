// The privacy of the whole house as the hub tells it, and what it means for a camera.

import { computed, signal } from '@preact/signals';

import { privacy as api, type HousePrivacy } from '../api/privacy.ts';
import { isMissing, learned } from './devices.ts';

/** Null until the hub said so, or if it has no such switch. */
export const housePrivacy = signal<HousePrivacy | null>(null);

const closed = computed(() => new Map((housePrivacy.value?.cameras ?? []).filter((row) => row.result === 'closed').map((row) => [row.camera, row.how])));

/** How a camera is closed, or null if it is not. */
export const closedBy = (camera: string): 'lens' | 'hub' | null => closed.value.get(camera) ?? null;

export async function loadPrivacy(): Promise<void> {
  try {
    housePrivacy.value = await api.get();
    learned('privacy', 'there');
  } catch (error) {
    // What was known stays; without contact the page says so by itself.
    if (isMissing(error)) learned('privacy', 'missing');
  }
}
