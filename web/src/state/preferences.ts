// What the reader chose for this browser. Only appearance and keys are kept; never footage, faces or names.

import { effect, signal, type Signal } from '@preact/signals';

import { LANGUAGE_NAMES, preferredLanguage, type Language } from '../text/text.ts';

export type Theme = 'system' | 'light' | 'dark';
export type Columns = 'auto' | '1' | '2' | '3' | '4';
export type Density = 'comfortable' | 'compact';

function kept<T extends string>(name: string, usual: T, allowed: readonly T[]): Signal<T> {
  const key = `hearthwatch.${name}`;
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(key);
  } catch {
    // Storage can be switched off in the browser; the choice then lasts until the page is closed.
  }
  const choice = signal(allowed.find((value) => value === stored) ?? usual);
  effect(() => {
    const value = choice.value;
    try {
      if (value === usual) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // As above.
    }
  });
  // What is chosen in one tab is so in all.
  addEventListener('storage', (event) => {
    if (event.key === key) choice.value = allowed.find((value) => value === event.newValue) ?? usual;
  });
  return choice;
}

export const theme = kept<Theme>('theme', 'system', ['system', 'light', 'dark']);
export const density = kept<Density>('density', 'comfortable', ['comfortable', 'compact']);
export const columns = kept<Columns>('columns', 'auto', ['auto', '1', '2', '3', '4']);
export const singleKeys = kept<'on' | 'off'>('keys', 'on', ['on', 'off']);
export const languageChoice = kept<Language>('language', preferredLanguage(), LANGUAGE_NAMES);

/** Keeps the document's theme and density as chosen. */
export function applyPreferences(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    document.documentElement.dataset['density'] = density.value;
  });
}
