// How the alarm stands, how to set it, and what changed last.

import { ARM_ROLE } from '../../api/alarm.ts';
import { hub } from '../../api/hub.ts';
import type { EventView } from '../../api/types.ts';
import { AlarmControls } from '../../components/alarm-chip.tsx';
import { eventDetail, eventIcon, eventTitle } from '../../components/event-words.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { alarmIcon, alarmWords } from '../../components/mode-words.ts';
import { askPanic } from '../../components/panic.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { alarm, alarmChanges, loadAlarm } from '../../state/alarm.ts';
import { second } from '../../state/clock.ts';
import { missed } from '../../state/contact.ts';
import { presence } from '../../state/devices.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { dateTime, moment } from '../../time/show.ts';
import { PresenceLine } from './presence-line.tsx';

const CHANGES_SHOWN = 20;

export function AlarmNow() {
  return (
    <div class="device-grid">
      <div>
        <Standing />
      </div>
      <div>
        <Changes />
      </div>
    </div>
  );
}

function Standing() {
  const view = alarm.value;
  if (presence.value.alarm === 'missing') return <p class="note">{t('alarm.missing')}</p>;
  if (view === null) return <Loading what={t('alarm.title')} shape="form" />;
  const mayArm = mayAs(ARM_ROLE);
  if (view.modes.length === 0 && view.state === 'disarmed') return <NotSetUp />;
  return (
    <section class="card" aria-labelledby="alarm-now" data-testid="alarm-state" data-state={view.state}>
      <h2 id="alarm-now" class="alarm-state" data-state={view.state}>
        <Icon name={alarmIcon(view)} size={24} />
        <span class="tabular">{alarmWords(view, second.value)}</span>
      </h2>
      <PresenceLine presence={view.presence} />
      {mayArm && <AlarmControls view={view} />}
      {!mayArm && (
        <>
          <p class="muted">{t('alarm.only_look', { role: t(`role.${ARM_ROLE}`) })}</p>
          <ul class="plain-list">
            {view.modes.map((mode) => (
              <li key={mode.mode}>
                {t(`mode.${mode.mode}`)}: {t('alarm.watches', { n: mode.watches })}
              </li>
            ))}
          </ul>
        </>
      )}
      {mayArm && <Panic />}
    </section>
  );
}

function Panic() {
  return (
    <div class="panic-row">
      <p class="muted small">{t('panic.text')}</p>
      <HubButton kind="danger" onClick={askPanic} testid="panic-page">
        <Icon name="siren" />
        {t('panic.open')}
      </HubButton>
    </div>
  );
}

function NotSetUp() {
  return (
    <section class="card" aria-labelledby="alarm-now" data-testid="alarm-state" data-state="not-set-up">
      <h2 id="alarm-now" class="visually-hidden">
        {t('alarm.now')}
      </h2>
      <Empty icon="lock-open" title={t('alarm.not_set_up')}>
        <p class="muted">{t('alarm.not_set_up_text')}</p>
        {isAdmin.value && (
          <a class="button button-primary" href="/alarm/settings">
            {t('alarm.set_up')}
          </a>
        )}
      </Empty>
      {mayAs(ARM_ROLE) && <Panic />}
    </section>
  );
}

function Changes() {
  const [changes, again] = useFetch(() => hub.events({ kind: 'alarm_changed', limit: CHANGES_SHOWN }), `${alarmChanges.value} ${missed.value}`);
  const events = changes.data?.events ?? [];
  return (
    <section class="card" aria-labelledby="alarm-changes" data-testid="alarm-changes">
      <div class="section-head">
        <h2 id="alarm-changes">{t('alarm.changes')}</h2>
        <button type="button" class="button button-quiet" onClick={() => { again(); void loadAlarm(); }}>
          <Icon name="rotate-cw" size={16} />
          {t('alarm.reload')}
        </button>
      </div>
      {!changes.data && changes.state === 'loading' && <Loading what={t('alarm.changes')} />}
      {!changes.data && changes.state === 'error' && <ErrorCard what={t('alarm.changes_failed')} error={changes.error} retry={again} />}
      {changes.data && events.length === 0 && <p class="muted">{t('alarm.changes_none')}</p>}
      <ul class="face-list">
        {events.map((event) => (
          <Change key={event.id} event={event} />
        ))}
      </ul>
      {events.length > 0 && <a href="/events?g=alarm">{t('alarm.all_changes')}</a>}
    </section>
  );
}

function Change({ event }: { event: EventView }) {
  const at = Date.parse(event.at);
  return (
    <li class="alarm-change" data-testid="alarm-change" data-change={String(event.detail['change'])}>
      <Icon name={eventIcon(event)} size={16} />
      <div class="grow">
        <p class={event.severity === 'info' ? '' : `severity-${event.severity}`}>{eventTitle(event)}</p>
        <p class="small muted" dir="auto">
          {eventDetail(event)}
        </p>
      </div>
      <time class="small muted tabular" dateTime={event.at} title={dateTime(at)}>
        {moment(at, second.peek())}
      </time>
    </li>
  );
}
