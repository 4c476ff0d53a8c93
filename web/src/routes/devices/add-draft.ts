// What is known so far about a device that is being added. It survives a reload in this tab; the password does not,
// and neither does what the device answered. Pure.

import { FAMILIES, type Family } from '../../api/devices.ts';

export const STEPS = ['find', 'sign-in', 'name', 'pin'] as const;
export type Step = (typeof STEPS)[number];

export interface Draft {
  family: Family;
  address: string;
  username: string;
  name: string;
  room: string;
  camera: string | null;
}

export const EMPTY: Draft = { family: 'tapo_plug', address: '', username: '', name: '', room: '', camera: null };

const isText = (value: unknown): value is string => typeof value === 'string';

/** The draft that was kept, or an empty one; what does not fit is dropped. */
export function readDraft(kept: string | null): Draft {
  let found: Record<string, unknown>;
  try {
    found = Object(JSON.parse(kept ?? '{}')) as Record<string, unknown>;
  } catch {
    return EMPTY;
  }
  const text = (key: string): string => (isText(found[key]) ? found[key] : '');
  return {
    family: FAMILIES.find((family) => family === found['family']) ?? EMPTY.family,
    address: text('address'),
    username: text('username'),
    name: text('name'),
    room: text('room'),
    camera: isText(found['camera']) ? found['camera'] : null,
  };
}

/** The step that can be shown: later ones need an address, and the answer of the device. */
export function stepFor(wanted: string | null, draft: Draft, hasAnswered: boolean): Step {
  const step = STEPS.find((name) => name === wanted) ?? 'find';
  if (step === 'find' || draft.address === '') return 'find';
  if (!hasAnswered) return 'sign-in';
  return step === 'pin' && draft.name.trim() === '' ? 'name' : step;
}

/** These are asked without a user name: they have none. */
export const needsNoSignIn = (family: Family): boolean => family === 'kasa_plug' || family === 'kasa_camera' || isWired(family);

/** Whether it hangs on the hub's own machine. */
export const isWired = (family: Family): boolean => family.startsWith('gpio_') || family === 'board_sensor';

/** Networks as they are typed: separated by spaces or commas. */
export const networksOf = (typed: string): string[] => typed.split(/[\s,]+/).filter(Boolean);
