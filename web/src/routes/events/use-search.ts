// The results of a search, page after page, newest first. The latest search wins.

import { useEffect, useState } from 'preact/hooks';

import type { Query } from '../../api/request.ts';
import { search, type Found, type SearchPage } from '../../api/search.ts';

export interface Results {
  state: 'loading' | 'ready' | 'error';
  page: SearchPage | null;
  items: Found[];
  error: unknown;
  isLoadingMore: boolean;
  more: () => void;
  retry: () => void;
}

type Data = Pick<Results, 'state' | 'page' | 'items' | 'error'>;
const EMPTY: Data = { state: 'loading', page: null, items: [], error: null };

export function useSearch(query: Query): Results {
  const [data, setData] = useState<Data>(EMPTY);
  const [isLoadingMore, setLoadingMore] = useState(false);
  const [round, setRound] = useState(0);
  const key = JSON.stringify(query);
  useEffect(() => {
    let isCurrent = true;
    setData((before) => ({ ...before, state: before.page ? before.state : 'loading' }));
    search.find(query).then(
      (page) => isCurrent && setData({ state: 'ready', page, items: page.items, error: null }),
      (error: unknown) => isCurrent && setData({ ...EMPTY, state: 'error', error }),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);
  const more = (): void => {
    if (!data.page?.next || isLoadingMore) return;
    setLoadingMore(true);
    const asked = data.page;
    search.find({ ...query, before: data.page.next }).then(
      (page) => setData((before) => (before.page === asked ? { ...before, page: { ...page, understood: asked.understood }, items: [...before.items, ...page.items] } : before)),
      (error: unknown) => setData((before) => ({ ...before, state: 'error', error })),
    ).finally(() => setLoadingMore(false));
  };
  return { ...data, isLoadingMore, more, retry: () => setRound((value) => value + 1) };
}
