// Data that a component fetches: loading, ready or failed, and fetched again when `key` changes.

import { useCallback, useEffect, useState } from 'preact/hooks';

export type Fetched<T> =
  | { state: 'loading'; data: null; error: null }
  | { state: 'ready'; data: T; error: null }
  | { state: 'error'; data: T | null; error: unknown };

export function useFetch<T>(fetcher: () => Promise<T>, key: string): [Fetched<T>, () => void, (data: T) => void] {
  const [fetched, setFetched] = useState<Fetched<T>>({ state: 'loading', data: null, error: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    fetcher().then(
      (data) => isCurrent && setFetched({ state: 'ready', data, error: null }),
      (error: unknown) => isCurrent && setFetched((before) => ({ state: 'error', data: before.data, error })),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);
  const again = useCallback(() => setRound((value) => value + 1), []);
  const set = useCallback((data: T) => setFetched({ state: 'ready', data, error: null }), []);
  return [fetched, again, set];
}
