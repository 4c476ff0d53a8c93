// How facts about devices change the list that was fetched before. Pure.

import type { Control, ControlValue, Device, DeviceState, Reading } from '../api/devices.ts';
import type { EventView } from '../api/types.ts';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const later = (a: string | null, b: string): string => (a !== null && Date.parse(a) > Date.parse(b) ? a : b);

/** A control with the value that the device acknowledged, unless it is of another kind than the control's. */
export function withValue(control: Control, value: ControlValue | null, asOf: string): Control {
  if (control.kind === 'action') return control;
  if (control.kind === 'toggle') return typeof value === 'boolean' ? { ...control, value, as_of: asOf } : control;
  if (control.kind === 'level') return typeof value === 'number' ? { ...control, value, as_of: asOf } : control;
  return typeof value === 'string' ? { ...control, value, as_of: asOf } : control;
}

/** A value as a fact tells it: in words. */
function valueOf(control: Control, told: string): ControlValue | null {
  if (control.kind === 'toggle') return told === 'on' ? true : told === 'off' ? false : null;
  if (control.kind === 'level') return told.trim() !== '' && Number.isFinite(Number(told)) ? Number(told) : null;
  return control.kind === 'choice' ? told : null;
}

function changed(device: Device, { kind, at, detail }: EventView): Device | null {
  if (kind === 'device_state_changed') {
    const state = text(detail['state']) as DeviceState | null;
    return state && { ...device, state, reason: text(detail['reason']), since: at, answered_at: state === 'answering' ? later(device.answered_at, at) : device.answered_at };
  }
  const control = kind === 'device_control_changed' ? device.controls.find((one) => one.key === detail['control']) : undefined;
  const value = control && valueOf(control, text(detail['value']) ?? '');
  if (!control || value === null || value === undefined) return null;
  return { ...device, answered_at: later(device.answered_at, at), controls: device.controls.map((one) => (one === control ? withValue(one, value, at) : one)) };
}

/** The list after a fact; null where the fact does not say enough, so that the list must be asked for. */
export function patched(list: readonly Device[], event: EventView): Device[] | null {
  const id = text(event.detail['device']);
  const device = list.find((one) => one.id === id);
  const next = device ? changed(device, event) : null;
  return next && list.map((one) => (one === device ? next : one));
}

/** The list after a device has measured; what it did not measure stays. */
export function measured(list: readonly Device[], id: string, readings: readonly Reading[], at: string): Device[] {
  return list.map((device) => {
    if (device.id !== id) return device;
    const told = new Map(readings.map((reading) => [reading.key, { ...reading, as_of: reading.as_of ?? at }]));
    const kept = device.readings.map((reading) => told.get(reading.key) ?? reading);
    const added = [...told.values()].filter((reading) => !device.readings.some((one) => one.key === reading.key));
    return { ...device, answered_at: later(device.answered_at, at), readings: [...kept, ...added] };
  });
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
