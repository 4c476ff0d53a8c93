// Where somebody wanted to be before they were sent to the sign-in provider. The page is left meanwhile, so the
// browser's session keeps it.

const KEY = 'hearthwatch.wanted';

/** Leaves the dashboard for the provider. */
export function leaveFor(address: string, wanted: string | null): void {
  if (wanted === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, wanted);
  location.assign(address);
}

/** Where to go on, once. */
export function takeWanted(): string | null {
  const wanted = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return wanted;
}
