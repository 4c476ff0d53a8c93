// How safe the house is: the promises that can be checked now, the numbers of the days, who watches, how the keys
// stand.

import type { Actor } from './audit.ts';
import { json } from './request.ts';

export interface Check {
  id: string;
  title: string;
  outcome: 'ok' | 'failed' | 'skipped';
  /** What was seen, and what to do. */
  detail: string;
  promise?: string | null;
}

export interface DoctorReport {
  ok: boolean;
  checks: Check[];
}

/** What happened on a day, counted from the audit log. */
export interface DaySummary {
  day: string;
  from: string;
  to: string;
  sign_ins: number;
  failed_sign_ins: number;
  denied: number;
  views: number;
  exports: number;
  controls: number;
  changes: number;
  key_uses: number;
  person_accesses: number;
  incidents_opened: number;
  incidents_unresolved: number;
  /** Missing if it was not checked. */
  audit_ok: boolean | null;
  parties: { party: string; entries: number }[];
}

export interface SecuritySummary {
  today: DaySummary;
  /** Newest first. */
  days: DaySummary[];
}

export interface Watcher {
  camera: string;
  camera_name: string | null;
  viewer_kind: Actor['kind'];
  viewer: string | null;
  since: string;
  from: string;
}

export interface Keys {
  vault: string;
  opened_by: string;
  generation: number;
  has_recovery_key: boolean;
  rotation_pending: boolean;
  newest_backup: string | null;
}

export const security = {
  doctor: () => json<DoctorReport>('GET', '/doctor'),
  summary: () => json<SecuritySummary>('GET', '/security/summary'),
  watchers: () => json<{ watchers: Watcher[] }>('GET', '/watchers').then((answer) => answer.watchers),
  keys: () => json<Keys>('GET', '/keys'),
};
