// Reads and steps the values of a level, so that nothing is sent that the device would refuse. Pure.

import type { LevelControl } from '../../api/devices.ts';

type Range = Pick<LevelControl, 'min' | 'max' | 'step'>;

export type Read = { value: number; error: null } | { value: null; error: 'number' | 'range' | 'step' };

// Steps such as 0.1 are not exact in binary.
const NEARLY = 1e-6;

const refused = (error: 'number' | 'range' | 'step'): Read => ({ value: null, error });

/** What was typed as a value of the level; both a point and a comma are taken. */
export function readLevel(typed: string, { min, max, step }: Range): Read {
  const text = typed.trim().replace(',', '.').replace('\u2212', '-');
  if (!/^-?\d+(\.\d+)?$/.test(text)) return refused('number');
  const value = Number(text);
  if (value < min || value > max) return refused('range');
  const steps = step > 0 ? (value - min) / step : 0;
  return Math.abs(steps - Math.round(steps)) > NEARLY ? refused('step') : { value, error: null };
}

/** One step up or down from a value, inside the range. */
export function stepped(value: number, { min, max, step }: Range, direction: 1 | -1): number {
  const next = Math.round((value - min) / step + direction) * step + min;
  return Number(Math.min(max, Math.max(min, next)).toFixed(6));
}

/** Digits after the point that the step needs. */
export const digitsOf = (step: number): number => (String(step).split('.')[1] ?? '').length;
