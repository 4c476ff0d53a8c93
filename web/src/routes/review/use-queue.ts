// The queue while it is worked through: the picture of now with its boxes, what was changed in it and can be taken back,
// and what was done before and can be brought back.

import { useEffect, useRef, useState } from 'preact/hooks';

import { review, type ReviewBox, type ReviewItem, type ReviewPage, type ReviewState } from '../../api/review.ts';
import { reviewWaiting } from '../../state/review.ts';
import { failed, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';

const PAGE = 20;
/** Steps back in one picture. */
const STEPS_MAX = 100;
/** Pictures that can be brought back. */
const DONE_MAX = 50;

export interface Queue {
  state: 'loading' | 'ready' | 'error';
  error: unknown;
  page: ReviewPage | null;
  item: ReviewItem | null;
  boxes: readonly ReviewBox[];
  busy: boolean;
  /** There is something to take back. */
  canUndo: boolean;
  edit: (boxes: ReviewBox[]) => void;
  /** While a box is dragged: one step for the whole way. */
  sketch: (boxes: ReviewBox[]) => void;
  finish: (as: 'done' | 'skipped') => void;
  undo: () => void;
  remove: () => void;
  again: () => void;
}

interface Work {
  items: ReviewItem[];
  /** Before each step of the picture of now. */
  steps: (readonly ReviewBox[])[];
  boxes: readonly ReviewBox[];
}

const startOf = (items: ReviewItem[]): Work => ({ items, steps: [], boxes: items[0]?.boxes ?? [] });

export function useQueue(reason: string): Queue {
  const [page, setPage] = useState<ReviewPage | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [work, setWork] = useState<Work>(startOf([]));
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);
  const finished = useRef<ReviewItem[]>([]);
  const [backs, setBacks] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    setPage(null);
    setError(null);
    review.list({ state: 'waiting', reason, limit: PAGE }).then(
      (found) => {
        if (!isCurrent) return;
        setPage(found);
        setWork(startOf(found.items));
        reviewWaiting.value = found.is_on ? found.counts.waiting : null;
      },
      (failure: unknown) => isCurrent && setError(failure),
    );
    return () => {
      isCurrent = false;
    };
  }, [reason, round]);

  const item = work.items[0] ?? null;
  const edit = (boxes: ReviewBox[]): void => setWork((before) => ({ ...before, boxes, steps: [...before.steps, before.boxes].slice(-STEPS_MAX) }));
  const sketch = (boxes: ReviewBox[]): void => setWork((before) => ({ ...before, boxes }));

  const count = (from: ReviewState | null, to: ReviewState | null): void => {
    setPage((before) => {
      if (!before) return before;
      const counts = { ...before.counts };
      if (from) counts[from] = Math.max(0, counts[from] - 1);
      if (to) counts[to] += 1;
      reviewWaiting.value = counts.waiting;
      return { ...before, counts };
    });
  };
  /** The next picture; the next page of them where this one is at its end. */
  const advance = (): void => {
    const rest = work.items.slice(1);
    setWork(startOf(rest));
    if (rest.length === 0 && page?.next) setRound((value) => value + 1);
  };
  const send = async (action: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await action();
    } catch (failure) {
      failed(t('review.not_saved'), failure);
    } finally {
      setBusy(false);
    }
  };
  const finish = (as: 'done' | 'skipped'): void => {
    if (!item || busy) return;
    void send(async () => {
      const saved = await review.put(item.id, work.boxes, as);
      finished.current = [...finished.current, saved].slice(-DONE_MAX);
      setBacks(finished.current.length);
      count('waiting', as);
      advance();
    });
  };
  const bringBack = (): void => {
    const last = finished.current.at(-1);
    if (!last || busy) return;
    void send(async () => {
      const saved = await review.put(last.id, last.boxes, 'waiting');
      finished.current = finished.current.slice(0, -1);
      setBacks(finished.current.length);
      count(last.state, 'waiting');
      setWork((before) => startOf([saved, ...before.items]));
    });
  };
  const undo = (): void => {
    const before = work.steps.at(-1);
    if (before) setWork({ ...work, boxes: before, steps: work.steps.slice(0, -1) });
    else bringBack();
  };
  const remove = (): void => {
    if (!item || busy) return;
    const gone = item;
    count('waiting', null);
    advance();
    const back = (): void => {
      count(null, 'waiting');
      setWork((before) => startOf([gone, ...before.items]));
    };
    // What is erased cannot be brought back, so that waits until nobody wants it back.
    undoable(t('review.removed'), back, () => {
      review.remove(gone.id).catch((failure: unknown) => {
        failed(t('review.not_removed'), failure);
        back();
      });
    });
  };
  const state = error !== null ? 'error' : page === null ? 'loading' : 'ready';
  return { state, error, page, item, boxes: work.boxes, busy, canUndo: work.steps.length > 0 || backs > 0, edit, sketch, finish, undo, remove, again: () => setRound((value) => value + 1) };
}
