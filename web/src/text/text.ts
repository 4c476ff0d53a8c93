// The words of the dashboard in the reader's language. Each language is two files, loaded on demand: what every
// page needs, and the rest (`more`) for the pages that are visited seldom.

import { signal } from '@preact/signals';

import type { en } from './en.ts';
import type { enMore } from './en-more.ts';
import { format, type Values } from './format.ts';

export type Key = keyof typeof en | keyof typeof enMore;
export type Catalogue = Record<keyof typeof en, string>;
export type MoreCatalogue = Record<keyof typeof enMore, string>;
/** The last two are for tests: they are not offered. */
export type Language = 'en' | 'de' | 'en-XA' | 'ar-XB';

export const LANGUAGES: readonly [Language, string][] = [
  ['en', 'English'],
  ['de', 'Deutsch'],
];
export const LANGUAGE_NAMES: readonly Language[] = ['en', 'de', 'en-XA', 'ar-XB'];

export const language = signal<Language>('en');
const catalogue = signal<Partial<Record<Key, string>>>({});
let moreWords: Promise<void> | null = null;

const english = () => import('./en.ts').then((file) => file.en);
const englishMore = () => import('./en-more.ts').then((file) => file.enMore);
const invented = async <T extends Record<string, string>>(name: 'en-XA' | 'ar-XB', of: () => Promise<T>): Promise<T> => {
  const [{ pseudo }, words] = await Promise.all([import('./pseudo.ts'), of()]);
  return pseudo(words, name);
};

const files: Record<Language, () => Promise<Catalogue>> = {
  en: english,
  de: () => import('./de.ts').then((file) => file.de),
  'en-XA': () => invented('en-XA', english),
  'ar-XB': () => invented('ar-XB', english),
};
const moreFiles: Record<Language, () => Promise<MoreCatalogue>> = {
  en: englishMore,
  de: () => import('./de-more.ts').then((file) => file.deMore),
  'en-XA': () => invented('en-XA', englishMore),
  'ar-XB': () => invented('ar-XB', englishMore),
};

/** The best language for this reader. */
export function preferredLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return wanted.find((tag): tag is 'en' | 'de' => tag === 'en' || tag === 'de') ?? 'en';
}

/** Loads a language and shows it. */
export async function loadLanguage(next: Language): Promise<void> {
  const [first, more] = await Promise.all([files[next](), moreWords ? moreFiles[next]() : null]);
  catalogue.value = { ...first, ...more };
  language.value = next;
  document.documentElement.lang = next;
  document.documentElement.dir = next === 'ar-XB' ? 'rtl' : 'ltr';
}

/** Loads the words of the seldom visited pages, in this language and in each that is chosen later. */
export function loadMoreWords(): Promise<void> {
  moreWords ??= fetchMore().catch((error: unknown) => {
    moreWords = null;
    throw error;
  });
  return moreWords;
}

async function fetchMore(): Promise<void> {
  const asked = language.value;
  const more = await moreFiles[asked]();
  if (language.value === asked) catalogue.value = { ...catalogue.value, ...more };
}

/** The name by which Intl knows the language. */
export const locale = (): string => (language.value === 'de' ? 'de' : 'en');

/** The text of a key. */
export function t(key: Key, values?: Values): string {
  return format(locale(), catalogue.value[key] ?? key, values);
}

/** The text of `prefix.code` for a code from the hub; a code this version does not know is shown as it is. */
export function tCode(prefix: string, code: string): string {
  const key = `${prefix}.${code}` as Key;
  return catalogue.value[key] === undefined ? code.replaceAll('_', ' ') : t(key);
}
