// What time it is at the hub. The device's clock may be wrong, so ages are counted from the hub's.

import { signal } from '@preact/signals';

let offset = 0;

/** Learns the difference from an answer that carries the hub's time. */
export function setHubTime(hubTime: number, asked: number, answered: number): void {
  offset = hubTime - (asked + answered) / 2;
}

/** Milliseconds since 1970, by the hub's clock. */
export const hubNow = (): number => Date.now() + offset;

/** The hub's time, renewed every second: for ages and countdowns. */
export const second = signal(Date.now());

/** Begins to count; once. */
export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) second.value = hubNow();
  }, 1000);
  document.addEventListener('visibilitychange', () => {
    second.value = hubNow();
  });
  second.value = hubNow();
}
