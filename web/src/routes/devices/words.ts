// What families, states, controls and readings are called, and how values are written.

import type { Control, ControlValue, Device, Reading, ValueControl } from '../../api/devices.ts';
import type { IconName } from '../../components/icon-names.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal } from '../../time/show.ts';
import { digitsOf } from './level.ts';
import { scaled, symbolOf } from './units.ts';

/** What stands where a value is not known. */
export const UNKNOWN = '—';

export const quantity = (value: number | null, unit: string): string => {
  if (value === null) return UNKNOWN;
  const shown = scaled(value, unit);
  return `${decimal(shown.value, shown.digits)} ${shown.symbol}`;
};

export const controlName = (key: string): string => tCode('control', key);
export const readingName = (key: string): string => tCode('reading', key);

/** A value of a control in words. */
export function valueText(control: ValueControl, value: ControlValue | null = control.value): string {
  if (value === null) return UNKNOWN;
  if (control.kind === 'toggle') return value === true ? t('control.is_on') : t('control.is_off');
  if (control.kind === 'choice') return tCode('option', String(value));
  return `${decimal(Number(value), digitsOf(control.step))} ${symbolOf(control.unit)}`;
}

const ICONS: Record<string, IconName> = { tapo_camera: 'cctv', kasa_camera: 'cctv', onvif: 'cctv', netatmo_thermostat: 'thermometer', netatmo_weather: 'thermometer', board_sensor: 'thermometer', gpio_button: 'bell' };
export const deviceIcon = (device: Pick<Device, 'family'>): IconName => ICONS[device.family] ?? 'plug';

/** Family and model, as far as they are known. */
export const kindText = (device: Pick<Device, 'family' | 'model'>): string => [tCode('family', device.family), device.model].filter(Boolean).join(' ');

// What a row shows first, in this order.
const MAIN = ['power', 'temperature', 'battery'];

/** The reading that says most about a device, if it has one. */
export function mainReading(device: Device): Reading | null {
  for (const key of MAIN) {
    const found = device.readings.find((reading) => reading.key === key);
    if (found) return found;
  }
  return null;
}

/** The switch that a row offers: the one for which people open the page. */
export const mainToggle = (device: Device): Control | null => device.controls.find((control) => control.kind === 'toggle' && control.key === 'power') ?? null;

/** A fingerprint in pairs that can be compared. */
export const fingerprintText = (fingerprint: string): string => fingerprint.replace(/^sha256:/, '').replace(/(..)(?!$)/g, '$1:').toUpperCase();
