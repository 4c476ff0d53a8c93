// Small pictures wait until the first live one is there: they would only delay it.

import { signal } from '@preact/signals';

// A page that shows live pictures may have none to show.
const LATEST_MS = 2_500;

const startsLive = location.pathname === '/' || location.pathname.startsWith('/cameras');

export const smallPictures = signal(!startsLive);

export function liveIsThere(): void {
  smallPictures.value = true;
}

setTimeout(liveIsThere, LATEST_MS);
