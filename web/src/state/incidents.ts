// How many incidents wait, for the header: asked once, and again when the hub tells of one.

import { effect, signal, untracked } from '@preact/signals';

import { json } from '../api/request.ts';
import { missed, onEvent } from './contact.ts';
import { isReady, mayAs } from './session.ts';

/** Who may see incidents, and who may settle them. */
export const INCIDENTS_ROLE = 'viewer';
export const SETTLE_ROLE = 'operator';
// Pictures come first.
const FIRST_MS = 1_500;

/** Those that nobody looks into yet; null until the hub said so, or if it does not tell. */
export const openIncidents = signal<number | null>(null);

function ask(): void {
  if (!mayAs(INCIDENTS_ROLE)) return;
  json<{ incidents: unknown[] }>('GET', '/incidents', { query: { state: 'open' } }).then(
    (answer) => {
      openIncidents.value = answer.incidents.length;
    },
    () => {
      openIncidents.value = null;
    },
  );
}

/** Begins to count; once. */
export function startIncidents(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const isIn = isReady.value;
    void missed.value;
    clearTimeout(timer);
    openIncidents.value = null;
    if (isIn) timer = setTimeout(() => untracked(ask), FIRST_MS);
  });
  onEvent((event) => {
    if (event.kind.startsWith('incident_')) ask();
  });
}
