// What an assistant called, as text. Pure.

/** More of one argument is cut: a person has to be able to read the call. */
const ARGUMENT_MAX = 200;

function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length > ARGUMENT_MAX ? `${text.slice(0, ARGUMENT_MAX)}…` : text;
}

/** `device_set(control="power", device="Heater", value=true)`; arguments in the order of their names. */
export function callText(tool: string, args: Record<string, unknown>): string {
  const names = Object.keys(args).sort();
  return `${tool}(${names.map((name) => `${name}=${valueText(args[name])}`).join(', ')})`;
}

/** Whole seconds that are left, never less than none. */
export const secondsLeft = (expiresAt: string, now: number): number => Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / 1000));
