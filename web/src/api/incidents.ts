// Incidents: what was found, what became of it, and who looked into it.

import type { Actor } from './audit.ts';
import { json, type Query } from './request.ts';
import type { Severity } from './types.ts';

export type IncidentState = 'open' | 'acknowledged' | 'resolved';

export interface TimelineLine {
  at: string;
  step: 'opened' | 'repeated' | 'escalated' | 'acknowledged' | 'note' | 'resolved';
  /** Missing where the hub did it. */
  who: Actor | null;
  text: string;
}

export interface Incident {
  id: string;
  kind: string;
  subject: string;
  title: string;
  severity: Severity;
  state: IncidentState;
  opened_at: string;
  last_at: string;
  count: number;
  escalates_at: string | null;
  timeline: TimelineLine[];
}

/** Characters of a note. */
export const NOTE_MAX = 2_000;

export const incidents = {
  list: (query: Query = {}) => json<{ incidents: Incident[] }>('GET', '/incidents', { query }).then((answer) => answer.incidents),
  get: (id: string) => json<Incident>('GET', `/incidents/${id}`),
  acknowledge: (id: string) => json<Incident>('POST', `/incidents/${id}/acknowledge`),
  resolve: (id: string, text: string) => json<Incident>('POST', `/incidents/${id}/resolve`, { body: { text } }),
  note: (id: string, text: string) => json<Incident>('POST', `/incidents/${id}/notes`, { body: { text } }),
  /** The incident with the audit log around it, for people who review it elsewhere. */
  export: (id: string) => json<unknown>('GET', `/incidents/${id}/export`),
};
