// All facts of the house, filtered, newest first, growing at the top by themselves.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { EventView } from '../../api/types.ts';
import { ClipPanel } from '../../components/clip-panel.tsx';
import { EventRow } from '../../components/event-row.tsx';
import { NewRows } from '../../components/new-rows.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFeed } from '../../components/use-feed.ts';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { cameras } from '../../state/cameras.ts';
import { hubNow } from '../../state/clock.ts';
import { presence } from '../../state/devices.ts';
import { t, tCode } from '../../text/text.ts';
import { longDay } from '../../time/show.ts';
import { houseZone } from '../../time/house-zone.ts';
import { startOfDay } from '../../time/zone.ts';
import { GROUPS, kindsOf, type Group } from './groups.ts';

const PAGE = 100;
const LABELS = ['person', 'car', 'cat', 'dog', 'motion'] as const;
const RANGES = { all: null, hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 } as const;
type RangeName = keyof typeof RANGES;

interface Filter {
  group: Group;
  camera: string;
  label: string;
  range: RangeName;
}

const NONE: Filter = { group: 'all', camera: '', label: '', range: 'all' };

function readFilter(query: URLSearchParams): Filter {
  const group = GROUPS.find((name) => name === query.get('g')) ?? 'all';
  const range = (Object.keys(RANGES) as RangeName[]).find((name) => name === query.get('since')) ?? 'all';
  return { group, range, camera: query.get('camera') ?? '', label: query.get('label') ?? '' };
}

function addressOf(filter: Filter): string {
  const query = new URLSearchParams();
  if (filter.group !== 'all') query.set('g', filter.group);
  if (filter.camera) query.set('camera', filter.camera);
  if (filter.label) query.set('label', filter.label);
  if (filter.range !== 'all') query.set('since', filter.range);
  return query.size > 0 ? `/events?${query}` : '/events';
}

export function Events() {
  const heading = usePage(t('nav.events'));
  const filter = readFilter(place.value.query);
  const [chosen, setChosen] = useState<EventView | null>(null);
  const from = useMemo(() => {
    const back = RANGES[filter.range];
    return back === null ? null : new Date(hubNow() - back).toISOString();
  }, [filter.range]);
  const kinds = kindsOf(filter.group);
  const feed = useFeed(
    { kind: kinds?.join(',') ?? null, camera: filter.camera, label: filter.label, from, limit: PAGE },
    (event) => (!kinds || kinds.includes(event.kind)) && (!filter.camera || event.camera === filter.camera) && (!filter.label || event.label === filter.label),
  );
  const set = (change: Partial<Filter>): void => replace(addressOf({ ...filter, ...change }));
  const isFiltered = addressOf(filter) !== '/events';
  return (
    <div class="events-page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.events')}
        </h1>
      </header>
      <Filters filter={filter} set={set} />
      <div class={chosen ? 'events-grid has-panel' : 'events-grid'}>
        <section class="list-card" aria-label={t('nav.events')} {...feed.hold}>
          <NewRows waiting={feed.waiting} show={feed.showWaiting} />
          {feed.state === 'loading' && <Loading what={t('state.events')} />}
          {feed.state === 'error' && <ErrorCard what={t('events.failed')} error={feed.error} retry={feed.retry} />}
          {feed.state === 'ready' && feed.events.length === 0 && (
            <Empty icon="list" title={isFiltered ? t('events.none_match') : t('events.none')} filtered={isFiltered}>
              {isFiltered && (
                <button type="button" class="button" onClick={() => set(NONE)}>
                  {t('events.clear')}
                </button>
              )}
            </Empty>
          )}
          <Days events={feed.events} chosen={chosen} onOpen={setChosen} />
          {feed.hasMore && <More load={feed.more} busy={feed.isLoadingMore} />}
        </section>
        {chosen && <ClipPanel key={chosen.id} event={feed.events.find((event) => event.id === chosen.id) ?? chosen} onClose={() => setChosen(null)} />}
      </div>
    </div>
  );
}

function Filters({ filter, set }: { filter: Filter; set: (change: Partial<Filter>) => void }) {
  return (
    <div class="filters" role="search" aria-label={t('events.filter')}>
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
          {LABELS.map((label) => (
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

/** Rows are in order of time, so the calendar is asked once a day, not once a row. */
function byDay(events: readonly EventView[]): [number, EventView[]][] {
  const days: [number, EventView[]][] = [];
  for (const event of events) {
    const at = Date.parse(event.at);
    const last = days.at(-1);
    if (last && at >= last[0]) last[1].push(event);
    else days.push([startOfDay(at, houseZone()), [event]]);
  }
  return days;
}

/** The rows under a heading a day. */
function Days({ events, chosen, onOpen }: { events: readonly EventView[]; chosen: EventView | null; onOpen: (event: EventView) => void }) {
  const days = useMemo(() => byDay(events), [events]);
  return (
    <>
      {days.map(([day, rows]) => (
        <section key={day} class="day" aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`} class="day-head">
            {longDay(day)} <span class="muted">{t('events.count', { n: rows.length })}</span>
          </h2>
          <ul class="event-list event-list-wide">
            {rows.map((event) => (
              <EventRow key={event.id} event={event} current={event.id === chosen?.id} onOpen={onOpen} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** Fetches older rows when the end of the list comes into sight; the button does the same. */
function More({ load, busy }: { load: () => void; busy: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && latest.current(), { rootMargin: '600px' });
    if (button.current) observer.observe(button.current);
    return () => observer.disconnect();
  }, []);
  return (
    <button ref={button} type="button" class="button list-foot" onClick={load} disabled={busy}>
      {busy ? t('events.loading_more') : t('events.more')}
    </button>
  );
}
