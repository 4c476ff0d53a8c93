// Search, questions in words, what is unusual, and what is to be expected.

import { json, type Query } from './request.ts';
import type { EventView } from './types.ts';

export interface Found extends EventView {
  visit: string | null;
  /** One sentence in English. */
  text: string;
}

export interface Understood {
  /** The words of the reader. */
  text: string;
  meaning: string;
  value: string;
  name: string;
}

export interface SearchPage {
  items: Found[];
  next: string | null;
  understood: Understood[];
  not_understood: string[];
  /** There was more than the hub looks through at once. */
  is_cut: boolean;
}

export interface Similar extends Found {
  /** 0 to 1. */
  similarity: number;
  because: string[];
}

export type Direction = 'both' | 'later' | 'earlier';

export interface Figure {
  name: string;
  value: number;
  unit: string | null;
  from: string;
  to: string;
}

export interface Reply {
  conversation: string;
  expires_at: string;
  answer: string;
  kind: 'answer' | 'clarification' | 'nothing_known';
  figures: Figure[];
  evidence: Found[];
  understood: Understood[];
  not_understood: string[];
  follow_ups: string[];
  /** What to search for to see the same. */
  search: string;
}

export interface Conversation {
  id: string;
  started_at: string;
  expires_at: string;
  title: string;
  turns: number;
}

export interface Turn {
  at: string;
  text: string;
  answer: string;
  evidence: string[];
}

export type Recorded = Omit<Conversation, 'turns'> & { turns: Turn[] };

export interface Insight {
  kind: 'spike' | 'silent_camera' | 'unusual_hour' | 'less_than_usual' | 'drift';
  severity: 'info' | 'warning';
  camera: string | null;
  label: string | null;
  at: string;
  text: string;
  value: number;
  baseline: { median: number; low: number; high: number; days: number };
  evidence: string[];
}

export interface Insights {
  insights: Insight[];
  looked_at: { from: string; to: string; days: number };
}

export type Forecast =
  | { state: 'forecast'; for_day: string; expected: number; low: number; high: number; days: number }
  | { state: 'insufficient_data'; days: number; needed: number };

export interface SavedSearch {
  id: string;
  name: string;
  q: string;
}

/** Characters of a question; the hub refuses longer ones. */
export const QUESTION_MAX = 500;
/** Saved searches of one person. */
export const SAVED_MAX = 50;

export const search = {
  find: (query: Query) => json<SearchPage>('GET', '/search', { query, patient: true }),
  similar: (event: string, direction: Direction) => json<{ items: Similar[] }>('GET', `/events/${event}/similar`, { query: { direction, limit: 10 }, patient: true }).then((answer) => answer.items),
  ask: (text: string, conversation: string | null) => json<Reply>('POST', '/questions', { body: { text, conversation }, patient: true }),
  conversations: () => json<{ conversations: Conversation[] }>('GET', '/conversations').then((answer) => answer.conversations),
  conversation: (id: string) => json<Recorded>('GET', `/conversations/${id}`),
  forget: (id: string) => json<void>('DELETE', `/conversations/${id}`),
  insights: () => json<Insights>('GET', '/insights'),
  forecast: (camera: string, label: string) => json<Forecast>('GET', '/forecast', { query: { camera, label } }),
  saved: () => json<{ searches: SavedSearch[] }>('GET', '/searches').then((answer) => answer.searches),
  save: (name: string, q: string) => json<SavedSearch>('POST', '/searches', { body: { name, q } }),
  unsave: (id: string) => json<void>('DELETE', `/searches/${id}`),
};
