// A list of events that grows at the top by itself. While somebody points into it or has focus in it, new
// rows wait, so that nothing moves away under the pointer.

import { useEffect, useRef, useState } from 'preact/hooks';

import { hub } from '../api/hub.ts';
import type { Query } from '../api/request.ts';
import type { EventView } from '../api/types.ts';
import { measured } from '../media/measure.ts';
import { missed, onEvent } from '../state/contact.ts';
import { isRow, mergeEvents } from '../state/merge.ts';

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
  hold: { onPointerEnter: () => void; onPointerLeave: () => void; onFocusIn: () => void; onFocusOut: (event: FocusEvent) => void };
}

type Data = Pick<Feed, 'state' | 'events' | 'error'> & { next: string | null; waiting: EventView[] };

const EMPTY: Data = { state: 'loading', events: [], error: null, next: null, waiting: [] };

/** `fits` says whether an event that arrives belongs into this list. */
export function useFeed(query: Query, fits: (event: EventView) => boolean): Feed {
  const [data, setData] = useState(EMPTY);
  const [isLoadingMore, setLoadingMore] = useState(false);
  const [round, setRound] = useState(0);
  const held = useRef({ pointer: false, focus: false });
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
    const isEnd = event.kind === 'activity_ended';
    if (!isEnd && !(isRow(event) && filter.current(event))) return;
    const start = performance.now();
    setData((before) => arrive(before, event, isEnd, held.current.pointer || held.current.focus));
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
  const showWaiting = (): void => setData((before) => ({ ...before, waiting: [], events: mergeEvents(before.events, before.waiting, ROWS_MAX) }));
  const release = (part: 'pointer' | 'focus'): void => {
    held.current[part] = false;
    if (!held.current.pointer && !held.current.focus) showWaiting();
  };

  return {
    ...data,
    waiting: data.waiting.length,
    hasMore: data.next !== null,
    isLoadingMore,
    more,
    showWaiting,
    retry: () => setRound((value) => value + 1),
    hold: {
      onPointerEnter: () => { held.current.pointer = true; },
      onPointerLeave: () => release('pointer'),
      onFocusIn: () => { held.current.focus = true; },
      onFocusOut: (event) => {
        const isInside = event.relatedTarget instanceof Node && (event.currentTarget as Node).contains(event.relatedTarget);
        if (!isInside) release('focus');
      },
    },
  };
}

function arrive(before: Data, event: EventView, isEnd: boolean, isHeld: boolean): Data {
  if (isHeld && !isEnd) return { ...before, waiting: mergeEvents(before.waiting, [event], ROWS_MAX) };
  const merged = mergeEvents(before.events, [event], ROWS_MAX);
  // The end of an activity that is not in this list adds nothing to it.
  return { ...before, events: merged.filter(isRow), waiting: isEnd ? mergeEvents(before.waiting, [event], ROWS_MAX).filter(isRow) : before.waiting };
}
