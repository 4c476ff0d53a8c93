// How the house tells people what happened: channels, recipients, what waits and what was delivered.

import { json } from './request.ts';
import type { Severity, Weekday } from './types.ts';

export const CHANNEL_KINDS = ['telegram', 'email', 'web_push', 'ntfy', 'webhook', 'mqtt'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export type ChannelSettings =
  | { kind: 'telegram'; api_url?: string }
  | { kind: 'email'; host: string; port: number; security: 'starttls' | 'tls'; username: string | null; from: string }
  | { kind: 'webhook'; url: string }
  | { kind: 'ntfy'; url: string }
  | { kind: 'mqtt'; host: string; port: number; username: string | null }
  | { kind: 'web_push'; contact: string };

export interface NewChannel {
  name: string;
  enabled: boolean;
  settings: ChannelSettings;
  /** Left out, the one that is there stays. */
  secret?: string;
  private_network: boolean;
  certificate_sha256: string | null;
}

export interface Channel extends Omit<NewChannel, 'secret'> {
  id: string;
  has_secret: boolean;
  state: 'unused' | 'working' | 'failing' | 'misconfigured';
  last_sent_at: string | null;
  last_error: string | null;
}

export const MATTER_KINDS = ['ring', 'person', 'visit', 'incident', 'camera_silent', 'device_limit', 'alarm', 'arming', 'duress', 'rule', 'watch_list', 'summary'] as const;
export type MatterKind = (typeof MATTER_KINDS)[number];

export interface Subscription {
  kind: MatterKind;
  /** The least severity that is told. */
  severity: Severity;
  /** Empty means all. */
  cameras: string[];
}

export interface QuietHours {
  days: Weekday[];
  from_minute: number;
  to_minute: number;
}

export const CONTENTS = ['full', 'no_picture', 'no_name', 'something_happened'] as const;
export type Content = (typeof CONTENTS)[number];

export interface NewRecipient {
  name: string;
  channel: string;
  address: string | null;
  enabled: boolean;
  content: Content;
  commands: boolean;
  matters: Subscription[];
  quiet_hours: QuietHours[];
  per_hour: number;
  dedup_seconds: number;
}

export interface Recipient extends NewRecipient {
  id: string;
  channel_kind: ChannelKind | null;
  user: string | null;
  user_name: string | null;
  waiting: number;
}

export interface Escalation {
  severity: Severity;
  steps: { after_seconds: number; recipients: string[] }[];
}

export interface Tested {
  delivered: boolean;
  seconds: number;
  code: 'try_again' | 'never_again' | 'misconfigured' | null;
  message: string | null;
}

export type DeliveryState = 'waiting' | 'sent' | 'dead' | 'acknowledged';

export interface Delivery {
  id: string;
  matter: string;
  /** Null for a kind that this version does not know. */
  kind: MatterKind | null;
  severity: Severity;
  camera: string | null;
  recipient: string;
  /** Null once the recipient is gone. */
  recipient_name: string | null;
  channel_kind: ChannelKind | null;
  step: number;
  state: DeliveryState;
  attempts: number;
  created_at: string;
  due_at: string;
  sent_at: string | null;
  seconds: number | null;
  error: string | null;
}

export interface Matter {
  id: string;
  /** Null for a kind that this version does not know. */
  kind: MatterKind | null;
  severity: Severity;
  camera: string | null;
  opened_at: string;
  updated_at: string;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  waiting: number;
  sent: number;
}

export interface Mute {
  until: string | null;
  by?: string | null;
}

const path = (rest: string): string => `/notifications${rest}`;

export const notifications = {
  channels: () => json<{ channels: Channel[] }>('GET', path('/channels')).then((answer) => answer.channels),
  addChannel: (body: NewChannel) => json<Channel>('POST', path('/channels'), { body }),
  setChannel: (id: string, body: NewChannel) => json<Channel>('PUT', path(`/channels/${id}`), { body }),
  removeChannel: (id: string) => json<void>('DELETE', path(`/channels/${id}`)),
  recipients: () => json<{ recipients: Recipient[] }>('GET', path('/recipients')).then((answer) => answer.recipients),
  addRecipient: (body: NewRecipient) => json<Recipient>('POST', path('/recipients'), { body }),
  setRecipient: (id: string, body: NewRecipient) => json<Recipient>('PUT', path(`/recipients/${id}`), { body }),
  removeRecipient: (id: string) => json<void>('DELETE', path(`/recipients/${id}`)),
  escalation: () => json<Escalation>('GET', path('/escalation')),
  setEscalation: (body: Escalation) => json<Escalation>('PUT', path('/escalation'), { body }),
  test: (recipient: string) => json<Tested>('POST', path('/test'), { body: { recipient }, patient: true }),
  deliveries: (state: DeliveryState | null, before: string | null) => json<{ deliveries: Delivery[]; next: string | null }>('GET', path('/deliveries'), { query: { state, before, limit: 50 } }),
  /** Who was told of a matter, newest first. */
  told: (matter: string) => json<{ deliveries: Delivery[] }>('GET', path('/deliveries'), { query: { matter, limit: 50 } }).then((answer) => answer.deliveries),
  replay: (id: string) => json<Delivery>('POST', path(`/deliveries/${id}/replay`)),
  matters: () => json<{ matters: Matter[] }>('GET', path('/matters')).then((answer) => answer.matters),
  acknowledge: (id: string) => json<Matter>('POST', path(`/matters/${id}/acknowledge`)),
  mute: () => json<Mute>('GET', path('/mute')),
  setMute: (until: string | null) => json<Mute>('PUT', path('/mute'), { body: { until } }),
};
