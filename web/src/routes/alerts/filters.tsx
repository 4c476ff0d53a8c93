// What of the alerts is shown: state with its count, how bad, about what, where, and which first.

import type { Incident } from '../../api/incidents.ts';
import { cameras } from '../../state/cameras.ts';
import { t } from '../../text/text.ts';
import { ABOUT, SEVERITIES, STATES, fits, type Filter } from './filter.ts';

export function Filters({ filter, list, set }: { filter: Filter; list: readonly Incident[]; set: (change: Partial<Filter>) => void }) {
  const fitting = list.filter((incident) => fits(filter, incident));
  return (
    <div class="filters" role="group" aria-label={t('events.filter')}>
      <div class="filter-chips" role="group" aria-label={t('alerts.state')}>
        {STATES.map((state) => (
          <button key={state} type="button" class="filter-chip" aria-pressed={filter.state === state} onClick={() => set({ state })} data-testid={`alerts-${state}`}>
            {t(`incident.${state}`)} <span class="count">{fitting.filter((incident) => incident.state === state).length}</span>
          </button>
        ))}
        <button type="button" class="filter-chip" aria-pressed={filter.state === null} onClick={() => set({ state: null })} data-testid="alerts-all">
          {t('group.all')} <span class="count">{fitting.length}</span>
        </button>
      </div>
      <div class="row">
        <select class="small-select" aria-label={t('alerts.severity')} value={filter.severity ?? ''} onChange={(event) => set({ severity: SEVERITIES.find((one) => one === event.currentTarget.value) ?? null })}>
          <option value="">{t('alerts.all_severities')}</option>
          {SEVERITIES.map((severity) => (
            <option key={severity} value={severity}>
              {t(`severity.${severity}`)}
            </option>
          ))}
        </select>
        <select class="small-select" aria-label={t('incident.subject')} value={filter.about ?? ''} onChange={(event) => set({ about: ABOUT.find((one) => one === event.currentTarget.value) ?? null })} data-testid="alerts-about">
          <option value="">{t('alerts.all_about')}</option>
          {ABOUT.map((about) => (
            <option key={about} value={about}>
              {t(`about.${about}`)}
            </option>
          ))}
        </select>
        <select class="small-select" aria-label={t('events.camera')} value={filter.camera} onChange={(event) => set({ camera: event.currentTarget.value })}>
          <option value="">{t('events.all_cameras')}</option>
          {(cameras.value ?? []).map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.name}
            </option>
          ))}
        </select>
        <button type="button" class="filter-chip" aria-pressed={filter.isOldestFirst} onClick={() => set({ isOldestFirst: !filter.isOldestFirst })} data-testid="oldest-first">
          {t('alerts.oldest_first')}
        </button>
      </div>
    </div>
  );
}
