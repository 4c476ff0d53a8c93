// A visit that somebody looks at for a while counts as seen, without a word about it.

import { useEffect } from 'preact/hooks';

import { visits as api, type Visit } from '../api/visits.ts';
import { isUnseen } from '../state/visit-list.ts';
import { changedVisit } from '../state/visits.ts';

// Shorter looks are by chance.
const SEEN_AFTER_MS = 2_000;

export function useSeen(visit: Visit | undefined): void {
  const isNew = visit !== undefined && isUnseen(visit);
  useEffect(() => {
    if (!visit || !isNew) return undefined;
    const timer = setTimeout(() => void api.change(visit.id, { state: 'seen' }).then(changedVisit, () => undefined), SEEN_AFTER_MS);
    return () => clearTimeout(timer);
    // Who marks it as new again while it is open does not want it seen at once.
  }, [visit?.id]);
}
