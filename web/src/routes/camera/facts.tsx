// What is known about a camera, with a source for every value and a dash for what nobody knows.

import type { CameraStatus } from '../../api/types.ts';
import { camerasAt } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { age, bytes, decimal, moment, whole } from '../../time/show.ts';

const UNKNOWN = '—';

function rows(camera: CameraStatus, now: number): [string, string][] {
  const complete = camera.expected_seconds > 0 ? `${decimal((100 * Math.min(camera.recorded_seconds, camera.expected_seconds)) / camera.expected_seconds, 2)} %` : UNKNOWN;
  const picture = camera.width && camera.height ? `${camera.width} × ${camera.height}` : UNKNOWN;
  const dropped = camera.frames_dropped > 0 ? ` (${t('facts.dropped', { n: camera.frames_dropped })})` : '';
  return [
    [t('facts.state'), `${tCode('camera_state', camera.state)}, ${t('facts.since', { time: moment(Date.parse(camera.since), now) })}`],
    [t('facts.picture'), camera.codec ? `${picture} · ${camera.codec}` : picture],
    [t('facts.sound'), camera.audio_codec ?? t('facts.no_sound')],
    [t('facts.complete'), camera.record_mode === 'continuous' ? complete : tCode('record_mode', camera.record_mode)],
    [t('facts.eyes'), tCode('eyes', camera.eyes)],
    [t('facts.looked'), `${whole(camera.frames_analysed)} / ${whole(camera.frames_received)}${dropped}`],
    [t('facts.received'), bytes(camera.bytes_received)],
    [t('facts.losses'), whole(camera.losses)],
    [t('facts.watching'), whole(camera.watchers)],
  ];
}

export function Facts({ camera }: { camera: CameraStatus }) {
  const now = second.value;
  return (
    <section class="facts" aria-labelledby="facts">
      <header class="list-head">
        <h2 id="facts">{t('facts.title')}</h2>
        <span class="muted tabular">{camerasAt.value === null ? UNKNOWN : t('facts.age', { age: age(now - camerasAt.value) })}</span>
      </header>
      {camera.message && <p class="note note-bad">{camera.message}</p>}
      <dl class="fact-list">
        {rows(camera, now).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="tabular">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
