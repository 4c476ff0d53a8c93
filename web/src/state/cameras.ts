// What is known about the cameras: fetched once, then kept by the stream of states.

import { computed, signal } from '@preact/signals';

import { hub } from '../api/hub.ts';
import type { CameraStatus } from '../api/types.ts';
import { hubNow } from './clock.ts';
import { closedBy } from './privacy.ts';

/** Null until the hub answered for the first time. */
export const cameras = signal<CameraStatus[] | null>(null);
/** When the hub told the states last. */
export const camerasAt = signal<number | null>(null);
export const camerasFailed = signal(false);

/** Where cameras that send in the clear would send encrypted, as far as they were asked since the page was opened. */
export const encryptedOffers = signal<ReadonlyMap<string, string>>(new Map());

export function keepOffer(id: string, url: string): void {
  encryptedOffers.value = new Map(encryptedOffers.value).set(id, url);
}

export const cameraNamed = (id: string): CameraStatus | undefined => cameras.value?.find((camera) => camera.id === id);

export async function loadCameras(): Promise<void> {
  camerasFailed.value = false;
  try {
    cameras.value = (await hub.cameras()).cameras;
    camerasAt.value = hubNow();
  } catch {
    camerasFailed.value = cameras.value === null;
  }
}

/** How many record, of those that should record now: not those that are closed for privacy. Event mode is armed, not recording, and counts as set. */
export const recording = computed(() => {
  const due = (cameras.value ?? []).filter((camera) => camera.record_mode !== 'off' && closedBy(camera) === null);
  return { done: due.filter(recordsAsSet).length, of: due.length };
});

export function recordsAsSet(camera: CameraStatus): boolean {
  if (camera.record_mode === 'off' || closedBy(camera) !== null) return true;
  return camera.state === 'live' && (camera.record_mode === 'event' || camera.recording);
}

export const watchers = computed(() => (cameras.value ?? []).reduce((sum, camera) => sum + camera.watchers, 0));
