// The state of the hub: version, storage, eyes, and the certificate to compare.

import { hub } from '../../api/hub.ts';
import type { SystemInfo } from '../../api/types.ts';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { second } from '../../state/clock.ts';
import { welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { age, bytes, dateTime, decimal, whole } from '../../time/show.ts';

export function System() {
  const [system, again] = useFetch(() => hub.system(), 'system');
  if (system.data) return <Loaded system={system.data} />;
  if (system.state === 'loading') return <Loading what={t('state.hub')} />;
  return <ErrorCard what={t('system.failed')} error={system.error} retry={again} />;
}

function Rows({ rows }: { rows: [string, string][] }) {
  return (
    <dl class="fact-list">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Loaded({ system }: { system: SystemInfo }) {
  const { storage, eyes } = system;
  const used = storage.bytes_total > 0 ? storage.bytes_total - storage.bytes_free : 0;
  const started = Date.parse(system.started_at);
  return (
    <section class="narrow" aria-label={t('settings.system')}>
      <div class="card">
        <h2>{t('system.storage')}</h2>
        <meter class="meter" min={0} max={Math.max(1, storage.bytes_total)} high={storage.bytes_total * 0.9} value={used} aria-label={t('system.storage')} />
        <Rows
          rows={[
            [t('system.recorded'), bytes(storage.bytes_recorded)],
            [t('system.free'), t('system.free_of', { free: bytes(storage.bytes_free), total: bytes(storage.bytes_total) })],
            [t('system.lasts'), storage.days_left === null ? t('home.days_unknown') : t('home.days', { days: decimal(storage.days_left, 1) })],
          ]}
        />
      </div>
      <div class="card">
        <h2>{t('system.hub')}</h2>
        <Rows
          rows={[
            [t('system.version'), system.version],
            [t('system.started'), `${dateTime(started)} (${age(second.value - started)})`],
            [t('facts.eyes'), eyes.running ? t('system.eyes_running', { model: eyes.model?.name ?? t('home.motion_only') }) : t('home.eyes_down')],
            [t('system.restarts'), whole(eyes.restarts)],
          ]}
        />
      </div>
      {welcome.value?.certificate_sha256 && (
        <div class="card">
          <h2>{t('system.certificate')}</h2>
          <p class="muted">{t('system.certificate_text')}</p>
          <p class="code fingerprint">{welcome.value.certificate_sha256}</p>
        </div>
      )}
    </section>
  );
}
