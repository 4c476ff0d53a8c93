// What is known about the devices: fetched once, then kept by the stream of facts. A hub of an older version has none,
// and says so with 404.

import { signal } from '@preact/signals';

import { devices as api, type ControlValue, type Device } from '../api/devices.ts';
import { ApiError } from '../api/request.ts';
import { withValue } from './device-patch.ts';
import { hubNow } from './clock.ts';

/** `refused`: the hub has it, and not for this account. */
export type Presence = 'asking' | 'there' | 'missing' | 'refused';

/** Null until the hub answered for the first time. */
export const devices = signal<Device[] | null>(null);
export const devicesError = signal<unknown>(null);
/** Which parts of the contract this hub has. */
export const presence = signal<Record<'devices' | 'energy' | 'climate' | 'privacy' | 'visits' | 'alarm' | 'assistant' | 'review', Presence>>({ devices: 'asking', energy: 'asking', climate: 'asking', privacy: 'asking', visits: 'asking', alarm: 'asking', assistant: 'asking', review: 'asking' });

export type HubPart = keyof typeof presence.value;

export function learned(part: HubPart, now: Presence): void {
  if (presence.peek()[part] !== now) presence.value = { ...presence.peek(), [part]: now };
}

/** Learns from a failure whether the hub has the part, and has it for this account. */
export function learnedFrom(part: HubPart, error: unknown): void {
  if (isMissing(error)) learned(part, 'missing');
  else if (error instanceof ApiError && error.status === 403) learned(part, 'refused');
}

/** What an error says about whether the hub has the part at all. */
export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

export const deviceOf = (id: string): Device | undefined => devices.value?.find((device) => device.id === id);

export async function loadDevices(): Promise<void> {
  try {
    devices.value = await api.list();
    devicesError.value = null;
    learned('devices', 'there');
  } catch (error) {
    devicesError.value = error;
    if (isMissing(error)) learned('devices', 'missing');
    else if (error instanceof ApiError && error.status > 0) learned('devices', 'there');
  }
}

/** Takes over what the hub says of one device. */
export function keepDevice(device: Device): void {
  const list = devices.peek() ?? [];
  devices.value = list.some((one) => one.id === device.id) ? list.map((one) => (one.id === device.id ? device : one)) : [...list, device];
}

export function dropDevice(id: string): void {
  devices.value = devices.peek()?.filter((device) => device.id !== id) ?? null;
}

/** What a device acknowledged. */
export function acknowledged(id: string, key: string, value: ControlValue | null, asOf: string | null | undefined): void {
  const device = devices.peek()?.find((one) => one.id === id);
  if (!device) return;
  const at = asOf ?? new Date(hubNow()).toISOString();
  keepDevice({ ...device, answered_at: at, controls: device.controls.map((control) => (control.key === key ? withValue(control, value, at) : control)) });
}

/** Asks the hub for one device again, after something failed. */
export const askAgain = (id: string): Promise<void> => api.get(id).then(keepDevice, () => undefined);
