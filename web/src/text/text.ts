// The words of the dashboard in the reader's language. Each language is one file, loaded on demand.

import { signal } from '@preact/signals';

import type { en } from './en.ts';
import { format, type Values } from './format.ts';

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
export type Language = 'en' | 'de';

export const LANGUAGES: readonly [Language, string][] = [
  ['en', 'English'],
  ['de', 'Deutsch'],
];

export const language = signal<Language>('en');
const catalogue = signal<Partial<Catalogue>>({});

const files: Record<Language, () => Promise<Catalogue>> = {
  en: () => import('./en.ts').then((file) => file.en),
  de: () => import('./de.ts').then((file) => file.de),
};

/** The best language for this reader. */
export function preferredLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return wanted.find((tag): tag is Language => tag in files) ?? 'en';
}

/** Loads a language and shows it. */
export async function loadLanguage(next: Language): Promise<void> {
  catalogue.value = await files[next]();
  language.value = next;
  document.documentElement.lang = next;
}

/** The text of a key. */
export function t(key: Key, values?: Values): string {
  return format(language.value, catalogue.value[key] ?? key, values);
}

/** The text of `prefix.code` for a code from the hub; a code this version does not know is shown as it is. */
export function tCode(prefix: string, code: string): string {
  const key = `${prefix}.${code}` as Key;
  return catalogue.value[key] === undefined ? code.replaceAll('_', ' ') : t(key);
}
