// A value that a control can take, beginning with one that is there already. Pure.

import type { Control } from '../../api/devices.ts';
import type { Value } from '../../api/rules.ts';

/** The value if the control takes it, else its first one. A control that nobody knows takes anything. */
export function fitting(control: Control | undefined, value: Value): Value {
  if (control?.kind === 'level') return typeof value === 'number' && value >= control.min && value <= control.max ? value : (control.value ?? control.min);
  if (control?.kind === 'choice') return typeof value === 'string' && control.options.includes(value) ? value : (control.options[0] ?? '');
  return control?.kind === 'toggle' && typeof value !== 'boolean' ? true : value;
}
