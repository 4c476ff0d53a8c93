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
  /** What concerns the house or those in it, or the hub and its accounts. A hub of an older version does not say. */
  about?: About;
  cameras?: string[];
  /** The newest of what was noticed. */
  evidence?: Evidence[];
  /** Several findings of the same matter in one incident. */
  is_grouped?: boolean;
}

export type About = 'safety' | 'security';

export interface Evidence {
  event: string;
  camera: string | null;
  at: string;
  text: string;
}

/** Characters of a note. */
export const NOTE_MAX = 2_000;

/** Incidents in one request to acknowledge them. */
export const ACKNOWLEDGE_MAX = 100;

export interface Acknowledged {
  acknowledged: string[];
  not: { incident: string; code: string }[];
}

export const incidents = {
  list: (query: Query = {}) => json<{ incidents: Incident[] }>('GET', '/incidents', { query }).then((answer) => answer.incidents),
  get: (id: string) => json<Incident>('GET', `/incidents/${id}`),
  acknowledge: (id: string) => json<Incident>('POST', `/incidents/${id}/acknowledge`),
  acknowledgeAll: (ids: readonly string[]) => json<Acknowledged>('POST', '/incidents/acknowledge', { body: { incidents: ids } }),
  resolve: (id: string, text: string) => json<Incident>('POST', `/incidents/${id}/resolve`, { body: { text } }),
  note: (id: string, text: string) => json<Incident>('POST', `/incidents/${id}/notes`, { body: { text } }),
  /** The incident with the audit log around it, for people who review it elsewhere. */
  export: (id: string) => json<unknown>('GET', `/incidents/${id}/export`),
};
