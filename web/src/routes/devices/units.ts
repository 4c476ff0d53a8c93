// Units of readings and levels: how large numbers are scaled, and with how many digits. Pure.

export interface Scaled {
  value: number;
  digits: number;
  symbol: string;
}

/** Digits after the point, and the sign behind. */
const UNITS: Record<string, readonly [number, string]> = {
  watt: [1, 'W'],
  watt_hour: [0, 'Wh'],
  volt: [1, 'V'],
  ampere: [2, 'A'],
  celsius: [1, '°C'],
  percent: [0, '%'],
  ppm: [0, 'ppm'],
  hectopascal: [1, 'hPa'],
  decibel: [0, 'dB'],
  millimetre: [1, 'mm'],
  kilometre_an_hour: [0, 'km/h'],
  dbm: [0, 'dBm'],
};
const KILO: Record<string, string> = { watt: 'kW', watt_hour: 'kWh' };

/** `1240` watt hours as `1.24` kWh; a unit this version does not know keeps its name. */
export function scaled(value: number, unit: string): Scaled {
  const kilo = KILO[unit];
  if (kilo && Math.abs(value) >= 1000) return { value: value / 1000, digits: 2, symbol: kilo };
  const [digits, symbol] = UNITS[unit] ?? [Number.isInteger(value) ? 0 : 2, unit.replaceAll('_', ' ')];
  return { value, digits: Math.abs(value) >= 100 && unit === 'watt' ? 0 : digits, symbol };
}

/** The sign of a unit without a number. */
export const symbolOf = (unit: string): string => UNITS[unit]?.[1] ?? unit.replaceAll('_', ' ');
