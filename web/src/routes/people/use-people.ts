// Data about people that is fetched again when the hub tells of a change.

import { useEffect, useRef } from 'preact/hooks';

import { useFetch, type Fetched } from '../../components/use-fetch.ts';
import { missed, onEvent } from '../../state/contact.ts';

// A change and what follows from it are told one after the other.
const TOGETHER_MS = 250;

const isOfPeople = (kind: string): boolean => /^(person|consent|visit)_/.test(kind);

export function usePeople<T>(fetcher: () => Promise<T>, key: string): [Fetched<T>, () => void, (data: T) => void] {
  const [fetched, again, set] = useFetch(fetcher, `${key} ${missed.value}`);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    const stop = onEvent((event) => {
      if (!isOfPeople(event.kind)) return;
      clearTimeout(timer.current);
      timer.current = setTimeout(again, TOGETHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer.current);
    };
  }, [again]);
  return [fetched, again, set];
}
