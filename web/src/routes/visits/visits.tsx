// The inbox of the door: everybody who rang or came, newest first, with what can be done about each.

import { useEffect, useRef, useState } from 'preact/hooks';

import { PEOPLE_ROLE, type Faces } from '../../api/people.ts';
import type { Visit } from '../../api/visits.ts';
import { NewRows } from '../../components/new-rows.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { hubNow } from '../../state/clock.ts';
import { presence } from '../../state/devices.ts';
import { useKeys } from '../../state/keys.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { nameable, neighbour, rejectable } from '../../state/visit-list.ts';
import { unseen } from '../../state/visits.ts';
import { t } from '../../text/text.ts';
import { longDay } from '../../time/show.ts';
import { houseZone } from '../../time/house-zone.ts';
import { startOfDay } from '../../time/zone.ts';
import { place, replace } from '../../router/router.ts';
import { NotInHub } from '../devices/not-in-hub.tsx';
import { Filters, addressOf, queryOf, readFilter, type Filter } from './filters.tsx';
import { TestBell, doors, fetchFaces } from './test-bell.tsx';
import { useVisits, type VisitFeed } from './use-visits.ts';
import { markSeen, rejectFace, removeVisit, toggleKept } from './visit-actions.ts';
import { VisitCard } from './visit-card.tsx';
import { VisitPanel } from './visit-panel.tsx';
import { WhoDialog } from './who-dialog.tsx';

export function Visits() {
  if (presence.value.visits === 'missing') return <NotInHub title={t('nav.visits')} icon="bell-ring" />;
  return <Inbox />;
}

const rowOf = (element: Element | null): string | null => element?.closest<HTMLElement>('[data-visit]')?.dataset['visit'] ?? null;

/** Focus on the row, wherever in the list it is now. */
function focusRow(id: string | null): void {
  const button = id === null ? null : document.querySelector<HTMLElement>(`.visit-list [data-visit="${id}"] .visit-open`);
  (button ?? document.querySelector<HTMLElement>('main h1'))?.focus();
}

/** What had the focus may go with its row or its state: then its row has it, or the one that took its place. */
function useKeptFocus(list: readonly Visit[]) {
  const last = useRef<{ element: Element; row: string; next: string | null } | null>(null);
  useEffect(() => {
    const now = last.current;
    if (!now || now.element.isConnected || document.activeElement !== document.body) return;
    focusRow(list.some((visit) => visit.id === now.row) ? now.row : now.next);
  });
  return (event: FocusEvent): void => {
    const row = event.target instanceof Element ? rowOf(event.target) : null;
    if (row !== null) last.current = { element: event.target as Element, row, next: neighbour(list, row) };
  };
}

function Inbox() {
  const count = unseen.value ?? 0;
  const heading = usePage(count > 0 ? t('visits.title_n', { n: count }) : t('nav.visits'));
  const filter = readFilter(place.value.query);
  const feed = useVisits(queryOf(filter));
  const [faces] = useFetch(fetchFaces, 'faces');
  const [chosen, setChosen] = useState<string | null>(null);
  const [asked, setAsked] = useState<Visit | null>(null);
  const remember = useKeptFocus(feed.list);
  const set = (change: Partial<Filter>): void => replace(addressOf({ ...filter, ...change }));
  const current = (): Visit | undefined => {
    const id = rowOf(document.activeElement) ?? chosen;
    return feed.list.find((visit) => visit.id === id);
  };
  const withCurrent = (action: (visit: Visit) => void) => () => {
    const visit = current();
    if (visit) action(visit);
  };
  const move = (step: 1 | -1) => () => {
    const at = feed.list.findIndex((visit) => visit.id === (rowOf(document.activeElement) ?? chosen));
    focusRow(feed.list[at < 0 ? 0 : Math.min(feed.list.length - 1, Math.max(0, at + step))]?.id ?? null);
  };
  const removeFocused = (visit: Visit): void => {
    const next = neighbour(feed.list, visit.id);
    const isFocused = rowOf(document.activeElement) === visit.id;
    removeVisit(visit);
    if (isFocused) requestAnimationFrame(() => focusRow(next));
  };
  useKeys({
    ArrowDown: move(1),
    ArrowUp: move(-1),
    s: withCurrent((visit) => void markSeen(visit)),
    h: withCurrent((visit) => void toggleKept(visit)),
    w: withCurrent(setAsked),
    x: withCurrent((visit) => {
      const face = rejectable(visit);
      if (face && mayAs(PEOPLE_ROLE)) void rejectFace(visit, face);
      else if (nameable(visit)) setAsked(visit);
    }),
    Delete: withCurrent((visit) => mayAs('operator') && removeFocused(visit)),
  });
  const open = feed.list.find((visit) => visit.id === chosen);
  return (
    <div class="visits-page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.visits')}
        </h1>
        <div class="row">
          <TestBell faces={faces.data} />
        </div>
      </header>
      <Filters filter={filter} set={set} />
      <div class={open ? 'events-grid has-panel' : 'events-grid'} onFocusIn={remember}>
        <section class="list-card visit-list" aria-label={t('nav.visits')} {...feed.hold}>
          <NewRows waiting={feed.waiting.length} show={feed.showWaiting} />
          <List feed={feed} filter={filter} faces={faces.data} clear={() => replace('/visits')} chosen={chosen} open={(visit) => setChosen(visit.id)} ask={setAsked} />
        </section>
        {open && (
          <VisitPanel
            visit={open}
            ask={setAsked}
            close={() => {
              setChosen(null);
              focusRow(open.id);
            }}
          />
        )}
      </div>
      {asked && <WhoDialog visit={feed.list.find((visit) => visit.id === asked.id) ?? asked} close={() => setAsked(null)} />}
    </div>
  );
}

