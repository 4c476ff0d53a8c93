// The address bar as state: one signal with the place, and links that do not reload the page.

import { computed, signal } from '@preact/signals';

export interface Place {
  path: string;
  query: URLSearchParams;
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const place = signal<Place>(here());
export const path = computed(() => place.value.path);

function isSame(to: string): boolean {
  return to === location.pathname + location.search;
}

/** Goes to an address inside the dashboard. */
export function go(to: string): void {
  if (isSame(to)) return;
  history.pushState(null, '', to);
  place.value = here();
  scrollTo(0, 0);
}

/** Changes the address in place, without a step in the history: time, zoom, filters. */
export function replace(to: string): void {
  if (isSame(to)) return;
  history.replaceState(history.state, '', to);
  place.value = here();
}

/** Only an address inside the dashboard is followed after sign-in. */
export function safeReturn(to: string | null): string {
  return to !== null && /^\/(?![/\\])/.test(to) && !to.startsWith('/signin') && !to.startsWith('/claim') ? to : '/';
}

/** The parts of `path` that match `:name` in `pattern`, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.replace(/\/+$/, '').split('/');
  if (path !== '/' && wanted.length !== given.length) return null;
  if (path === '/') return pattern === '/' ? {} : null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) found[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return found;
}

function onClick(event: MouseEvent): void {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!plain || event.defaultPrevented || !(event.target instanceof Element)) return;
  const link = event.target.closest('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname.startsWith('/api/') || link.hash) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

/** Begins to listen; once. */
export function startRouter(): void {
  addEventListener('popstate', () => {
    place.value = here();
  });
  document.addEventListener('click', onClick);
}
