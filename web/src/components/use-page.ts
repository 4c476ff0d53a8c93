// What every page does when it appears: its title, and focus on its heading for those who do not see it change.

import { useEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';

let isFirstPage = true;

/** Sets the document's title; the returned ref goes to the page's only `h1`. */
export function usePage(title: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Hearthwatch`;
  }, [title]);
  useEffect(() => {
    // The first page keeps the browser's own start of reading.
    if (!isFirstPage) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return heading;
}
