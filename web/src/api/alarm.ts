// The alarm of the house: its mode, what it watches, who has a PIN, and the calls for help.

import { json } from './request.ts';
import type { Weekday } from './types.ts';

export const ARMED_MODES = ['home', 'away', 'night', 'vacation'] as const;
export type ArmedMode = (typeof ARMED_MODES)[number];
export type Mode = ArmedMode | 'disarmed';

export interface ModeState {
  mode: ArmedMode;
  exit_seconds: number;
  entry_seconds: number;
  /** How many sensors and cameras are watched. */
  watches: number;
  /** What does not answer or is open now. */
  not_ready: string[];
}

/** Who is at home, as far as the chosen devices tell. */
export interface PresenceState {
  /** Not before each of them has been seen or found away. */
  is_known: boolean;
  /** Devices that are at home. */
  home: string[];
  empty_since: string | null;
}

interface AlarmBase {
  modes: ModeState[];
  has_pins: boolean;
  now: string;
  /** A hub of an older version has none. */
  presence?: PresenceState;
}

export type AlarmState =
  | { state: 'disarmed' }
  | { state: 'arming'; mode: ArmedMode; until: string; not_ready: string[] }
  | { state: 'armed'; mode: ArmedMode }
  | { state: 'entering'; mode: ArmedMode; until: string; sensor?: { device: string } | { camera: string } | null }
  /** Its mode is `disarmed` after a call for help. */
  | { state: 'triggered'; mode: Mode; siren_until: string | null; siren_rounds: number; is_acknowledged: boolean };

export type AlarmView = AlarmBase & AlarmState;

export type Reaction = 'delayed' | 'instant';
export type Sensor = { device: string } | { camera: string };

export interface Watch {
  sensor: Sensor;
  reaction: Reaction;
  /** What a camera has to see; empty means anything. */
  labels: string[];
}

export interface ModeSettings {
  exit_seconds: number;
  entry_seconds: number;
  watches: Watch[];
}

/** The mode is set at a time of day; no days means all. */
export interface ModeChange {
  at: string;
  days: Weekday[];
  mode: Mode;
}

export interface AlarmSettings {
  /** A mode that is not here cannot be set. */
  modes: Partial<Record<ArmedMode, ModeSettings>>;
  /** 0 is an alarm without sirens. */
  siren_seconds: number;
  schedule: ModeChange[];
}

export const WHEN_EMPTY = ['nothing', 'tell', 'arm_away'] as const;
export type WhenEmpty = (typeof WHEN_EMPTY)[number];

/** Devices whose owners are taken to be where they are. */
export interface PresenceSettings {
  devices: string[];
  /** How long all of them are away before that counts. */
  empty_minutes: number;
  then: WhenEmpty;
  welcome: 'nothing' | 'tell';
}

export interface AlarmSetup {
  settings: AlarmSettings;
  sirens: string[];
  /** A hub of an older version has none. */
  presence?: PresenceSettings;
}

export interface PinHolder {
  holder: string;
  has_duress_pin: boolean;
}

export interface NewPin {
  holder: string;
  pin: string;
  duress_pin?: string;
}

export type PinPurpose = 'disarm' | 'false_alarm';

/** Who sees the alarm, and who may set it. */
export const ALARM_ROLE = 'viewer';
export const ARM_ROLE = 'operator';

export const alarm = {
  get: () => json<AlarmView>('GET', '/alarm'),
  /** `anyway` arms although something is not ready. */
  setMode: (mode: Mode, anyway = false) => json<AlarmView>('PUT', '/alarm/mode', { body: { mode, ...(anyway ? { anyway } : {}) } }),
  pin: (pin: string, purpose: PinPurpose) => json<AlarmView>('POST', '/alarm/pin', { body: { pin, purpose } }),
  panic: (silent: boolean) => json<void>('POST', '/alarm/panic', { body: { silent } }),
  acknowledge: () => json<AlarmView>('POST', '/alarm/acknowledge'),
  setup: () => json<AlarmSetup>('GET', '/alarm/setup'),
  setSetup: (setup: AlarmSetup) => json<AlarmSetup>('PUT', '/alarm/setup', { body: setup }),
  pins: () => json<{ pins: PinHolder[] }>('GET', '/alarm/pins').then((answer) => answer.pins),
  setPin: (pin: NewPin) => json<{ pins: PinHolder[] }>('PUT', '/alarm/pins', { body: pin }).then((answer) => answer.pins),
  removePin: (holder: string) => json<void>('DELETE', '/alarm/pins', { query: { holder } }),
};
