// The language model that may say what an event was; null while there is none, and for those who do not set it up.

import { signal } from '@preact/signals';

import { rules, type Drafting } from '../api/rules.ts';
import { isAdmin } from './session.ts';

export const describer = signal<Drafting | null>(null);

/** Looks again: it may have been switched on or off since. A hub of an older version has none. */
export async function findDescriber(): Promise<void> {
  const found = isAdmin.peek() ? await rules.drafting().catch(() => null) : null;
  describer.value = found?.is_on && found.may_describe_events ? found : null;
}
