// What fingers, mouse and wheel do to the strip: drag moves the playhead, wheel pans, Ctrl+wheel and two
// fingers zoom at the pointer.

import type { Signal } from '@preact/signals';

import { hubNow } from '../state/clock.ts';
import { centred, notBeyond, timeAt, xOf, zoomAround, type Range, type View } from './geometry.ts';

export interface StripHandlers {
  view: Signal<View>;
  /** The playhead stays in the middle and the strip moves under it, as on phones. */
  isCentred: () => boolean;
  playhead: () => number;
  onScrub: (at: number) => void;
  onRelease: () => void;
  marks: () => Range | null;
  onMark: (side: 'from' | 'to', at: number) => void;
}

// How near a mark's line takes hold of it.
const MARK_PX = 8;

const WHEEL_ZOOM = 0.0015;
// Fewer pixels of movement are a tap.
const TAP_PX = 4;

/** Attaches the handlers; returns how to remove them. */
export function handlePointers(element: HTMLElement, handlers: StripHandlers): () => void {
  const { view } = handlers;
  const pointers = new Map<number, number>();
  let pinch: { distance: number; span: number } | null = null;
  let mark: 'from' | 'to' | null = null;
  let drag: { x: number; at: number; moved: boolean } | null = null;

  const xIn = (event: PointerEvent | WheelEvent): number => event.clientX - element.getBoundingClientRect().left;
  const width = (): number => element.clientWidth;
  const distance = (): number => {
    const [first = 0, second = 0] = [...pointers.values()];
    return Math.max(20, Math.abs(first - second));
  };

  const markAt = (x: number): 'from' | 'to' | null => {
    const marks = handlers.marks();
    if (!marks) return null;
    const near = (time: number): boolean => Math.abs(xOf(view.value, width(), time) - x) <= MARK_PX;
    if (near(marks.to)) return 'to';
    return near(marks.from) ? 'from' : null;
  };
  const scrubTo = (at: number): void => {
    const bounded = Math.min(at, hubNow());
    handlers.onScrub(bounded);
    if (handlers.isCentred()) view.value = centred(bounded, view.value.span);
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event.clientX);
    if (pointers.size === 2) {
      pinch = { distance: distance(), span: view.value.span };
      drag = null;
      return;
    }
    mark = markAt(xIn(event));
    if (mark) return;
    drag = { x: xIn(event), at: handlers.playhead(), moved: false };
    if (!handlers.isCentred()) scrubTo(timeAt(view.value, width(), xIn(event)));
  };
  const move = (event: PointerEvent): void => {
    if (!pointers.has(event.pointerId)) return;
    pointers.set(event.pointerId, event.clientX);
    if (pinch && pointers.size === 2) {
      view.value = zoomAround(view.value, handlers.playhead(), pinch.span * (pinch.distance / distance()));
      return;
    }
    if (mark) handlers.onMark(mark, timeAt(view.value, width(), xIn(event)));
    if (!drag) return;
    const x = xIn(event);
    drag.moved ||= Math.abs(x - drag.x) > TAP_PX;
    if (!handlers.isCentred()) scrubTo(timeAt(view.value, width(), x));
    else if (drag.moved) scrubTo(drag.at - ((x - drag.x) / width()) * view.value.span);
  };
  const up = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size < 2) pinch = null;
    mark = null;
    if (!drag) return;
    if (handlers.isCentred() && !drag.moved && event.type === 'pointerup') scrubTo(timeAt(view.value, width(), xIn(event)));
    drag = null;
    handlers.onRelease();
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const at = handlers.isCentred() ? handlers.playhead() : timeAt(view.value, width(), xIn(event));
    if (event.ctrlKey) {
      view.value = zoomAround(view.value, at, view.value.span * Math.exp(event.deltaY * WHEEL_ZOOM));
      return;
    }
    const turn = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
    const moved = { ...view.value, from: view.value.from + (turn / Math.max(1, width())) * view.value.span };
    if (handlers.isCentred()) {
      scrubTo(moved.from + moved.span / 2);
      handlers.onRelease();
    } else view.value = notBeyond(moved, hubNow());
  };

  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', up);
  element.addEventListener('wheel', wheel, { passive: false });
  return () => {
    element.removeEventListener('pointerdown', down);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', up);
    element.removeEventListener('pointercancel', up);
    element.removeEventListener('wheel', wheel);
  };
}
