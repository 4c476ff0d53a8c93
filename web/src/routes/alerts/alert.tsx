// One alert: what was noticed, what happened to it line by line, who was told, and what a person can do about it.

import { useEffect, useState } from 'preact/hooks';

import { NOTE_MAX, incidents, type Incident, type TimelineLine } from '../../api/incidents.ts';
import { ApiError } from '../../api/request.ts';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { partyOf } from '../../components/party.ts';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { saveJson } from '../../export/save.ts';
import { second } from '../../state/clock.ts';
import { missed, onEvent } from '../../state/contact.ts';
import { SETTLE_ROLE } from '../../state/incidents.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { age, dateTime, moment } from '../../time/show.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { SeverityBadge, camerasOf } from './alert-row.tsx';
import { EvidenceCard } from './evidence.tsx';
import { ToldCard } from './told.tsx';

const HOUR_MS = 3_600_000;

export function AlertPage({ params }: { params: Record<string, string> }) {
  const id = params['id'] ?? '';
  const [incident, again, set] = useFetch(() => incidents.get(id), `${id}${missed.value}`);
  useEffect(() => onEvent((event) => {
    if (event.kind.startsWith('incident_') && event.detail['incident'] === id) again();
  }), [id]);
  if (incident.data) return <Loaded incident={incident.data} set={set} />;
  if (incident.state === 'loading') return <Loading what={t('nav.alerts')} />;
  if (incident.error instanceof ApiError && incident.error.status === 404) return <NotFound />;
  return <ErrorCard what={t('incidents.failed')} error={incident.error} retry={again} />;
}

function Loaded({ incident, set }: { incident: Incident; set: (incident: Incident) => void }) {
  const heading = usePage(`${incident.title} – ${t('nav.alerts')}`);
  const { busy, error, run } = useAction();
  const act = (action: () => Promise<Incident>): Promise<boolean> => run(async () => set(await action()));
  const maySettle = mayAs(SETTLE_ROLE);
  const where = camerasOf(incident);
  const now = second.value;
  const due = incident.escalates_at ? Date.parse(incident.escalates_at) - now : null;
  const around = new URLSearchParams({ from: new Date(Date.parse(incident.opened_at) - HOUR_MS).toISOString(), to: new Date(Date.parse(incident.last_at) + HOUR_MS).toISOString() });
  return (
    <div class="narrow" data-testid="incident" data-state={incident.state}>
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/alerts" aria-label={t('incidents.back')} title={t('incidents.back')}>
            <Icon name="arrow-left" />
          </a>
          <SeverityBadge severity={incident.severity} />
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {incident.title}
          </h1>
        </div>
      </header>
      <section class="card" aria-labelledby="facts">
        <h2 id="facts">{t(`incident.${incident.state}`)}</h2>
        <dl class="fact-list">
          <div>
            <dt>{t('incident.subject')}</dt>
            <dd dir="auto">{incident.subject}</dd>
          </div>
          {where !== '' && (
            <div>
              <dt>{t('nav.cameras')}</dt>
              <dd dir="auto">{where}</dd>
            </div>
          )}
          <div>
            <dt>{t('incident.first')}</dt>
            <dd class="tabular">{moment(Date.parse(incident.opened_at), now)}</dd>
          </div>
          <div>
            <dt>{t('incident.last')}</dt>
            <dd class="tabular">
              {moment(Date.parse(incident.last_at), now)} ({t('incident.count', { n: incident.count })})
            </dd>
          </div>
          {due !== null && (
            <div>
              <dt>{t('incident.next')}</dt>
              <dd class="tabular">{due > 0 ? t('incident.in', { age: age(due) }) : t('incident.due')}</dd>
            </div>
          )}
        </dl>
        <FormError text={error} />
        <div class="row">
          {maySettle && incident.state === 'open' && (
            <HubButton kind="primary" busy={busy} onClick={() => void act(() => incidents.acknowledge(incident.id))} testid="acknowledge">
              <Icon name="check" />
              {t('incident.acknowledge')}
            </HubButton>
          )}
          {isAdmin.value && (
            <>
              <HubButton busy={busy} onClick={() => void run(async () => saveJson(await incidents.export(incident.id), `hearthwatch-incident-${incident.opened_at.slice(0, 10)}.json`))} testid="incident-export">
                <Icon name="download" />
                {t('incident.export')}
              </HubButton>
              <a class="button" href={`/security/audit?${around}`}>
                <Icon name="list" />
                {t('incident.audit')}
              </a>
            </>
          )}
        </div>
      </section>
      {(incident.evidence?.length ?? 0) > 0 && <EvidenceCard rows={incident.evidence ?? []} />}
      {maySettle && <Write incident={incident} set={set} />}
      {maySettle && <ToldCard incident={incident} />}
      <section class="card" aria-labelledby="timeline">
        <h2 id="timeline">{t('nav.timeline')}</h2>
        <ol class="steps" data-testid="steps">
          {incident.timeline.map((line, index) => (
            <Line key={index} line={line} />
          ))}
        </ol>
      </section>
    </div>
  );
}

function Write({ incident, set }: { incident: Incident; set: (incident: Incident) => void }) {
  const [text, setText] = useState('');
  const { busy, error, run } = useAction();
  const act = async (action: () => Promise<Incident>): Promise<void> => {
    if (await run(async () => set(await action()))) setText('');
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void act(() => incidents.note(incident.id, text.trim()));
  };
  return (
    <form class="card" onSubmit={submit} data-testid="note-form">
      <TextField label={t('incident.note')} hint={incident.state === 'resolved' ? t('incident.note_hint') : t('incident.resolve_hint')} value={text} maxLength={NOTE_MAX} autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} />
      <FormError text={error} />
      <div class="row">
        <HubButton type="submit" busy={busy || text.trim() === ''} testid="note-add">
          {t('incident.note_add')}
        </HubButton>
        {incident.state !== 'resolved' && (
          <HubButton kind="primary" busy={busy} onClick={() => void act(() => incidents.resolve(incident.id, text.trim()))} testid="resolve">
            {t('incident.resolve')}
          </HubButton>
        )}
      </div>
    </form>
  );
}

function Line({ line }: { line: TimelineLine }) {
  return (
    <li data-step={line.step}>
      <p>
        <span class="strong">{t(`step.${line.step}`)}</span>
        {line.who && <span dir="auto"> · {partyOf(line.who.kind, line.who.name)}</span>}
        <time class="muted small" dateTime={line.at}>
          {dateTime(Date.parse(line.at))}
        </time>
      </p>
      {line.text && <p dir="auto">{line.text}</p>}
    </li>
  );
}
