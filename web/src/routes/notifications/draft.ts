// Drafts of channels and recipients: what is typed, what is sent, and what is missing. Pure.

import type { Channel, ChannelKind, ChannelSettings, MatterKind, NewChannel, NewRecipient, QuietHours, Recipient, Subscription } from '../../api/notifications.ts';

export interface ChannelDraft {
  kind: ChannelKind;
  name: string;
  enabled: boolean;
  url: string;
  host: string;
  port: string;
  security: 'starttls' | 'tls';
  username: string;
  from: string;
  contact: string;
  secret: string;
  privateNetwork: boolean;
  certificate: string;
}

const USUAL_PORT: Partial<Record<ChannelKind, string>> = { email: '587', mqtt: '8883' };
const SECRET_MIN = 16;
const PORT_MAX = 65_535;

export const newChannelDraft = (kind: ChannelKind): ChannelDraft => ({ kind, name: '', enabled: true, url: '', host: '', port: USUAL_PORT[kind] ?? '', security: 'starttls', username: '', from: '', contact: '', secret: '', privateNetwork: false, certificate: '' });

export function draftOf(channel: Channel): ChannelDraft {
  const { settings } = channel;
  const draft = newChannelDraft(settings.kind);
  const common = { ...draft, name: channel.name, enabled: channel.enabled, privateNetwork: channel.private_network, certificate: channel.certificate_sha256 ?? '' };
  if (settings.kind === 'email') return { ...common, host: settings.host, port: String(settings.port), security: settings.security, username: settings.username ?? '', from: settings.from };
  if (settings.kind === 'mqtt') return { ...common, host: settings.host, port: String(settings.port), username: settings.username ?? '' };
  if (settings.kind === 'web_push') return { ...common, contact: settings.contact };
  return { ...common, url: settings.kind === 'telegram' ? settings.api_url ?? '' : settings.url };
}

function settingsOf(draft: ChannelDraft): ChannelSettings {
  const username = draft.username.trim() || null;
  switch (draft.kind) {
    case 'telegram': return { kind: 'telegram', ...(draft.url.trim() === '' ? {} : { api_url: draft.url.trim() }) };
    case 'email': return { kind: 'email', host: draft.host.trim(), port: Number(draft.port), security: draft.security, username, from: draft.from.trim() };
    case 'mqtt': return { kind: 'mqtt', host: draft.host.trim(), port: Number(draft.port), username };
    case 'web_push': return { kind: 'web_push', contact: draft.contact.trim() };
    case 'ntfy': return { kind: 'ntfy', url: draft.url.trim() };
    case 'webhook': return { kind: 'webhook', url: draft.url.trim() };
  }
}

export const channelOf = (draft: ChannelDraft): NewChannel => ({
  name: draft.name.trim(), enabled: draft.enabled, settings: settingsOf(draft), ...(draft.secret === '' ? {} : { secret: draft.secret }),
  private_network: draft.privateNetwork, certificate_sha256: draft.certificate.replace(/[^0-9a-f]/gi, '').toLowerCase() || null,
});

const needsSecret = (kind: ChannelKind): boolean => kind === 'telegram' || kind === 'webhook';

/** Whether the hub would take it, as far as the page can tell. */
export function isChannelWhole(draft: ChannelDraft, hasSecret: boolean): boolean {
  const port = Number(draft.port);
  if (draft.name.trim() === '') return false;
  if (needsSecret(draft.kind) && draft.secret === '' && !hasSecret) return false;
  if (draft.kind === 'webhook' && draft.secret !== '' && draft.secret.length < SECRET_MIN) return false;
  if (draft.kind === 'email' || draft.kind === 'mqtt') return draft.host.trim() !== '' && Number.isInteger(port) && port > 0 && port <= PORT_MAX && (draft.kind === 'mqtt' || draft.from.includes('@'));
  // Telegram has an address of its own.
  if (draft.kind === 'telegram' && draft.url.trim() === '') return true;
  return draft.kind === 'web_push' ? /^(mailto:|https:)/.test(draft.contact.trim()) : /^https:\/\/./.test(draft.url.trim());
}

/** Kinds of channels whose recipients have an address. */
export const hasAddress = (kind: ChannelKind): boolean => kind !== 'webhook' && kind !== 'web_push';

export const newRecipientDraft = (channel: string): NewRecipient => ({
  name: '', channel, address: '', enabled: true, content: 'full', commands: false, per_hour: 30, dedup_seconds: 60, quiet_hours: [],
  matters: [{ kind: 'ring', severity: 'info', cameras: [] }, { kind: 'incident', severity: 'critical', cameras: [] }],
});

/** What is sent of a recipient that is there: without what only the hub says. */
export const recipientDraftOf = ({ id: _id, channel_kind: _kind, user: _user, user_name: _name, waiting: _waiting, ...rest }: Recipient): NewRecipient => rest;

/** The matters with one of them changed; null takes it out. */
export function withMatter(matters: readonly Subscription[], kind: MatterKind, change: Partial<Subscription> | null): Subscription[] {
  if (change === null) return matters.filter((matter) => matter.kind !== kind);
  if (matters.some((matter) => matter.kind === kind)) return matters.map((matter) => (matter.kind === kind ? { ...matter, ...change } : matter));
  return [...matters, { kind, severity: 'info', cameras: [], ...change }];
}

export const newQuietHours = (): QuietHours => ({ days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'], from_minute: 22 * 60, to_minute: 7 * 60 });

export const isRecipientWhole = (draft: NewRecipient, kind: ChannelKind): boolean =>
  draft.name.trim() !== '' && (!hasAddress(kind) || (draft.address ?? '').trim() !== '') && draft.quiet_hours.every((hours) => hours.days.length > 0 && hours.from_minute !== hours.to_minute);
