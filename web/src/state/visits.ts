// What is known of visits on every page: how many nobody has seen, the newest of them, and who rings right now.

import { batch, effect, signal, untracked } from '@preact/signals';

import { ApiError } from '../api/request.ts';
import { visitOf, visits as api, type Visit } from '../api/visits.ts';
import { missed, onEvent } from './contact.ts';
import { isMissing, learned, presence } from './devices.ts';
import { isReady, mayAs } from './session.ts';

// Pictures come first.
const FIRST_MS = 900;
// A ring, the faces and the end are told apart from each other; the list is asked once for all.
const TOGETHER_MS = 400;
// Enough for the list on Home.
const RECENT = 40;

/** How many nobody has seen; null until the hub said so. */
export const unseen = signal<number | null>(null);
/** The newest visits, by id. */
export const recentVisits = signal<ReadonlyMap<string, Visit>>(new Map());
/** The visit whose ring is announced, until somebody closes or opens it. */
export const ringing = signal<{ visit: string; camera: string | null; at: number } | null>(null);
/** Deleted here, and not yet at the hub: they are shown nowhere while that can be taken back. */
export const hiddenVisits = signal<ReadonlySet<string>>(new Set());

type Listener = (id: string, visit: Visit | null) => void;
const listeners = new Set<Listener>();

/** Calls back for every visit that begins or changes, with null for one that is gone; returns how to stop. */
export function onVisit(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function keep(id: string, visit: Visit | null): void {
  const next = new Map(recentVisits.peek());
  if (visit) next.set(id, visit);
  else next.delete(id);
  batch(() => {
    recentVisits.value = next;
    for (const listener of listeners) listener(id, visit);
  });
}

/** Takes over what the hub answered to a change. */
export function changedVisit(visit: Visit): void {
  keep(visit.id, visit);
  countSoon();
}

export function hideVisit(id: string, isHidden: boolean): void {
  const next = new Set(hiddenVisits.peek());
  if (isHidden) next.add(id);
  else next.delete(id);
  hiddenVisits.value = next;
}

let counting: ReturnType<typeof setTimeout> | undefined;

function countSoon(): void {
  clearTimeout(counting);
  counting = setTimeout(() => void count(1), TOGETHER_MS);
}

async function count(limit: number): Promise<void> {
  try {
    const page = await api.list({}, limit);
    const next = new Map(recentVisits.peek());
    for (const visit of page.visits) next.set(visit.id, visit);
    batch(() => {
      unseen.value = page.unseen;
      recentVisits.value = next;
      learned('visits', 'there');
    });
  } catch (error) {
    if (isMissing(error)) learned('visits', 'missing');
  }
}

async function ask(id: string): Promise<void> {
  try {
    keep(id, await api.get(id));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) keep(id, null);
  }
}

/** Begins to listen; once. */
export function startVisits(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const isIn = isReady.value;
    void missed.value;
    clearTimeout(timer);
    untracked(() => {
      if (isIn) {
        timer = setTimeout(() => mayAs('viewer') && presence.peek().visits !== 'missing' && void count(RECENT), FIRST_MS);
        return;
      }
      unseen.value = null;
      recentVisits.value = new Map();
      ringing.value = null;
      learned('visits', 'asking');
    });
  });
  onEvent((event) => {
    const id = visitOf(event);
    if (id === null || !mayAs('viewer')) return;
    const rang = event.detail['rang'] === true || (event.kind === 'visit_began' && event.detail['trigger'] !== 'approach');
    if (rang) ringing.value = { visit: id, camera: event.camera, at: Date.parse(event.at) };
    void ask(id);
    countSoon();
  });
}
