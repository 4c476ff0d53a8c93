// Keeps devices and the privacy of the house as the stream of facts tells them: asked once after sign-in, and again
// where a fact does not say enough.

import { effect, untracked } from '@preact/signals';

import { hubNow, second } from './clock.ts';
import { missed, onEvent, onMeasured } from './contact.ts';
import { measured, patched } from './device-patch.ts';
import { devices, learned, loadDevices, presence } from './devices.ts';
import { housePrivacy, loadPrivacy } from './privacy.ts';
import { isReady, mayAs } from './session.ts';

// Pictures come first.
const FIRST_MS = 800;
// Facts often come in a row; one question answers them all.
const TOGETHER_MS = 250;
// The hub ends the privacy by itself; it may take it a moment.
const AFTER_END_MS = 1_500;

let asking: ReturnType<typeof setTimeout> | undefined;

function askSoon(): void {
  clearTimeout(asking);
  asking = setTimeout(() => void loadDevices(), TOGETHER_MS);
}

function begin(): void {
  // Guests have no devices; that a camera is closed, they see on it.
  if (!mayAs('viewer')) return;
  if (presence.peek().privacy !== 'missing') void loadPrivacy();
  if (presence.peek().devices !== 'missing') void loadDevices();
}

function forget(): void {
  devices.value = null;
  housePrivacy.value = null;
  for (const part of ['devices', 'energy', 'climate', 'privacy'] as const) learned(part, 'asking');
}

/** Begins to listen; once. */
export function startDevices(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const isIn = isReady.value;
    void missed.value;
    clearTimeout(timer);
    untracked(() => {
      if (!isIn) forget();
      else timer = setTimeout(begin, FIRST_MS);
    });
  });
  onEvent((event) => {
    if (event.kind === 'house_privacy_changed' && mayAs('viewer')) void loadPrivacy();
    if (!event.kind.startsWith('device_') || devices.peek() === null) return;
    const next = patched(devices.peek() ?? [], event);
    if (next) devices.value = next;
    else askSoon();
  });
  onMeasured(({ device, readings }) => {
    if (devices.peek() !== null) devices.value = measured(devices.peek() ?? [], device, readings, new Date(hubNow()).toISOString());
  });
  let asked = '';
  effect(() => {
    const { until = null } = housePrivacy.value ?? {};
    if (until === null || until === asked || second.value < Date.parse(until) + AFTER_END_MS) return;
    asked = until;
    untracked(() => void loadPrivacy());
  });
}
