// The state of the house in one sentence, the worst thing first. Nothing is fine by default: without a fresh
// answer of the hub it is unknown.

import type { CameraStatus } from '../../api/types.ts';
import { camerasAt, recordsAsSet } from '../../state/cameras.ts';
import { offline } from '../../state/contact.ts';
import { closedBy } from '../../state/privacy.ts';
import { t, tCode } from '../../text/text.ts';
import { age, moment } from '../../time/show.ts';

export interface StatusLine {
  kind: 'ok' | 'bad' | 'warn' | 'unknown' | 'privacy';
  text: string;
  more: string | null;
  link: string | null;
}

function problem(camera: CameraStatus, now: number): Pick<StatusLine, 'text' | 'more'> {
  const reason = tCode('reason', camera.reason ?? 'unknown');
  const since = moment(Date.parse(camera.since), now);
  const text = camera.record_mode === 'off' ? t('status.not_live', { camera: camera.name, since, reason }) : t('status.not_recording', { camera: camera.name, since, reason });
  const seconds = camera.retry_at ? Math.ceil((Date.parse(camera.retry_at) - now) / 1000) : null;
  return { text, more: seconds !== null && seconds > 0 ? t('live.retry_in', { n: seconds }) : null };
}

export function statusLine(list: readonly CameraStatus[], now: number): StatusLine {
  const at = camerasAt.value;
  if (offline.value || at === null) return { kind: 'unknown', text: t('status.unknown'), more: at === null ? null : t('status.checked', { age: age(now - at) }), link: null };
  const open = list.filter((camera) => closedBy(camera) === null);
  const bad = open.filter((camera) => !recordsAsSet(camera) || camera.state === 'offline' || camera.state === 'reconnecting');
  const first = bad[0];
  if (first) {
    const others = bad.length > 1 ? t('status.others', { n: bad.length - 1 }) : null;
    const words = problem(first, now);
    return { kind: 'bad', text: words.text, more: [words.more, others].filter(Boolean).join(' ') || null, link: `/cameras/${first.id}` };
  }
  const blind = open.filter((camera) => camera.eyes === 'down' || camera.eyes === 'suspended' || camera.eyes === 'undecodable');
  if (blind[0]) return { kind: 'warn', text: t('status.blind', { n: blind.length, camera: blind[0].name }), more: t('status.recorded_anyway'), link: `/cameras/${blind[0].id}` };
  if (open.length < list.length) return { kind: 'privacy', text: t('status.private', { n: list.length - open.length }), more: open.length > 0 ? t('status.ok', { n: open.length }) : null, link: null };
  return { kind: 'ok', text: t('status.ok', { n: list.length }), more: t('status.checked', { age: age(now - at) }), link: null };
}
