// Short notes about what an action did. Success goes by itself; failure stays until it is closed; what can be taken
// back offers that for a while.

import { signal } from '@preact/signals';

import { ApiError } from '../api/request.ts';
import { t } from '../text/text.ts';

const SUCCESS_MS = 6_000;
/** How long an action can be taken back. */
export const UNDO_MS = 10_000;
// More would cover the page; the oldest goes.
const NOTES_MAX = 4;

export interface Note {
  id: number;
  kind: 'ok' | 'bad' | 'undo';
  text: string;
  errorId: string | null;
}

interface Pending {
  undo: () => void;
  commit: () => void;
  left: number;
  since: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export const notes = signal<Note[]>([]);
const pending = new Map<number, Pending>();
let next = 1;

function add(kind: Note['kind'], text: string, errorId: string | null): number {
  const id = next;
  next += 1;
  const all = [...notes.value, { id, kind, text, errorId }];
  for (const note of all.slice(0, -NOTES_MAX)) settle(note.id);
  notes.value = all.slice(-NOTES_MAX);
  return id;
}

/** What waited for its undo happens now. */
function settle(id: number): void {
  const waiting = pending.get(id);
  if (!waiting) return;
  clearTimeout(waiting.timer);
  pending.delete(id);
  waiting.commit();
}

export function dismiss(id: number): void {
  settle(id);
  notes.value = notes.value.filter((note) => note.id !== id);
}

export function succeeded(text: string): void {
  const id = add('ok', text, null);
  setTimeout(() => dismiss(id), SUCCESS_MS);
}

/** What failed, in the hub's words if it gave some. */
export function failed(what: string, error: unknown): void {
  add('bad', `${what} ${reasonOf(error)}`, error instanceof ApiError ? error.id : null);
}

/**
 * Says what was done and offers to take it back. `commit` runs when the time for that is over: what cannot be
 * taken back later waits until then.
 */
export function undoable(text: string, undo: () => void, commit: () => void = () => undefined): void {
  const id = add('undo', text, null);
  pending.set(id, { undo, commit, left: UNDO_MS, since: 0, timer: undefined });
  resume(id);
}

/** Time stands still while somebody points at the note or has focus in it. */
export function pause(id: number): void {
  const waiting = pending.get(id);
  if (!waiting || waiting.timer === undefined) return;
  clearTimeout(waiting.timer);
  waiting.timer = undefined;
  waiting.left = Math.max(0, waiting.left - (Date.now() - waiting.since));
}

export function resume(id: number): void {
  const waiting = pending.get(id);
  if (!waiting || waiting.timer !== undefined) return;
  waiting.since = Date.now();
  waiting.timer = setTimeout(() => dismiss(id), waiting.left);
}

/** Takes back what a note tells of; without an id the newest that can be. */
export function undo(id: number | undefined = [...pending.keys()].at(-1)): void {
  const waiting = id === undefined ? undefined : pending.get(id);
  if (!waiting || id === undefined) return;
  clearTimeout(waiting.timer);
  pending.delete(id);
  notes.value = notes.value.filter((note) => note.id !== id);
  waiting.undo();
}

// Whoever leaves the page has decided.
addEventListener('pagehide', () => {
  for (const id of [...pending.keys()]) settle(id);
});

export function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.browser');
  if (error.code === 'no_contact') return t('error.no_contact');
  return error.message;
}