interface ListProperties {
  feed: VisitFeed;
  filter: Filter;
  faces: Faces | null;
  chosen: string | null;
  clear: () => void;
  open: (visit: Visit) => void;
  ask: (visit: Visit) => void;
}

function List({ feed, filter, faces, chosen, clear, open, ask }: ListProperties) {
  const isFiltered = addressOf(filter) !== '/visits';
  if (feed.state === 'loading') return <Loading what={t('visits.list')} />;
  if (feed.state === 'error' && feed.list.length === 0) return <ErrorCard what={t('visits.failed')} error={feed.error} retry={feed.retry} />;
  if (feed.list.length === 0) return isFiltered ? <NoMatch clear={clear} /> : <NoVisit faces={faces} />;
  return (
    <>
      {byDay(feed.list).map(([day, rows]) => (
        <section key={day} class="day" aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`} class="day-head">
            {dayName(day)} <span class="muted">{t('visits.count', { n: rows.length })}</span>
          </h2>
          <ul>
            {rows.map((visit) => (
              <VisitCard key={visit.id} visit={visit} current={visit.id === chosen} open={open} ask={ask} />
            ))}
          </ul>
        </section>
      ))}
      {feed.next !== null && (
        <button type="button" class="button list-foot" onClick={feed.more} disabled={feed.isLoadingMore}>
          {feed.isLoadingMore ? t('events.loading_more') : t('events.more')}
        </button>
      )}
    </>
  );
}

function byDay(list: readonly Visit[]): [number, Visit[]][] {
  const days: [number, Visit[]][] = [];
  for (const visit of list) {
    const day = startOfDay(Date.parse(visit.started_at), houseZone());
    const last = days.at(-1);
    if (last && last[0] === day) last[1].push(visit);
    else days.push([day, [visit]]);
  }
  return days;
}

function dayName(day: number): string {
  if (day === startOfDay(hubNow(), houseZone())) return t('visits.today');
  return day === startOfDay(hubNow(), houseZone(), -1) ? t('visits.yesterday') : longDay(day);
}

function NoMatch({ clear }: { clear: () => void }) {
  return (
    <Empty icon="bell-ring" title={t('visits.none_match')} filtered>
      <button type="button" class="button" onClick={clear}>
        {t('events.clear')}
      </button>
    </Empty>
  );
}

/** What would be here and why it is not: no door, or nobody came yet. */
function NoVisit({ faces }: { faces: Faces | null }) {
  const hasDoor = doors(faces).length > 0;
  return (
    <Empty icon="bell-ring" title={t('visits.none')}>
      <p class="muted">{hasDoor ? t('visits.none_text') : t('visits.no_door')}</p>
      {hasDoor ? (
        <TestBell faces={faces} />
      ) : (
        isAdmin.value && (
          <a class="button button-primary" href="/settings/faces">
            {t('visits.choose_door')}
          </a>
        )
      )}
    </Empty>
  );
}
