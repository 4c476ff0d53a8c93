// How facts about devices change the list that was fetched before. Pure.

import type { Control, ControlValue, Device, DeviceState } from '../api/devices.ts';
import type { EventView } from '../api/types.ts';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const isValue = (value: unknown): value is ControlValue => ['boolean', 'number', 'string'].includes(typeof value);
const later = (a: string | null, b: string): string => (a !== null && Date.parse(a) > Date.parse(b) ? a : b);

/** A control with the value that the device acknowledged, unless it is of another kind than the control's. */
export function withValue(control: Control, value: ControlValue | null, asOf: string): Control {
  if (control.kind === 'action') return control;
  if (control.kind === 'toggle') return typeof value === 'boolean' ? { ...control, value, as_of: asOf } : control;
  if (control.kind === 'level') return typeof value === 'number' ? { ...control, value, as_of: asOf } : control;
  return typeof value === 'string' ? { ...control, value, as_of: asOf } : control;
}

function changed(device: Device, event: EventView): Device | null {
  const { kind, at, detail } = event;
  const key = text(detail['key']);
  const value = detail['value'];
  if (kind === 'device_state_changed') {
    const state = text(detail['state']) as DeviceState | null;
    return state && { ...device, state, reason: text(detail['reason']), since: at, answered_at: state === 'answering' ? later(device.answered_at, at) : device.answered_at };
  }
  if (key === null || !isValue(value)) return null;
  const heard = { ...device, answered_at: later(device.answered_at, at) };
  if (kind === 'device_control_changed' && device.controls.some((control) => control.key === key)) {
    return { ...heard, controls: device.controls.map((control) => (control.key === key ? withValue(control, value, at) : control)) };
  }
  if (kind === 'device_reading' && typeof value === 'number' && device.readings.some((reading) => reading.key === key)) {
    return { ...heard, readings: device.readings.map((reading) => (reading.key === key ? { ...reading, value, as_of: at } : reading)) };
  }
  return null;
}

/** The list after a fact; null where the fact does not say enough, so that the list must be asked for. */
export function patched(list: readonly Device[], event: EventView): Device[] | null {
  const id = text(event.detail['device']);
  const device = list.find((one) => one.id === id);
  const next = device ? changed(device, event) : null;
  return next && list.map((one) => (one === device ? next : one));
}

/** Whether somebody should look at it. What is only weak by nature says so by itself. */
export const isProblem = (device: Device): boolean => (device.state !== 'answering' && device.state !== 'not_asked_yet') || device.weakness === 'default_password';

/** By room and then by name; those without a room are last. */
export function byRoom(list: readonly Device[]): { room: string | null; devices: Device[] }[] {
  const rooms = new Map<string | null, Device[]>();
  for (const device of list) rooms.set(device.room, [...(rooms.get(device.room) ?? []), device]);
  const order = [...rooms.keys()].sort((a, b) => (a === null ? 1 : 0) - (b === null ? 1 : 0) || (a ?? '').localeCompare(b ?? ''));
  return order.map((room) => ({ room, devices: (rooms.get(room) ?? []).sort((a, b) => a.name.localeCompare(b.name)) }));
}
