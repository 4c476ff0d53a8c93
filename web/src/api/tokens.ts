// Tokens for programs.

import { json } from './request.ts';
import type { Weekday } from './types.ts';

/** What a token can be for; what makes accounts or tokens is for people. */
export const TOKEN_ACTIONS = [
  'live', 'playback', 'export', 'control', 'configure', 'faces',
  'list_cameras', 'read_events', 'read_devices', 'manage_cameras', 'manage_holds', 'read_system', 'maintain', 'read_audit', 'read_incidents', 'manage_incidents', 'read_metrics',
] as const;
export type TokenAction = (typeof TOKEN_ACTIONS)[number];

export interface Hours {
  days: Weekday[];
  from_minute: number;
  to_minute: number;
}

export interface TokenScope {
  actions: string[];
  /** Missing means those that its account may use. */
  cameras?: string[] | null;
  /** In the house's time; missing means always. */
  hours?: Hours | null;
  /** Whether an assistant that changes something has to wait for a person; it has to unless said otherwise. */
  asks?: 'always' | 'never';
  /** Of an assistant; null means no limit. */
  calls_per_day?: number | null;
}

export interface Token {
  id: string;
  user: string;
  name: string;
  scope: TokenScope;
  /** Empty means from anywhere. */
  networks: string[];
  created_at: string;
  expires_at: string;
  used_at: string | null;
  used_from: string | null;
}

export interface NewToken {
  name: string;
  /** Whose it is; one's own unless given. */
  user?: string;
  scope: TokenScope;
  networks: string[];
  expires_at: string;
}

export interface MadeToken {
  token: Token;
  /** Not shown again. */
  secret: string;
}

export const tokens = {
  list: () => json<{ tokens: Token[] }>('GET', '/tokens').then((answer) => answer.tokens),
  add: (token: NewToken) => json<MadeToken>('POST', '/tokens', { body: token }),
  rotate: (id: string) => json<MadeToken>('POST', `/tokens/${id}/rotate`),
  remove: (id: string) => json<void>('DELETE', `/tokens/${id}`),
};
