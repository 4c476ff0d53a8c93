// The stream of facts and states from the hub: kept open, resumed after a loss, and the source of the
// knowledge whether the hub is there at all.

import { batch, computed, signal } from '@preact/signals';

import type { Reading } from '../api/devices.ts';
import { hub } from '../api/hub.ts';
import { ApiError } from '../api/request.ts';
import { openEvents } from '../api/streams.ts';
import type { CameraStatus, EventView } from '../api/types.ts';
import { cameras, camerasAt } from './cameras.ts';
import { hubNow, second } from './clock.ts';
import { retryWait } from './reconnect.ts';
import { sessionState, startSession } from './session.ts';

// The hub sends its state every 5 s; two missed ones and a margin.
const SILENCE_MS = 12_000;
// A short loss is not worth a word.
const BAND_AFTER_MS = 3_000;

/** Since when nothing is heard, and when the next try is; null while the stream is open. */
export const lost = signal<{ since: number; retryAt: number } | null>(null);
export const offline = computed(() => lost.value !== null && second.value - lost.value.since >= BAND_AFTER_MS);
/** Grows when facts were missed for good, so that pages fetch again. */
export const missed = signal(0);

type Listener = (event: EventView) => void;
const listeners = new Set<Listener>();

/** What a device measured just now; told as it happens, and no fact that is kept. */
export interface Measured {
  device: string;
  readings: Reading[];
}
const measuring = new Set<(told: Measured) => void>();

/** Calls back for every measurement that arrives; returns how to stop. */
export function onMeasured(listener: (told: Measured) => void): () => void {
  measuring.add(listener);
  return () => measuring.delete(listener);
}

let stream: EventSource | null = null;
let attempt = 0;
let lastSeq: number | null = null;
let heardAt = 0;
let retryTimer: ReturnType<typeof setTimeout> | undefined;

/** Calls back for every fact that arrives; returns how to stop. */
export function onEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function heard(): void {
  heardAt = Date.now();
  attempt = 0;
  if (lost.value) lost.value = null;
}

function lose(): void {
  stream?.close();
  stream = null;
  clearTimeout(retryTimer);
  if (sessionState.value !== 'in') return;
  const wait = retryWait(attempt, Math.random());
  attempt += 1;
  lost.value = { since: lost.value?.since ?? hubNow(), retryAt: hubNow() + wait };
  retryTimer = setTimeout(() => void retry(), wait);
}

/** A closed stream does not say why: the session may have ended meanwhile. */
async function retry(): Promise<void> {
  try {
    await hub.cameras();
    open();
    // Nothing to resume after: whatever happened meanwhile is only in a fresh list.
    if (lastSeq === null) missed.value += 1;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) lose();
  }
}

/** Tries at once instead of at the announced time. */
export function retryNow(): void {
  attempt = 0;
  clearTimeout(retryTimer);
  if (sessionState.value === 'in') void retry();
  else void startSession();
}

function open(): void {
  const source = openEvents(lastSeq);
  stream = source;
  heardAt = Date.now();
  source.addEventListener('open', heard);
  source.addEventListener('error', () => {
    if (stream === source) lose();
  });
  source.addEventListener('status', (message: MessageEvent<string>) => {
    heard();
    const { cameras: list } = JSON.parse(message.data) as { cameras: CameraStatus[] };
    batch(() => {
      cameras.value = list;
      camerasAt.value = hubNow();
    });
  });
  source.addEventListener('event', (message: MessageEvent<string>) => {
    heard();
    const event = JSON.parse(message.data) as EventView;
    lastSeq = event.seq;
    for (const listener of listeners) listener(event);
  });
  source.addEventListener('device_reading', (message: MessageEvent<string>) => {
    heard();
    const told = JSON.parse(message.data) as Measured;
    for (const listener of measuring) listener(told);
  });
  source.addEventListener('gone', () => {
    heard();
    lastSeq = null;
    missed.value += 1;
  });
}

/** Opens the stream for the signed-in person. */
export function startContact(): void {
  stopContact();
  open();
}

export function stopContact(): void {
  clearTimeout(retryTimer);
  stream?.close();
  stream = null;
  lost.value = null;
  attempt = 0;
  lastSeq = null;
}

// The device lost or found its network: no need to wait for silence or the next try.
addEventListener('offline', () => {
  if (stream) lose();
});
addEventListener('online', () => {
  if (lost.value) retryNow();
});

setInterval(() => {
  if (stream && Date.now() - heardAt > SILENCE_MS) lose();
}, 1000);
