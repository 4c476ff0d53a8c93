// What an event is called and how it looks in a list.

import type { EventView } from '../api/types.ts';
import { visitOf, type Visit } from '../api/visits.ts';
import { deviceOf } from '../state/devices.ts';
import { recentVisits } from '../state/visits.ts';
import { t, tCode } from '../text/text.ts';
import { bytes, decimal } from '../time/show.ts';
import type { IconName } from './icon-names.ts';
import { labelIcon } from './icon.tsx';
import { visitBegan, visitTitle } from './visit-words.ts';

const KIND_ICONS: Record<string, IconName> = {
  ring: 'bell',
  camera_added: 'plus',
  camera_removed: 'trash-2',
  camera_state_changed: 'unplug',
  stream_changed: 'cctv',
  recording_stopped: 'triangle-alert',
  recording_resumed: 'circle-dot',
  space_reclaimed: 'hard-drive',
  eyes_stopped: 'eye-off',
  eyes_started: 'eye',
  clock_stepped: 'clock',
  index_rebuilt: 'hard-drive',
  signed_in: 'user',
  sign_in_failed: 'lock',
  incident_opened: 'shield-alert',
  incident_escalated: 'shield-alert',
  incident_acknowledged: 'shield-check',
  incident_resolved: 'shield-check',
  security_summary_made: 'shield-check',
  device_added: 'plus',
  device_removed: 'trash-2',
  device_state_changed: 'house-plug',
  device_control_changed: 'house-plug',
  device_schedule_missed: 'house-plug',
  device_limit_reached: 'house-plug',
  device_noticed: 'house-plug',
  house_privacy_changed: 'camera-off',
  visit_began: 'bell-ring',
  alarm_changed: 'lock',
  rule_ran: 'list-checks',
};

const ALARM_ICONS: Record<string, IconName> = {
  arming: 'clock',
  disarmed: 'lock-open',
  entry_delay: 'clock',
  triggered: 'siren',
  siren_on: 'volume-2',
  siren_off: 'volume-x',
  acknowledged: 'check',
  false_alarm: 'lock-open',
  tampered: 'triangle-alert',
  pin_refused: 'triangle-alert',
  pin_locked: 'triangle-alert',
  schedule_missed: 'triangle-alert',
};

export const isActivity = (event: EventView): boolean => event.kind === 'activity_noticed' || event.kind === 'activity_ended';

export function eventIcon(event: EventView): IconName {
  if (isActivity(event)) return labelIcon(event.label);
  if (event.kind === 'camera_state_changed' && event.detail['state'] === 'live') return 'plug';
  if (event.kind === 'alarm_changed') return ALARM_ICONS[text(event.detail['change'])] ?? 'lock';
  return KIND_ICONS[event.kind] ?? 'info';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** The visit that a fact tells of, if it is among the newest. */
export const visitOfEvent = (event: EventView): Visit | undefined => recentVisits.value.get(visitOf(event) ?? '');

/** One short line: what happened. */
export function eventTitle(event: EventView): string {
  const { kind, detail } = event;
  const visit = visitOfEvent(event);
  if (visit) return visitTitle(visit);
  if (isActivity(event)) return tCode('label', event.label ?? 'motion');
  if (kind === 'camera_state_changed') return tCode('camera_is', text(detail['state']));
  if (kind === 'alarm_changed') return tCode('alarm_change', text(detail['change']));
  if (kind === 'house_privacy_changed') return detail['is_on'] === true ? t('kind.house_privacy_on') : t('kind.house_privacy_off');
  return tCode('kind', kind);
}

/** Where it happened; a camera that was removed has no name any more. */
export function eventPlace({ kind, camera, camera_name: name, detail }: EventView): string {
  const device = (kind.startsWith('device_') && text(detail['name'])) || deviceOf(text(detail['device']))?.name;
  return device ? device : name ?? (camera ? t('event.removed_camera') : t('event.house'));
}

/** To which mode it was set, and by whom. */
function alarmDetail(detail: EventView['detail']): string {
  const change = text(detail['change']);
  const mode = change === 'arming' || change === 'armed' || change === 'schedule_missed' ? tCode('mode', text(detail['mode'])) : '';
  return [mode, text(detail['by'])].filter(Boolean).join(' · ');
}

/** What else is known about it, or an empty text. */
export function eventDetail(event: EventView): string {
  const { kind, detail } = event;
  if (isActivity(event)) return event.score === null || event.label === 'motion' ? '' : t('event.sure', { percent: decimal(event.score * 100, 0) });
  const visit = visitOfEvent(event);
  if (visit) return visitBegan(visit);
  if (kind === 'camera_state_changed' && detail['reason']) return tCode('reason', text(detail['reason']));
  if (kind === 'recording_stopped') return tCode('cause', text(detail['cause']));
  if (kind === 'device_state_changed') return tCode('device_state', text(detail['state']));
  if (kind === 'house_privacy_changed') return text(detail['by']);
  if (kind === 'alarm_changed') return alarmDetail(detail);
  if (kind === 'rule_ran') return detail['is_done'] === false ? t('event.rule_failed', { name: text(detail['name']) }) : text(detail['name']);
  if (kind === 'device_noticed') return tCode('label', text(detail['what']));
  if (kind === 'device_schedule_missed') return text(detail['reason']);
  if (kind === 'device_limit_reached') return t('event.limit', { reading: tCode('reading', text(detail['reading'])), value: decimal(number(detail['value']), 1), limit: decimal(number(detail['limit']), 1) });
  if (kind === 'stream_changed') return `${number(detail['width'])} × ${number(detail['height'])} · ${text(detail['codec'])}`;
  if (kind === 'space_reclaimed') return bytes(number(detail['bytes']));
  if (kind === 'clock_stepped') return t('event.stepped', { s: decimal(number(detail['micros']) / 1e6, 1) });
  if (kind === 'eyes_stopped') return text(detail['cause']);
  if (kind === 'incident_opened' || kind === 'incident_escalated') return text(detail['title']);
  if (kind === 'incident_acknowledged' || kind === 'incident_resolved') return text(detail['by']);
  if (kind === 'security_summary_made') return text(detail['day']);
  if (kind === 'signed_in') return text(detail['user']);
  if (kind === 'sign_in_failed') return text(detail['address']);
  return '';
}
