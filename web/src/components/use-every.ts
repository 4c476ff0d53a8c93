// Asks again and again while somebody is at the page. A request counts as activity at the hub, so a page that is left
// alone falls silent before it could keep a session alive; what the stream of facts tells still arrives.

import { useEffect, useRef } from 'preact/hooks';

import { offline } from '../state/contact.ts';

/** Without a touch, a key or a move for so long, nobody is taken to be there. */
const AWAY_MS = 10 * 60_000;

let touched = Date.now();
for (const kind of ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const) {
  addEventListener(kind, () => {
    touched = Date.now();
  }, { passive: true });
}

const isAttended = (): boolean => !document.hidden && Date.now() - touched < AWAY_MS;

/** Calls `action` every so many milliseconds while the component is shown. */
export function useEvery(ms: number, action: () => void): void {
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => {
    touched = Date.now();
    const timer = setInterval(() => {
      if (isAttended() && !offline.peek()) latest.current();
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
}
