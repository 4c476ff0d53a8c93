// The hub's own state, asked for now and then while it is shown.

import { useEffect, useState } from 'preact/hooks';

import { hub } from '../api/hub.ts';
import type { SystemInfo } from '../api/types.ts';

const EVERY_MS = 30_000;
// Pictures come first.
const FIRST_MS = 600;

/** Null until the hub answered. */
export function useSystem(): SystemInfo | null {
  const [system, setSystem] = useState<SystemInfo | null>(null);
  useEffect(() => {
    const ask = (): void => {
      // Without an answer the last one stays; the page says by itself when the hub is gone.
      hub.system().then(setSystem, () => undefined);
    };
    const first = setTimeout(ask, FIRST_MS);
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, []);
  return system;
}
