// A list of events that grows at the top by itself. While somebody points into it or has focus in it, new
// rows wait, so that nothing moves away under the pointer.

import { useEffect, useRef, useState } from 'preact/hooks';

import { hub } from '../api/hub.ts';
import type { Query } from '../api/request.ts';
import type { EventView } from '../api/types.ts';
import { measured } from '../media/measure.ts';
import { missed, onEvent } from '../state/contact.ts';
import { isRow, mergeEvents, tellsMore } from '../state/merge.ts';
import { useHold, type HoldHandlers } from './use-hold.ts';

// Rows kept on the page; older ones are fetched again when wanted.
const ROWS_MAX = 10_000;

export interface Feed {
  state: 'loading' | 'ready' | 'error';
  events: EventView[];
  error: unknown;
  hasMore: boolean;
  isLoadingMore: boolean;
  waiting: number;
  more: () => void;
  retry: () => void;
  showWaiting: () => void;
  /** For the element around the list. */
  hold: HoldHandlers;
}

type Data = Pick<Feed, 'state' | 'events' | 'error'> & { next: string | null; waiting: EventView[] };

const EMPTY: Data = { state: 'loading', events: [], error: null, next: null, waiting: [] };

/** `fits` says whether an event that arrives belongs into this list. */
export function useFeed(query: Query, fits: (event: EventView) => boolean): Feed {
  const [data, setData] = useState(EMPTY);
  const [isLoadingMore, setLoadingMore] = useState(false);
  const [round, setRound] = useState(0);
  const showWaiting = (): void => setData((before) => ({ ...before, waiting: [], events: mergeEvents(before.events, before.waiting, ROWS_MAX) }));
  const { isHeld, hold } = useHold(showWaiting);
  const filter = useRef(fits);
  filter.current = fits;
  const key = JSON.stringify(query);
  const gone = missed.value;

  useEffect(() => {
    let isCurrent = true;
    hub.events(query).then(
      (page) => isCurrent && setData({ state: 'ready', events: page.events.filter(isRow), error: null, next: page.next, waiting: [] }),
      (error: unknown) => isCurrent && setData((before) => ({ ...before, state: 'error', error })),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round, gone]);

  useEffect(() => onEvent((event) => {
    const isMore = tellsMore(event);
    if (!isMore && !(isRow(event) && filter.current(event))) return;
    const start = performance.now();
    setData((before) => arrive(before, event, isMore, isHeld()));
    requestAnimationFrame(() => measured('hw:event-dom', start));
  }), []);

  const more = (): void => {
    if (!data.next || isLoadingMore) return;
    setLoadingMore(true);
    hub.events({ ...query, before: data.next }).then(
      (page) => setData((before) => ({ ...before, next: page.next, events: mergeEvents(before.events, page.events.filter(isRow), ROWS_MAX) })),
      (error: unknown) => setData((before) => ({ ...before, state: 'error', error })),
    ).finally(() => setLoadingMore(false));
  };

  return {
    ...data,
    waiting: data.waiting.length,
    hasMore: data.next !== null,
    isLoadingMore,
    more,
    showWaiting,
    retry: () => setRound((value) => value + 1),
    hold,
  };
}

function arrive(before: Data, event: EventView, isMore: boolean, isHeld: boolean): Data {
  if (isHeld && !isMore) return { ...before, waiting: mergeEvents(before.waiting, [event], ROWS_MAX) };
  const merged = mergeEvents(before.events, [event], ROWS_MAX);
  // What is told of an activity that is not in this list adds nothing to it.
  return { ...before, events: merged.filter(isRow), waiting: isMore ? mergeEvents(before.waiting, [event], ROWS_MAX).filter(isRow) : before.waiting };
}
