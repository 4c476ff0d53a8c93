// Whether somebody points into a list or has focus in it: what arrives then waits, so that nothing moves away under them.

import { useRef } from 'preact/hooks';

/** For the element around the list. */
export interface HoldHandlers {
  onPointerEnter: () => void;
  onPointerLeave: () => void;
  onFocusIn: () => void;
  onFocusOut: (event: FocusEvent) => void;
}

/** `released` is called when the last hold is let go. */
export function useHold(released: () => void): { isHeld: () => boolean; hold: HoldHandlers } {
  const held = useRef({ pointer: false, focus: false });
  const isHeld = (): boolean => held.current.pointer || held.current.focus;
  const release = (part: 'pointer' | 'focus'): void => {
    held.current[part] = false;
    if (!isHeld()) released();
  };
  const hold: HoldHandlers = {
    onPointerEnter: () => { held.current.pointer = true; },
    onPointerLeave: () => release('pointer'),
    onFocusIn: () => { held.current.focus = true; },
    onFocusOut: (event) => {
      const isInside = event.relatedTarget instanceof Node && (event.currentTarget as Node).contains(event.relatedTarget);
      if (!isInside) release('focus');
    },
  };
  return { isHeld, hold };
}
