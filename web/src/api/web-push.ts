// Messages to one's own browser, through the relay of the browser's maker.

import { json } from './request.ts';
import type { Content, QuietHours, Subscription } from './notifications.ts';

export interface OwnPush {
  id: string;
  name: string;
  content: Content;
  matters: Subscription[];
  quiet_hours: QuietHours[];
  created_at: string;
}

export interface WebPush {
  /** Whether the hub has a channel for it. */
  available: boolean;
  public_key: string | null;
  subscriptions: OwnPush[];
}

export const webPush = {
  get: () => json<WebPush>('GET', '/notifications/web-push'),
  add: (name: string, subscription: PushSubscriptionJSON, content: Content) => json<OwnPush>('POST', '/notifications/web-push', { body: { name, subscription, content } }),
  remove: (id: string) => json<void>('DELETE', `/notifications/web-push/${id}`),
};
