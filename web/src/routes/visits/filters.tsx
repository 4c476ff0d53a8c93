// What the inbox shows: kept in the address, so that it can be shared.

import type { VisitFilter } from '../../api/visits.ts';
import { UNSEEN } from '../../state/visit-list.ts';
import { cameras } from '../../state/cameras.ts';
import { unseen } from '../../state/visits.ts';
import { t } from '../../text/text.ts';

const SHOWS = ['all', 'unseen', 'unknown', 'kept'] as const;
type Shows = (typeof SHOWS)[number];

export interface Filter {
  show: Shows;
  camera: string;
  person: string;
}

export function readFilter(query: URLSearchParams): Filter {
  return { show: SHOWS.find((name) => name === query.get('show')) ?? 'all', camera: query.get('camera') ?? '', person: query.get('person') ?? '' };
}

export function addressOf({ show, camera, person }: Filter): string {
  const query = new URLSearchParams();
  if (show !== 'all') query.set('show', show);
  if (camera) query.set('camera', camera);
  if (person) query.set('person', person);
  return query.size > 0 ? `/visits?${query}` : '/visits';
}

/** What the hub is asked. */
export const queryOf = ({ show, camera, person }: Filter): VisitFilter => ({
  ...(show === 'unseen' ? { states: UNSEEN } : {}),
  ...(show === 'unknown' ? { unknown: 'true' } : {}),
  ...(show === 'kept' ? { kept: 'true' } : {}),
  ...(camera ? { camera } : {}),
  ...(person ? { person } : {}),
});

export function Filters({ filter, set }: { filter: Filter; set: (change: Partial<Filter>) => void }) {
  return (
    <div class="filters" role="search" aria-label={t('visits.filter')}>
      <div class="filter-chips" role="group" aria-label={t('visits.show')}>
        {SHOWS.map((show) => (
          <button key={show} type="button" class="filter-chip" aria-pressed={filter.show === show} onClick={() => set({ show })} data-testid={`show-${show}`}>
            {show === 'unseen' ? t('show.unseen', { n: unseen.value ?? 0 }) : t(`show.${show}`)}
          </button>
        ))}
        {filter.person && (
          <button type="button" class="filter-chip" aria-pressed onClick={() => set({ person: '' })}>
            {t('visits.of_person')} ×
          </button>
        )}
      </div>
      <div class="row">
        <label class="visually-hidden" for="filter-door">
          {t('events.camera')}
        </label>
        <select id="filter-door" class="small-select" value={filter.camera} onChange={(event) => set({ camera: event.currentTarget.value })}>
          <option value="">{t('visits.all_doors')}</option>
          {(cameras.value ?? []).map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
