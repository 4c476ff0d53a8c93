// How many pictures are decoded at once: a browser with too many decoders shows none of them well.
// Tiles ask in their order on the page; who gets no slot shows stills.

import { signal } from '@preact/signals';

const DESKTOP_MAX = 9;
const PHONE_MAX = 4;

const holders = signal<readonly symbol[]>([]);

export const slotsMax = (): number => (matchMedia('(max-width: 599px)').matches ? PHONE_MAX : DESKTOP_MAX);

/** Whether this one may decode. */
export const hasSlot = (who: symbol): boolean => {
  const at = holders.value.indexOf(who);
  return at >= 0 && at < slotsMax();
};

/** Whether this one has asked and waits. */
export const waitsForSlot = (who: symbol): boolean => holders.value.indexOf(who) >= slotsMax();

/** Asks for a slot; the answer is `hasSlot`, and may come later when another leaves. */
export function askSlot(who: symbol): void {
  if (!holders.peek().includes(who)) holders.value = [...holders.peek(), who];
}

export function leaveSlot(who: symbol): void {
  if (holders.peek().includes(who)) holders.value = holders.peek().filter((holder) => holder !== who);
}
