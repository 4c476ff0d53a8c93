// The assistants as the hub tells of them. Nothing in the stream of facts speaks of an approval that waits, so the hub is
// asked again and again while somebody is there.

import { signal } from '@preact/signals';

import { ASSISTANT_ROLE, assistant as api, type AssistantView } from '../api/assistant.ts';
import { learned, learnedFrom, presence, type Presence } from './devices.ts';
import { mayAs } from './session.ts';

/** Null until the hub said so, or if it has none. */
export const assistantView = signal<AssistantView | null>(null);
export const assistantError = signal<unknown>(null);

const isAway = (state: Presence): boolean => state === 'missing' || state === 'refused';

let asking: Promise<void> | null = null;

/** Asks the hub; questions at the same time are one. */
export function loadAssistant(): Promise<void> {
  if (!mayAs(ASSISTANT_ROLE) || isAway(presence.peek().assistant)) return Promise.resolve();
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

async function ask(): Promise<void> {
  try {
    assistantView.value = await api.get();
    assistantError.value = null;
    learned('assistant', 'there');
  } catch (error) {
    assistantError.value = error;
    learnedFrom('assistant', error);
  }
}

/** Asks after whatever is on its way, so that the answer knows of what was just done. */
export async function reloadAssistant(): Promise<void> {
  await asking;
  await loadAssistant();
}
