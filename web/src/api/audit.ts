// The audit log: who did what, with what, when, from where, and how it ended.

import { address, json, type Query } from './request.ts';
import type { Severity } from './types.ts';

export const CATEGORIES = ['authentication', 'authorization', 'data_access', 'system', 'security'] as const;
export const OUTCOMES = ['ok', 'denied', 'failed'] as const;
export type Category = (typeof CATEGORIES)[number];
export type Outcome = (typeof OUTCOMES)[number];

export interface Actor {
  kind: 'user' | 'machine' | 'owner' | 'hub' | 'nobody';
  id: string | null;
  name: string | null;
}

export interface AuditEntry {
  seq: number;
  at: string;
  category: Category;
  class: string;
  action: string;
  who: Actor;
  /** An address, `control_socket`, `hub` or `many`. */
  from: string;
  /** Ids by what they name, such as `camera`. */
  what: Record<string, string>;
  result: Outcome;
  severity: Severity;
  detail: string | null;
  duration_ms: number | null;
  /** How many more like this it stands for. */
  more: number;
}

export interface AuditPage {
  entries: AuditEntry[];
  /** Pass as `before` for the next page. */
  next?: number | null;
}


export const audit = {
  page: (query: Query) => json<AuditPage>('GET', '/audit', { query }),
};

/** Where the entries that fit can be saved from. */
export const auditExportAddress = (query: Query): string => address('/audit/export', query);
