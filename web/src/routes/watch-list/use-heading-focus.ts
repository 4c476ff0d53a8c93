// What was answered or taken off goes with the focus in it: then the heading of its list has it.

import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** For the heading of a list of so many. */
export function useHeadingFocus(count: number): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(count);
  useEffect(() => {
    if (count < before.current && document.activeElement === document.body) heading.current?.focus();
    before.current = count;
  }, [count]);
  return heading;
}
