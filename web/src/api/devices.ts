// Devices: everything the hub speaks to besides a camera's stream. Controls and readings are data: what a device does
// not have is absent, and null is what it did not say.

import { json } from './request.ts';

export const FAMILIES = ['tapo_camera', 'tapo_plug', 'kasa_plug', 'kasa_camera', 'onvif', 'netatmo_thermostat', 'netatmo_weather', 'gpio_button', 'gpio_motion', 'gpio_lamp', 'gpio_lamp_ready', 'gpio_lamp_ring', 'gpio_lamp_alert', 'gpio_chime', 'board_sensor'] as const;
export type Family = (typeof FAMILIES)[number];
export type Transport = 'tls_pinned' | 'tls_public' | 'klap' | 'aes' | 'tpap' | 'xor' | 'http_digest' | 'linkie' | 'wired';
export type Weakness = 'plain_http' | 'xor' | 'default_password' | 'legacy_md5' | 'weak_encryption' | 'reusable_password';
export type DeviceState = 'answering' | 'unreachable' | 'wrong_password' | 'locked_out' | 'certificate_changed' | 'malformed' | 'unsupported' | 'not_asked_yet';
export type ControlValue = boolean | number | string;

interface ControlBase {
  key: string;
  /** When the device said so. */
  as_of?: string | null;
  /** Needs a fresh sign-in. */
  sensitive?: boolean;
}

export type ToggleControl = ControlBase & { kind: 'toggle'; value: boolean | null };
export type LevelControl = ControlBase & { kind: 'level'; min: number; max: number; step: number; unit: string; value: number | null };
export type ChoiceControl = ControlBase & { kind: 'choice'; options: string[]; value: string | null };
export type ActionControl = ControlBase & { kind: 'action' };
export type Control = ToggleControl | LevelControl | ChoiceControl | ActionControl;
/** A control that has a value. */
export type ValueControl = Exclude<Control, ActionControl>;

export interface Reading {
  key: string;
  unit: string;
  value: number | null;
  as_of: string | null;
}

/** How the hub speaks to a device, as far as it concerns safety. */
export interface Speech {
  /** Null until it answered. */
  transport: Transport | null;
  is_insecure: boolean;
  weakness: Weakness | null;
  fingerprint: string | null;
}

export interface Device extends Speech {
  id: string;
  name: string;
  room: string | null;
  family: Family;
  model: string | null;
  firmware: string | null;
  address: string;
  /** The camera of the hub whose lens this is. */
  camera: string | null;
  is_simulated: boolean;
  state: DeviceState;
  reason: string | null;
  since: string;
  answered_at: string | null;
  controls: Control[];
  readings: Reading[];
  history: 'off' | 'on';
  /** What the device shows now instead of the pinned one, while `state` is `certificate_changed`. */
  shown_fingerprint?: string | null;
}

export interface Discovery {
  found: { family: Family; address: string; model: string | null; mac: string | null; name: string | null; known_as: string | null }[];
  /** What was asked, and how. */
  asked: string[];
  failed: { what: string; reason: string }[];
  seconds: number;
}

export interface Credentials {
  username?: string;
  password?: string;
}

/** What a device said at the first attempt; nothing of it is stored. */
export interface Probe extends Speech {
  family: Family;
  model: string | null;
  firmware: string | null;
  /** What it calls itself. */
  name?: string | null;
  controls: Control[];
  readings: Reading[];
}

export type NewDevice = Credentials & { name: string; room?: string; family: Family; address: string; camera?: string; fingerprint?: string };
export type DeviceChange = Partial<Pick<Device, 'name' | 'room' | 'camera' | 'history'>>;

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Sets a control at a time of the house. */
export interface NewSchedule {
  at: string;
  days: Day[];
  control: string;
  value: ControlValue;
  is_on: boolean;
}
export type Schedule = NewSchedule & { id: string };

/** Watches a reading: exactly one of `above` and `below` is set. */
export interface NewLimit {
  reading: string;
  above?: number;
  below?: number;
  for_seconds: number;
  then: 'event' | 'turn_off';
  is_on: boolean;
}
export type Limit = NewLimit & { id: string };

/** The hub leaves out a value that the device did not say. */
const whole = <T extends { controls: Control[] }>(device: T): T => ({ ...device, controls: device.controls.map(withValue) });
const withValue = (control: Control): Control => (control.kind === 'action' ? control : Object.assign({ value: null }, control));

const of = (id: string): string => `/devices/${encodeURIComponent(id)}`;
const part = (id: string, name: 'schedules' | 'limits', row = ''): string => `${of(id)}/${name}${row && `/${encodeURIComponent(row)}`}`;

export const devices = {
  list: () => json<{ devices: Device[] }>('GET', '/devices').then((answer) => answer.devices.map(whole)),
  get: (id: string) => json<Device>('GET', of(id)).then(whole),
  discover: (addresses: readonly string[]) => json<Discovery>('POST', '/devices/discover', { body: addresses.length > 0 ? { addresses } : {} }),
  /** One attempt; a device that locks its account after some is not asked twice. */
  probe: (target: Credentials & { family: Family; address: string }) => json<Probe>('POST', '/devices/probe', { body: target }).then(whole),
  add: (device: NewDevice) => json<Device>('POST', '/devices', { body: device }).then(whole),
  change: (id: string, change: DeviceChange) => json<Device>('PATCH', of(id), { body: change }).then(whole),
  renewCredentials: (id: string, username: string, password: string) => json<Device>('PUT', `${of(id)}/credentials`, { body: { username, password } }).then(whole),
  /** Trusts a changed certificate; it must be the one that is presented now. */
  confirmCertificate: (id: string, fingerprint: string) => json<Device>('POST', `${of(id)}/certificate`, { body: { fingerprint } }).then(whole),
  remove: (id: string) => json<void>('DELETE', of(id)),
  /** Answers after the device has acknowledged it. */
  set: (id: string, key: string, value: ControlValue) => json<ValueControl>('PUT', `${of(id)}/controls/${encodeURIComponent(key)}`, { body: { value } }),
  act: (id: string, key: string) => json<void>('POST', `${of(id)}/actions/${encodeURIComponent(key)}`, { body: {} }),

  schedules: (id: string) => json<{ schedules: Schedule[] }>('GET', part(id, 'schedules')).then((answer) => answer.schedules),
  addSchedule: (id: string, schedule: NewSchedule) => json<Schedule>('POST', part(id, 'schedules'), { body: schedule }),
  changeSchedule: (id: string, { id: row, ...schedule }: Schedule) => json<Schedule>('PUT', part(id, 'schedules', row), { body: schedule }),
  removeSchedule: (id: string, row: string) => json<void>('DELETE', part(id, 'schedules', row)),

  limits: (id: string) => json<{ limits: Limit[] }>('GET', part(id, 'limits')).then((answer) => answer.limits),
  addLimit: (id: string, limit: NewLimit) => json<Limit>('POST', part(id, 'limits'), { body: limit }),
  changeLimit: (id: string, { id: row, ...limit }: Limit) => json<Limit>('PUT', part(id, 'limits', row), { body: limit }),
  removeLimit: (id: string, row: string) => json<void>('DELETE', part(id, 'limits', row)),
};
