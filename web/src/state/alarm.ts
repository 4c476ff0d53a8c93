// The alarm as the hub tells it: asked soon after sign-in, and again whenever a fact says that it changed.

import { effect, signal, untracked } from '@preact/signals';

import { ALARM_ROLE, alarm as api, type AlarmView } from '../api/alarm.ts';
import { hub } from '../api/hub.ts';
import type { EventView } from '../api/types.ts';
import { hubNow, second } from './clock.ts';
import { missed, onEvent } from './contact.ts';
import { isMissing, learned, presence } from './devices.ts';
import { isReady, mayAs } from './session.ts';

// Pictures come first, but an alarm that is under way has to be seen.
const FIRST_MS = 300;
// The hub ends a delay by itself; it may take it a moment.
const AFTER_END_MS = 1_500;

/** Null until the hub said so, or if it has no alarm. */
export const alarm = signal<AlarmView | null>(null);
/** What set the alarm off, while it is triggered. */
export const alarmCause = signal<EventView | null>(null);
/** Grows with every change, so that lists of them fetch again. */
export const alarmChanges = signal(0);

/** Takes over an answer of the hub. */
export function keepAlarm(view: AlarmView): void {
  alarm.value = view;
  if (view.state !== 'triggered') alarmCause.value = null;
  else if (alarmCause.peek() === null) void findCause();
}

async function findCause(): Promise<void> {
  try {
    const { events } = await hub.events({ kind: 'alarm_changed', limit: 20 });
    alarmCause.value = events.find((event) => event.detail['change'] === 'triggered') ?? null;
  } catch {
    // The band says that there is an alarm without it.
  }
}

export async function loadAlarm(): Promise<void> {
  try {
    const view = await api.get();
    learned('alarm', 'there');
    keepAlarm(view);
  } catch (error) {
    // What was known stays; without contact the page says so by itself.
    if (isMissing(error)) learned('alarm', 'missing');
  }
}

/** When the state ends by itself. */
export function endOfState(view: AlarmView | null): number | null {
  if (view?.state === 'arming' || view?.state === 'entering') return Date.parse(view.until);
  return view?.state === 'triggered' && view.siren_until !== null ? Date.parse(view.siren_until) : null;
}

/** Begins to listen; once. */
export function startAlarm(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const isIn = isReady.value;
    void missed.value;
    clearTimeout(timer);
    untracked(() => {
      if (!isIn) {
        alarm.value = null;
        alarmCause.value = null;
        learned('alarm', 'asking');
      } else if (mayAs(ALARM_ROLE) && presence.peek().alarm !== 'missing') timer = setTimeout(() => void loadAlarm(), FIRST_MS);
    });
  });
  onEvent((event) => {
    if (event.kind !== 'alarm_changed' || !mayAs(ALARM_ROLE)) return;
    alarmChanges.value += 1;
    if (event.detail['change'] === 'triggered') alarmCause.value = event;
    void loadAlarm();
  });
  let asked: number | null = null;
  effect(() => {
    const end = endOfState(alarm.value);
    if (end === null || end === asked || second.value < end + AFTER_END_MS) return;
    asked = end;
    untracked(() => void loadAlarm());
  });
  // Seconds do not pass on their own while a page is hidden.
  document.addEventListener('visibilitychange', () => {
    const end = endOfState(alarm.peek());
    if (!document.hidden && end !== null && hubNow() > end) void loadAlarm();
  });
}
