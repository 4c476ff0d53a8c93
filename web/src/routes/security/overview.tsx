// The overview: broken promises and open incidents first, then who watches, today in numbers, keys and backup.

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

import { incidents } from '../../api/incidents.ts';
import { security, type DaySummary, type Keys, type Watcher } from '../../api/security.ts';
import { Icon } from '../../components/icon.tsx';
import { partyOf } from '../../components/party.ts';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch, type Fetched } from '../../components/use-fetch.ts';
import { watchers } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { openIncidents } from '../../state/incidents.ts';
import { t, tCode } from '../../text/text.ts';
import { age, moment, whole } from '../../time/show.ts';
import { AlertRow } from '../alerts/alert-row.tsx';
import { CheckRow, worstFirst } from './check-row.tsx';

// A backup that is older than this is worth a warning.
const BACKUP_OLD_MS = 8 * 86_400_000;
const DAYS_SHOWN = 7;

export function Overview() {
  return (
    <div class="overview">
      <NeedsYou />
      <Incidents />
      <Watching />
      <Vault />
      <Days />
    </div>
  );
}

/** A card with its own loading and error, so that one part that fails leaves the others. */
function Part<T>({ id, title, fetched, again, link, children }: { id: string; title: string; fetched: Fetched<T>; again: () => void; link?: ComponentChildren; children: (data: T) => ComponentChildren }) {
  return (
    <section class="card part" aria-labelledby={id} data-testid={id}>
      <div class="section-head">
        <h2 id={id}>{title}</h2>
        {link}
      </div>
      {fetched.data !== null && children(fetched.data)}
      {fetched.data === null && fetched.state === 'loading' && <Loading what={title} />}
      {fetched.data === null && fetched.state === 'error' && <ErrorCard what={t('security.part_failed', { what: title })} error={fetched.error} retry={again} />}
    </section>
  );
}

function NeedsYou() {
  const [report, again] = useFetch(() => security.doctor(), 'doctor');
  return (
    <Part id="needs" title={t('security.promises')} fetched={report} again={again} link={<a href="/security/promises">{t('security.all_promises')}</a>}>
      {({ checks }) => {
        const bad = worstFirst(checks).filter((check) => check.outcome === 'failed');
        const skipped = checks.filter((check) => check.outcome === 'skipped').length;
        return (
          <>
            <p class={bad.length > 0 ? 'big-fact bad-text' : 'big-fact'}>
              <Icon name={bad.length > 0 ? 'triangle-alert' : 'check'} />
              {bad.length > 0 ? t('security.broken', { n: bad.length }) : t('security.kept', { n: checks.length - skipped })}
            </p>
            {skipped > 0 && <p class="muted">{t('security.skipped', { n: skipped })}</p>}
            {bad.length > 0 && (
              <ul class="rows">
                {bad.map((check) => (
                  <CheckRow key={check.id} check={check} />
                ))}
              </ul>
            )}
          </>
        );
      }}
    </Part>
  );
}

function Incidents() {
  const [list, again] = useFetch(() => incidents.list(), String(openIncidents.value));
  return (
    <Part id="open-incidents" title={t('nav.alerts')} fetched={list} again={again} link={<a href="/alerts">{t('security.all_alerts')}</a>}>
      {(all) => {
        const open = all.filter((incident) => incident.state !== 'resolved');
        return open.length === 0 ? (
          <p class="muted">{t('incidents.none_open')}</p>
        ) : (
          <ul class="rows">
            {open.slice(0, 4).map((incident) => (
              <AlertRow key={incident.id} incident={incident} />
            ))}
          </ul>
        );
      }}
    </Part>
  );
}

/** Who watches now; asked again when the number the hub tells changes. */
function Watching() {
  const [list, again] = useFetch(() => security.watchers(), 'watchers');
  const count = watchers.value;
  useEffect(again, [count]);
  return (
    <Part id="watching" title={t('security.watching')} fetched={list} again={again}>
      {(all) =>
        all.length === 0 ? (
          <p class="muted">{t('watchers.none')}</p>
        ) : (
          <ul class="rows">
            {all.map((watcher) => (
              <WatcherRow key={`${watcher.camera}${watcher.since}${watcher.from}`} watcher={watcher} />
            ))}
          </ul>
        )
      }
    </Part>
  );
}

