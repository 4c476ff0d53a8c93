// What the alarm watches, as a draft that is saved as a whole. Pure.

import { ARMED_MODES, WHEN_EMPTY, type AlarmSettings, type AlarmSetup, type ArmedMode, type ModeChange, type ModeSettings, type PresenceSettings, type Sensor, type Watch, type WhenEmpty } from '../../api/alarm.ts';

/** As much as the hub takes. */
export const DELAY_MAX = 600;
export const SIREN_MAX = 600;
export const CHANGES_MAX = 64;
export const WATCHES_MAX = 256;
export const EMPTY_MIN = 5;
export const EMPTY_MAX = 240;

const DELAY_USUAL = 30;
const EXIT_USUAL = 60;

/** Whoever is at home arms without leaving. */
export const newMode = (mode: ArmedMode): ModeSettings => ({ exit_seconds: mode === 'away' || mode === 'vacation' ? EXIT_USUAL : 0, entry_seconds: DELAY_USUAL, watches: [] });

export const sensorId = (sensor: Sensor): string => ('camera' in sensor ? sensor.camera : sensor.device);
export const sensorOf = (id: string): Sensor => (id.startsWith('cam_') ? { camera: id } : { device: id });

const withSettings = (setup: AlarmSetup, change: Partial<AlarmSettings>): AlarmSetup => ({ ...setup, settings: { ...setup.settings, ...change } });

/** The settings of a mode; null takes it out of the house, and out of the schedule. */
export function withMode(setup: AlarmSetup, mode: ArmedMode, next: ModeSettings | null): AlarmSetup {
  const { modes, schedule } = setup.settings;
  const kept = ARMED_MODES.flatMap((one): [ArmedMode, ModeSettings][] => {
    const settings = one === mode ? next : modes[one];
    return settings ? [[one, settings]] : [];
  });
  const without = withSettings(setup, { modes: Object.fromEntries(kept), schedule: next === null ? schedule.filter((change) => change.mode !== mode) : schedule });
  // A mode that the house has not is not armed when it is empty either.
  const { presence } = without;
  return next === null && mode === 'away' && presence?.then === 'arm_away' ? { ...without, presence: { ...presence, then: 'tell' } } : without;
}

/** What can happen when nobody is home: arming needs the mode for that. */
export const whenEmpty = ({ settings }: AlarmSetup): WhenEmpty[] => WHEN_EMPTY.filter((what) => what !== 'arm_away' || settings.modes.away !== undefined);

export const withPresence = (setup: AlarmSetup, change: Partial<PresenceSettings>): AlarmSetup => (setup.presence ? { ...setup, presence: { ...setup.presence, ...change } } : setup);

/** People first: what else moves in front of a camera is seldom a burglar. */
export const newWatch = (id: string, labels: readonly string[]): Watch => ({ sensor: sensorOf(id), reaction: 'instant', labels: id.startsWith('cam_') && labels.includes('person') ? ['person'] : [] });

export const withWatch = (settings: ModeSettings, index: number, next: Watch | null): ModeSettings => ({
  ...settings,
  watches: index === settings.watches.length && next ? [...settings.watches, next] : settings.watches.flatMap((watch, at) => (at !== index ? [watch] : next ? [next] : [])),
});

export const withSchedule = (setup: AlarmSetup, schedule: ModeChange[]): AlarmSetup => withSettings(setup, { schedule });
export const withSiren = (setup: AlarmSetup, siren_seconds: number): AlarmSetup => withSettings(setup, { siren_seconds });

const isWithin = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;

/** What keeps a draft from being saved: a delay, the sirens, the time an empty house waits, or the schedule. */
export function flawOf({ settings, presence }: AlarmSetup): 'delay' | 'siren' | 'presence' | 'schedule' | null {
  if (Object.values(settings.modes).some((mode) => !isWithin(mode.exit_seconds, DELAY_MAX) || !isWithin(mode.entry_seconds, DELAY_MAX))) return 'delay';
  if (!isWithin(settings.siren_seconds, SIREN_MAX)) return 'siren';
  if (presence && (presence.empty_minutes < EMPTY_MIN || !isWithin(presence.empty_minutes, EMPTY_MAX))) return 'presence';
  return settings.schedule.every((change) => /^\d{2}:\d{2}$/.test(change.at)) ? null : 'schedule';
}

/** Four digits at least, and none that is tried first; the hub judges too. */
export const isPin = (pin: string): boolean => /^\d{4,12}$/.test(pin);
