// Assistants: which have access to what, what waits for a person, and what they called.

import { json } from './request.ts';

/** `exports` takes something out of the house, `acts` counts each time. */
export type Effect = 'looks' | 'exports' | 'sets' | 'acts';

export interface Tool {
  name: string;
  about: string;
  effect: Effect;
  /** What a token needs for it. */
  action: string;
}

export interface Approval {
  id: string;
  token: string;
  name: string;
  tool: string;
  about: string;
  /** Redacted by the hub; texts of other people may be in it. */
  arguments: Record<string, unknown>;
  text: string;
  asked_at: string;
  expires_at: string;
}

export interface Call {
  at: string;
  name: string;
  tool: string;
  arguments: Record<string, unknown>;
  outcome: 'done' | 'refused' | 'failed' | 'denied' | 'expired';
  detail: string;
}

export interface Access {
  token: string;
  name: string;
  owner: string;
  /** Null means all of its account. */
  cameras: string[] | null;
  actions: string[];
  asks: 'always' | 'never';
  calls_per_day: number | null;
  calls_today: number;
  last_call_at: string | null;
  expires_at: string | null;
  allowed_until: { tool: string; until: string }[];
}

export interface AssistantView {
  is_paused: boolean;
  tools: Tool[];
  approvals: Approval[];
  calls: Call[];
  access: Access[];
}

export type ApprovalAnswer = 'once' | 'hour' | 'deny';

/** Who may see and answer. */
export const ASSISTANT_ROLE = 'admin';

export const assistant = {
  get: () => json<AssistantView>('GET', '/assistant'),
  pause: (isPaused: boolean) => json<void>('PUT', '/assistant/pause', { body: { is_paused: isPaused } }),
  answer: (id: string, answer: ApprovalAnswer) => json<void>('POST', `/assistant/approvals/${id}`, { body: { answer } }),
};
