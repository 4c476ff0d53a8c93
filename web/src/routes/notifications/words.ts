// What channels, matters and deliveries are called. Pure apart from the words.

import type { Channel, ChannelKind, ChannelSettings, MatterKind, Subscription } from '../../api/notifications.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { t, tCode } from '../../text/text.ts';

/** Where a channel leads, without its secret. */
export function whereTo(settings: ChannelSettings): string {
  if (settings.kind === 'email') return `${settings.from} · ${settings.host}:${settings.port}`;
  if (settings.kind === 'mqtt') return `${settings.host}:${settings.port}`;
  if (settings.kind === 'web_push') return settings.contact;
  return settings.kind === 'telegram' ? settings.api_url ?? '' : settings.url;
}

export const kindName = (kind: ChannelKind | null): string => (kind === null ? '—' : t(`channel.${kind}`));

export const matterName = (kind: MatterKind | null): string => (kind === null ? t('matter.other') : tCode('matter', kind));

export const channelName = (channels: readonly Channel[], id: string): string => channels.find((channel) => channel.id === id)?.name ?? '—';

/** `Ring, Person: Front door`. */
export function matterWords({ kind, severity, cameras }: Subscription): string {
  const where = cameras.length === 0 ? '' : `: ${cameras.map((id) => cameraNamed(id)?.name ?? t('event.removed_camera')).join(', ')}`;
  return `${matterName(kind)}${severity === 'info' ? '' : ` (${t('matters.from', { severity: t(`severity_from.${severity}`) })})`}${where}`;
}
