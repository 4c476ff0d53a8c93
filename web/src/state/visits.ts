// What is known of visits on every page: how many nobody has seen, the newest of them, and who rings right now.

import { batch, effect, signal, untracked } from '@preact/signals';

import { ApiError } from '../api/request.ts';
import type { EventView } from '../api/types.ts';
import { visitOf, visits as api, type Visit } from '../api/visits.ts';
import { missed, onEvent } from './contact.ts';
import { isMissing, learned, presence } from './devices.ts';
import { isReady, mayAs } from './session.ts';

// Pictures come first.
const FIRST_MS = 900;
// A ring, the faces and the end are told apart from each other; the list is asked once for all.
const TOGETHER_MS = 400;
// The bell and the visit it begins are two facts.
const SAME_RING_MS = 5_000;
// Enough for the list on Home.
const RECENT = 40;

/** How many nobody has seen; null until the hub said so. */
export const unseen = signal<number | null>(null);
/** The newest visits, by id. */
export const recentVisits = signal<ReadonlyMap<string, Visit>>(new Map());
/** The ring that is announced, until somebody closes or opens it; without a visit where nobody looks for visits. */
export interface Ringing {
  visit: string | null;
  camera: string | null;
  /** What the bell is called. */
  name: string | null;
  at: number;
}

export const ringing = signal<Ringing | null>(null);
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

/** A bell tells of itself and, where visits are looked for, as the begin of one; both are one ring. */
const rings = ({ kind, detail }: EventView): boolean => kind === 'ring' || (kind === 'visit_began' && detail['trigger'] !== 'approach');

function announce(event: EventView): void {
  const name = event.detail['name'];
  const now = ringing.peek();
  const isSame = now !== null && now.camera === event.camera && Math.abs(Date.parse(event.at) - now.at) < SAME_RING_MS;
  ringing.value = {
    visit: visitOf(event) ?? (isSame ? now.visit : null),
    camera: event.camera,
    name: typeof name === 'string' ? name : isSame ? now.name : null,
    at: Date.parse(event.at),
  };
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
    if (!mayAs('viewer')) return;
    if (rings(event)) announce(event);
    const id = visitOf(event);
    if (id === null) return;
    void ask(id);
    countSoon();
  });
}
