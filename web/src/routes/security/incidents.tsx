// All incidents, by state; those that nobody looks into first.

import { incidents, type Incident, type IncidentState } from '../../api/incidents.ts';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { place, replace } from '../../router/router.ts';
import { openIncidents } from '../../state/incidents.ts';
import { t } from '../../text/text.ts';
import { IncidentRow } from './incident-row.tsx';

const STATES: readonly IncidentState[] = ['open', 'acknowledged', 'resolved'];

export function Incidents() {
  const [list, again] = useFetch(() => incidents.list(), String(openIncidents.value));
  const only = STATES.find((state) => state === place.value.query.get('state')) ?? null;
  const all = list.data ?? [];
  const count = (state: IncidentState): number => all.filter((incident) => incident.state === state).length;
  const rank = (incident: Incident): number => STATES.indexOf(incident.state);
  const shown = all.filter((incident) => only === null || incident.state === only).sort((a, b) => rank(a) - rank(b) || Date.parse(b.last_at) - Date.parse(a.last_at));
  const choose = (state: IncidentState): void => replace(state === only ? '/security/incidents' : `/security/incidents?state=${state}`);
  return (
    <section class="narrow" aria-label={t('security.incidents')}>
      <p class="muted section-text">{t('incidents.text')}</p>
      {!list.data && list.state === 'loading' && <Loading what={t('security.incidents')} />}
      {list.state === 'error' && <ErrorCard what={t('incidents.failed')} error={list.error} retry={again} />}
      {list.data && all.length === 0 && (
        <Empty icon="shield-check" title={t('incidents.none')}>
          <p class="muted">{t('incidents.none_text')}</p>
        </Empty>
      )}
      {all.length > 0 && (
        <>
          <div class="section-head">
            <div class="filter-chips" role="group" aria-label={t('events.filter')}>
              {STATES.map((state) => (
                <button key={state} type="button" class="filter-chip" aria-pressed={only === state} onClick={() => choose(state)}>
                  {t(`incident.${state}`)} {count(state)}
                </button>
              ))}
            </div>
          </div>
          {shown.length === 0 ? (
            <Empty icon="shield-check" title={t('incidents.none_match', { n: all.length })} filtered />
          ) : (
            <ul class="rows" data-testid="incidents">
              {shown.map((incident) => (
                <IncidentRow key={incident.id} incident={incident} />
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}
