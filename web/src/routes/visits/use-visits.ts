// The inbox: visits under a filter, newest first. New ones appear on top by themselves, or wait while somebody has
// focus in the list or points into it.

import { useEffect, useRef, useState } from 'preact/hooks';

import { visits as api, type Visit, type VisitFilter } from '../../api/visits.ts';
import { useHold, type HoldHandlers } from '../../components/use-hold.ts';
import { measured } from '../../media/measure.ts';
import { missed } from '../../state/contact.ts';
import { arrived, mergeVisits } from '../../state/visit-list.ts';
import { hiddenVisits, onVisit } from '../../state/visits.ts';

const PAGE = 50;

interface Data {
  state: 'loading' | 'ready' | 'error';
  list: Visit[];
  waiting: Visit[];
  next: string | null;
  error: unknown;
}

export interface VisitFeed extends Data {
  isLoadingMore: boolean;
  more: () => void;
  retry: () => void;
  showWaiting: () => void;
  /** For the element around the list. */
  hold: HoldHandlers;
}

const EMPTY: Data = { state: 'loading', list: [], waiting: [], next: null, error: null };

function take(before: Data, id: string, visit: Visit | null, filter: VisitFilter, isHeld: boolean): Data {
  if (visit === null) return { ...before, list: before.list.filter((row) => row.id !== id), waiting: before.waiting.filter((row) => row.id !== id) };
  if (before.waiting.some((row) => row.id === id)) return { ...before, waiting: mergeVisits(before.waiting, [visit]) };
  const { list, fresh } = arrived(before.list, visit, filter);
  if (!fresh) return { ...before, list };
  return isHeld ? { ...before, list, waiting: mergeVisits(before.waiting, [fresh]) } : { ...before, list: mergeVisits(list, [fresh]) };
}

export function useVisits(filter: VisitFilter): VisitFeed {
  const [data, setData] = useState(EMPTY);
  const [isLoadingMore, setLoadingMore] = useState(false);
  const [round, setRound] = useState(0);
  const showWaiting = (): void => setData((before) => ({ ...before, waiting: [], list: mergeVisits(before.list, before.waiting) }));
  const { isHeld, hold } = useHold(showWaiting);
  const latest = useRef(filter);
  latest.current = filter;
  const key = JSON.stringify(filter);
  const gone = missed.value;

  useEffect(() => {
    let isCurrent = true;
    api.list(filter, PAGE).then(
      (page) => isCurrent && setData({ state: 'ready', list: page.visits, waiting: [], next: page.next, error: null }),
      (error: unknown) => isCurrent && setData((before) => ({ ...before, state: 'error', error })),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round, gone]);

  useEffect(() => onVisit((id, visit) => {
    const start = performance.now();
    setData((before) => take(before, id, visit, latest.current, isHeld()));
    requestAnimationFrame(() => measured('hw:event-dom', start));
  }), []);

  const more = (): void => {
    if (!data.next || isLoadingMore) return;
    setLoadingMore(true);
    api.list(filter, PAGE, data.next).then(
      (page) => setData((before) => ({ ...before, next: page.next, list: mergeVisits(before.list, page.visits) })),
      (error: unknown) => setData((before) => ({ ...before, state: 'error', error })),
    ).finally(() => setLoadingMore(false));
  };
  const hidden = hiddenVisits.value;
  return {
    ...data,
    list: data.list.filter((visit) => !hidden.has(visit.id)),
    isLoadingMore,
    more,
    retry: () => setRound((value) => value + 1),
    showWaiting,
    hold,
  };
}
