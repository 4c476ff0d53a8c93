// The inbox of the door: everybody who rang or came, newest first, with what can be done about each.

import { useEffect, useRef, useState } from 'preact/hooks';

import { PEOPLE_ROLE } from '../../api/people.ts';
import type { Visit } from '../../api/visits.ts';
import { NewRows } from '../../components/new-rows.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { presence } from '../../state/devices.ts';
import { useKeys } from '../../state/keys.ts';
import { mayAs } from '../../state/session.ts';
import { neighbour, rejectable } from '../../state/visit-list.ts';
import { unseen } from '../../state/visits.ts';
import { t } from '../../text/text.ts';
import { NotInHub } from '../devices/not-in-hub.tsx';
import { Filters, addressOf, queryOf, readFilter, type Filter } from './filters.tsx';
import { InboxList } from './inbox-list.tsx';
import { TestBell, fetchFaces } from './test-bell.tsx';
import { useVisits } from './use-visits.ts';
import { markSeen, rejectFace, removeVisit, toggleKept } from './visit-actions.ts';
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
    if (isFocused && !visit.at_the_door) requestAnimationFrame(() => focusRow(next));
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
          <InboxList feed={feed} filter={filter} faces={faces.data} clear={() => replace('/visits')} chosen={chosen} open={(visit) => setChosen(visit.id)} ask={setAsked} />
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
