// All alerts, those that nobody looks into yet before all others; many are acknowledged at once at the end of the list.

import { useState } from 'preact/hooks';

import { ACKNOWLEDGE_MAX, incidents as api, type Incident } from '../../api/incidents.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { NewRows } from '../../components/new-rows.tsx';
import { focusRow } from '../../components/row-focus.ts';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { failed, succeeded } from '../../state/messages.ts';
import { SETTLE_ROLE } from '../../state/incidents.ts';
import { mayAs } from '../../state/session.ts';
import { useKeys } from '../../state/keys.ts';
import { t, tCode } from '../../text/text.ts';
import { fullDay } from '../../time/show.ts';
import { AlertRow } from './alert-row.tsx';
import { USUAL, addressOf, arranged, lastAt, readFilter, type Filter } from './filter.ts';
import { Filters } from './filters.tsx';
import { useAlerts, type AlertList } from './use-alerts.ts';

const move = (step: 1 | -1): void => focusRow('.alert-row > a', '.alert-row', step);

export function Alerts() {
  const heading = usePage(t('nav.alerts'));
  const filter = readFilter(place.value.query);
  const alerts = useAlerts();
  const set = (change: Partial<Filter>): void => replace(addressOf({ ...filter, ...change }));
  useKeys({ ArrowDown: () => move(1), ArrowUp: () => move(-1) });
  return (
    <div class="alerts-page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.alerts')}
        </h1>
      </header>
      <p class="muted section-text">{t('incidents.text')}</p>
      <Filters filter={filter} list={alerts.list} set={set} />
      {alerts.state === 'loading' && <Loading what={t('nav.alerts')} />}
      {alerts.state === 'error' && <ErrorCard what={t('incidents.failed')} error={alerts.error} retry={alerts.again} />}
      {alerts.state !== 'loading' && (alerts.list.length > 0 || alerts.state === 'ready') && <Shown alerts={alerts} filter={filter} />}
    </div>
  );
}

function Shown({ alerts, filter }: { alerts: AlertList; filter: Filter }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const shown = arranged(alerts.list, filter);
  const maySettle = mayAs(SETTLE_ROLE);
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const onKey = (event: KeyboardEvent): void => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.alert-row') : null;
    const id = row?.dataset['incident'];
    if (event.key !== ' ' || !id || !maySettle || !(event.target instanceof HTMLAnchorElement) || row.dataset['state'] !== 'open') return;
    event.preventDefault();
    toggle(id);
  };
  if (shown.length === 0) {
    return (
      <div {...alerts.hold}>
        <NewRows waiting={alerts.waiting} show={alerts.showWaiting} />
        <None alerts={alerts} filter={filter} />
      </div>
    );
  }
  return (
    <section class="list-card" aria-label={t('nav.alerts')} onKeyDown={onKey} {...alerts.hold}>
      <NewRows waiting={alerts.waiting} show={alerts.showWaiting} />
      <ul data-testid="alerts">
        {shown.map((incident) => (
          <AlertRow key={incident.id} incident={incident} choice={maySettle && incident.state === 'open' ? { isChosen: chosen.has(incident.id), toggle: () => toggle(incident.id) } : undefined} />
        ))}
      </ul>
      {maySettle && <Foot shown={shown} chosen={chosen} done={() => { setChosen(new Set()); alerts.again(); }} />}
    </section>
  );
}

/** At the end of the list, so that whoever presses it has come past what is shown. */
function Foot({ shown, chosen, done }: { shown: readonly Incident[]; chosen: ReadonlySet<string>; done: () => void }) {
  const { busy, run } = useAction((error) => {
    failed(t('alerts.not_acknowledged'), error);
    return '';
  });
  const open = shown.filter((incident) => incident.state === 'open').map((incident) => incident.id);
  const picked = open.filter((id) => chosen.has(id));
  const wanted = (picked.length > 0 ? picked : open).slice(0, ACKNOWLEDGE_MAX);
  if (open.length === 0) return null;
  const send = (): void => {
    void run(async () => {
      const { acknowledged, not } = await api.acknowledgeAll(wanted);
      succeeded(t('alerts.acknowledged', { n: acknowledged.length }));
      const reasons = [...new Set(not.map((one) => tCode('alerts_not', one.code)))];
      if (not.length > 0) succeeded(t('alerts.left', { n: not.length, reasons: reasons.join(', ') }));
    }).then(done);
  };
  return (
    <div class="alerts-foot">
      <p class="small muted">{t('alerts.hint')}</p>
      <HubButton kind="primary" busy={busy} onClick={send} testid="acknowledge-all">
        <Icon name="check" />
        {picked.length > 0 ? t('alerts.acknowledge_chosen', { n: wanted.length }) : t('alerts.acknowledge_all', { n: wanted.length })}
      </HubButton>
    </div>
  );
}

/** Never an alert, none open, or none that fits: three different things. */
function None({ alerts, filter }: { alerts: AlertList; filter: Filter }) {
  const last = lastAt(alerts.list);
  if (last === null) {
    return (
      <Empty icon="shield-check" title={t('incidents.none')}>
        <p class="muted">{t('incidents.none_text')}</p>
      </Empty>
    );
  }
  if (addressOf(filter) === '/alerts' || addressOf({ ...filter, isOldestFirst: false }) === '/alerts') {
    return (
      <Empty icon="shield-check" title={t('alerts.nothing_open', { day: fullDay(last) })}>
        <button type="button" class="button" onClick={() => replace(addressOf({ ...USUAL, state: null }))}>
          {t('alerts.show_all')}
        </button>
      </Empty>
    );
  }
  return (
    <Empty icon="shield-check" title={t('incidents.none_match', { n: alerts.list.length })} filtered>
      <button type="button" class="button" onClick={() => replace('/alerts')}>
        {t('events.clear')}
      </button>
    </Empty>
  );
}
