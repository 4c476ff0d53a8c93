// Rules of the house: when something is so, then things are done. As the hub keeps them, version 1.

import type { Mode } from './alarm.ts';
import { json } from './request.ts';
import type { Severity, Weekday } from './types.ts';

export type Who = 'known' | 'stranger' | 'face_hidden' | { people: string[] } | { group: string };
export const DIRECTIONS = ['approaching', 'leaving', 'left', 'right'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What happens. A list is one of its entries, none means anything; all that is given must fit. */
export interface Happens {
  kinds?: string[];
  cameras?: string[];
  labels?: string[];
  zones?: string[];
  /** Percent. */
  confidence_min?: number | null;
  confidence_max?: number | null;
  who?: Who | null;
  direction?: Direction | null;
  devices?: string[];
  /** What a device noticed. */
  what?: string[];
  /** Further details of the fact; written by sentences, kept as they are. */
  details?: { detail: string; is: unknown }[];
}

export type Value = boolean | number | string;

export interface Hours {
  from: string;
  to: string;
  days?: Weekday[];
}

export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { happens: Happens }
  | { count: { of: Happens; at_least: number; within_seconds: number } }
  | { absent: { of: Happens; for_seconds: number } }
  | { stays: { of: Happens; for_seconds: number } }
  | { mode: { is: Mode[] } }
  | { hours: Hours }
  | { device: { device: string; control: string; is: Value } }
  | { reading: { device: string; reading: string; above?: number | null; below?: number | null } };

export type Action =
  | { notify: { to: string[]; severity: Severity; picture: boolean; text?: string | null } }
  | { record: { cameras: string[]; seconds: number } }
  | { hold_clip: { before_seconds: number; after_seconds: number; days: number } }
  | { alert: { severity: Severity; title: string } }
  | { siren: { devices: string[]; seconds: number } }
  | { switch: { device: string; on: boolean; for_seconds?: number | null } }
  | { set: { device: string; control: string; value: Value } }
  | { preset: { camera: string; preset: string } }
  | { privacy: { on: boolean; for_seconds?: number | null } }
  | { arm: { mode: Mode } }
  | { webhook: { channel: string } }
  | { mqtt: { channel: string; topic: string; payload: string } }
  | { log: { text?: string | null } };

/** The name in the only field of a tagged value. */
type KeysOf<T> = T extends unknown ? keyof T : never;
export type TestKind = Exclude<KeysOf<Condition>, 'all' | 'any' | 'not'>;
export type ActionKind = KeysOf<Action>;

export interface Rule {
  version: 1;
  name: string;
  is_on: boolean;
  /** 0 to 100; of two rules that oppose each other the higher wins. */
  priority: number;
  when: Condition;
  for_seconds: number;
  cooldown_seconds: number;
  then: Action[];
}

export interface RuleView {
  id: string;
  rule: Rule;
  sentence: string;
  created_at: string;
  changed_at: string;
  /** Since the hub started. */
  last_run: string | null;
  /** It failed again and again, and is not judged any more. */
  is_suspended: boolean;
}

export interface Thing {
  id: string;
  name: string;
  kind?: string;
  parts?: Thing[];
  readings?: string[];
}

/** What rules of this house can speak of. */
export interface Vocabulary {
  cameras: Thing[];
  devices: Thing[];
  people: Thing[];
  recipients: Thing[];
  channels: Thing[];
  labels: string[];
  /** Groups of people; a hub of an older version has none. */
  groups?: Thing[];
}

export interface Finding {
  level: 'error' | 'warning' | 'suggestion';
  code: string;
  /** `when`, `when.2`, `then.0`. */
  at: string;
  message: string;
  suggestion?: string | null;
}

export type Conflict =
  | { conflict: 'opposed'; rules: [string, string]; actions: [number, number]; is_decided: boolean; is_proved: boolean }
  | { conflict: 'redundant'; rules: [string, string] }
  | { conflict: 'loop'; rules: string[] };

/** A test that was so, and the fact that made it so. */
export interface Because {
  test: number;
  condition: Condition;
  was: boolean;
  event: string | null;
  since: string;
}

export interface Checked {
  sentence: string;
  findings: Finding[];
  conflicts: Conflict[];
  /** What the rule would have done with what is recorded of seven days. */
  history: { runs: number; told: { at: string; event: string | null; because: Because[] }[]; facts: number; from: string | null; to: string | null; is_cut: boolean };
}

export interface Draft {
  rule: Rule | null;
  understood: { text: string; meaning: string }[];
  not_understood: { text: string; reason: string }[];
  sentence: string | null;
  /** Who wrote the rule; a hub of an older version does not say, and has no model. */
  by?: 'grammar' | 'model';
  /** Why the model that was asked gave no draft. */
  model_error?: string | null;
}

/** A language model that is asked for what the hub's own grammar did not understand. */
export interface Drafting {
  is_on: boolean;
  url: string;
  model: string;
  has_key: boolean;
  may_name_people: boolean;
  /** Whether it may be asked what an event was, and see its picture; a hub of an older version has neither. */
  may_describe_events?: boolean;
  may_see_pictures?: boolean;
}

/** What a model says of an event. */
export interface Description {
  text: string;
  model: string;
  with_picture: boolean;
}

export interface NewDrafting extends Omit<Drafting, 'has_key'> {
  /** Left out, the one that is there stays; null takes it away. */
  key?: string | null;
}

export type Outcome = 'pending' | 'overruled' | { done: string } | { failed: { at: string; reason: string } };

export interface RuleRun {
  id: number;
  /** Null when the rule was removed. */
  name: string | null;
  rule: string;
  at: string;
  because: Because[];
  actions: { action: Action; outcome: Outcome }[];
}

/** Who makes rules. */
export const RULES_ROLE = 'admin';

export const rules = {
  list: () => json<{ rules: RuleView[] }>('GET', '/rules').then((answer) => answer.rules),
  get: (id: string) => json<RuleView>('GET', `/rules/${id}`),
  add: (rule: Rule) => json<RuleView>('POST', '/rules', { body: rule }),
  change: (id: string, rule: Rule) => json<RuleView>('PUT', `/rules/${id}`, { body: rule }),
  remove: (id: string) => json<void>('DELETE', `/rules/${id}`, { keepalive: true }),
  resume: (id: string) => json<void>('POST', `/rules/${id}/resume`),
  vocabulary: () => json<Vocabulary>('GET', '/rules/vocabulary'),
  /** Looks through seven days, which may take a while. */
  check: (id: string | null, rule: Rule, signal?: AbortSignal) => json<Checked>('POST', '/rules/check', { body: { ...(id === null ? {} : { id }), rule }, patient: true, ...(signal ? { signal } : {}) }),
  /** `improve` asks the model as well, where one is switched on; that takes its time. */
  draft: (text: string, improve = false) => json<Draft>('POST', '/rules/draft', { body: { text, ...(improve ? { improve } : {}) }, ...(improve ? { patient: true } : {}) }),
  drafting: () => json<Drafting>('GET', '/rules/drafting'),
  setDrafting: (body: NewDrafting) => json<Drafting>('PUT', '/rules/drafting', { body }),
  describe: (event: string) => json<Description>('POST', `/events/${event}/description`, { patient: true }),
  testDrafting: () => json<{ ok: true; ms: number }>('POST', '/rules/drafting/test', { patient: true }),
  runs: (rule: string | null, before: number | null, limit: number) => json<{ runs: RuleRun[] }>('GET', '/rules/runs', { query: { rule, before, limit } }).then((answer) => answer.runs),
};
