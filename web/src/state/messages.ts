// Short notes about what an action did. Success goes by itself; failure stays until it is closed.

import { signal } from '@preact/signals';

import { ApiError } from '../api/request.ts';
import { t } from '../text/text.ts';

const SUCCESS_MS = 6_000;
// More would cover the page; the oldest goes.
const NOTES_MAX = 4;

export interface Note {
  id: number;
  kind: 'ok' | 'bad';
  text: string;
  errorId: string | null;
}

export const notes = signal<Note[]>([]);
let next = 1;

function add(kind: Note['kind'], text: string, errorId: string | null): number {
  const id = next;
  next += 1;
  notes.value = [...notes.value, { id, kind, text, errorId }].slice(-NOTES_MAX);
  return id;
}

export function dismiss(id: number): void {
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

export function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.browser');
  if (error.code === 'no_contact') return t('error.no_contact');
  return error.message;
}
