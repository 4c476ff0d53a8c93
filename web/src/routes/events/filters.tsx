// Chips and menus beside the search box: kind, camera, what was seen, and since when.

import { cameras } from '../../state/cameras.ts';
import { presence } from '../../state/devices.ts';
import { t, tCode } from '../../text/text.ts';
import { RANGES, type Filter, type RangeName } from './filter.ts';
import { GROUPS } from './groups.ts';

const LABELS = ['person', 'car', 'cat', 'dog', 'motion'] as const;

export function Filters({ filter, set }: { filter: Filter; set: (change: Partial<Filter>) => void }) {
  // What a search was narrowed to stays to be seen, although this list does not offer it.
  const labels = filter.label === '' || LABELS.some((label) => label === filter.label) ? LABELS : [...LABELS, filter.label];
  return (
    <div class="filters" role="group" aria-label={t('events.filter')}>
      <div class="filter-chips" role="group" aria-label={t('events.kind')}>
        {GROUPS.filter((group) => (group !== 'devices' && group !== 'visits') || presence.value[group] === 'there').map((group) => (
          <button key={group} type="button" class="filter-chip" aria-pressed={filter.group === group} onClick={() => set({ group })}>
            {t(`group.${group}`)}
          </button>
        ))}
      </div>
      <div class="row">
        <label class="visually-hidden" for="filter-camera">
          {t('events.camera')}
        </label>
        <select id="filter-camera" class="small-select" value={filter.camera} onChange={(event) => set({ camera: event.currentTarget.value })}>
          <option value="">{t('events.all_cameras')}</option>
          {(cameras.value ?? []).map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.name}
            </option>
          ))}
        </select>
        <label class="visually-hidden" for="filter-label">
          {t('events.label')}
        </label>
        <select id="filter-label" class="small-select" value={filter.label} onChange={(event) => set({ label: event.currentTarget.value })}>
          <option value="">{t('events.all_labels')}</option>
          {labels.map((label) => (
            <option key={label} value={label}>
              {tCode('label', label)}
            </option>
          ))}
        </select>
        <label class="visually-hidden" for="filter-range">
          {t('events.range')}
        </label>
        <select id="filter-range" class="small-select" value={filter.range} onChange={(event) => set({ range: event.currentTarget.value as RangeName })}>
          {(Object.keys(RANGES) as RangeName[]).map((range) => (
            <option key={range} value={range}>
              {t(`range.${range}`)}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