function WatcherRow({ watcher }: { watcher: Watcher }) {
  const now = second.value;
  return (
    <li class="list-row" data-testid="watcher">
      <Icon name="eye" />
      <div class="grow">
        <p class="strong" dir="auto">
          {partyOf(watcher.viewer_kind, watcher.viewer)}
        </p>
        <p class="muted small">
          <span dir="auto">{watcher.camera_name ?? t('event.removed_camera')}</span> · {tCode('origin', watcher.from)} · {t('watchers.since', { time: moment(Date.parse(watcher.since), now), age: age(now - Date.parse(watcher.since)) })}
        </p>
      </div>
    </li>
  );
}

const COUNTS = ['sign_ins', 'failed_sign_ins', 'denied', 'views', 'exports', 'controls', 'changes', 'key_uses', 'person_accesses', 'incidents_opened'] as const;

function Days() {
  const [summary, again] = useFetch(() => security.summary(), 'summary');
  return (
    <Part id="days" title={t('security.days')} fetched={summary} again={again} link={<a href="/security/audit">{t('security.all_audit')}</a>}>
      {({ today, days }) => <DayTable days={[today, ...days.slice(0, DAYS_SHOWN - 1)]} />}
    </Part>
  );
}

function DayTable({ days }: { days: readonly DaySummary[] }) {
  const [today] = days;
  return (
    <>
      <div class="table-scroll" tabIndex={0} role="group" aria-label={t('security.days')}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">{t('timeline.day')}</th>
              {COUNTS.map((name) => (
                <th key={name} scope="col">
                  {t(`summary.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day, index) => (
              <tr key={day.day}>
                <th scope="row" class="tabular">
                  {index === 0 ? t('summary.today') : day.day}
                </th>
                {COUNTS.map((name) => (
                  <td key={name} class={day[name] > 0 && (name === 'failed_sign_ins' || name === 'denied' || name === 'incidents_opened') ? 'warn-text' : undefined}>
                    {whole(day[name])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {today && today.parties.length > 0 && (
        <p class="muted small" dir="auto">
          {t('summary.parties', { list: today.parties.slice(0, 5).map((row) => `${tCode('actor', row.party)} ${whole(row.entries)}`).join(', ') })}
        </p>
      )}
    </>
  );
}

function Vault() {
  const [keys, again] = useFetch(() => security.keys(), 'keys');
  return (
    <Part id="vault" title={t('security.vault')} fetched={keys} again={again}>
      {(data) => <VaultFacts keys={data} />}
    </Part>
  );
}

function VaultFacts({ keys }: { keys: Keys }) {
  const now = second.value;
  const made = keys.newest_backup ? Date.parse(keys.newest_backup) : null;
  const isOld = made === null || now - made > BACKUP_OLD_MS;
  return (
    <>
      <dl class="fact-list">
        <div>
          <dt>{t('vault.backup')}</dt>
          <dd class={isOld ? 'warn-text' : undefined}>{made === null ? t('vault.no_backup') : t('vault.backup_at', { time: moment(made, now), age: age(now - made) })}</dd>
        </div>
        <div>
          <dt>{t('vault.recovery')}</dt>
          <dd class={keys.has_recovery_key ? undefined : 'warn-text'}>{keys.has_recovery_key ? t('vault.has_recovery') : t('vault.no_recovery')}</dd>
        </div>
        <div>
          <dt>{t('vault.opened_by')}</dt>
          <dd>{tCode('opened_by', keys.opened_by)}</dd>
        </div>
        <div>
          <dt>{t('vault.generation')}</dt>
          <dd class="tabular">
            {whole(keys.generation)}
            {keys.rotation_pending && ` (${t('vault.rotating')})`}
          </dd>
        </div>
      </dl>
      {(isOld || !keys.has_recovery_key) && <p class="hint">{t('vault.hint')}</p>}
    </>
  );
}
