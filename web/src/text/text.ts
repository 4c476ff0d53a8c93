// The words of the dashboard in the reader's language. Each language is several files, loaded on demand: what every
// page needs, the words of devices and of what they measure, those of visits and people, those of notifications, those
// of alarm and rules, those of search and alerts, those of assistants and of the review queue, and the rest (`more`) for
// the pages that are visited seldom.

import { signal } from '@preact/signals';

import type { en } from './en.ts';
import type { enAssistant } from './en-assistant.ts';
import type { enDevices } from './en-devices.ts';
import type { enMore } from './en-more.ts';
import type { enNotify } from './en-notify.ts';
import type { enPeople } from './en-people.ts';
import type { enRules } from './en-rules.ts';
import type { enSearch } from './en-search.ts';
import { format, type Values } from './format.ts';

export type Key = keyof typeof en | keyof typeof enMore | keyof typeof enDevices | keyof typeof enPeople | keyof typeof enNotify | keyof typeof enRules | keyof typeof enSearch | keyof typeof enAssistant;
export type Catalogue = Record<keyof typeof en, string>;
export type MoreCatalogue = Record<keyof typeof enMore, string>;
export type DeviceCatalogue = Record<keyof typeof enDevices, string>;
export type PeopleCatalogue = Record<keyof typeof enPeople, string>;
export type NotifyCatalogue = Record<keyof typeof enNotify, string>;
export type RuleCatalogue = Record<keyof typeof enRules, string>;
export type SearchCatalogue = Record<keyof typeof enSearch, string>;
export type AssistantCatalogue = Record<keyof typeof enAssistant, string>;
/** The last two are for tests: they are not offered. */
export type Language = 'en' | 'de' | 'en-XA' | 'ar-XB';

export const LANGUAGES: readonly [Language, string][] = [
  ['en', 'English'],
  ['de', 'Deutsch'],
];
export const LANGUAGE_NAMES: readonly Language[] = ['en', 'de', 'en-XA', 'ar-XB'];

export const language = signal<Language>('en');
const catalogue = signal<Partial<Record<Key, string>>>({});
/** The parts that are not loaded from the start. */
export type Part = 'more' | 'devices' | 'people' | 'notify' | 'rules' | 'search' | 'assistant';
const partWords = new Map<Part, Promise<void>>();

const english = () => import('./en.ts').then((file) => file.en);
const englishMore = () => import('./en-more.ts').then((file) => file.enMore);
const englishPeople = () => import('./en-people.ts').then((file) => file.enPeople);
const englishNotify = () => import('./en-notify.ts').then((file) => file.enNotify);
const englishRules = () => import('./en-rules.ts').then((file) => file.enRules);
const englishSearch = () => import('./en-search.ts').then((file) => file.enSearch);
const englishAssistant = () => import('./en-assistant.ts').then((file) => file.enAssistant);
const englishDevices = () => import('./en-devices.ts').then((file) => file.enDevices);
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
const partFiles: Record<Part, Record<Language, () => Promise<Partial<Record<Key, string>>>>> = {
  more: {
    en: englishMore,
    de: () => import('./de-more.ts').then((file) => file.deMore),
    'en-XA': () => invented('en-XA', englishMore),
    'ar-XB': () => invented('ar-XB', englishMore),
  },
  devices: {
    en: englishDevices,
    de: () => import('./de-devices.ts').then((file) => file.deDevices),
    'en-XA': () => invented('en-XA', englishDevices),
    'ar-XB': () => invented('ar-XB', englishDevices),
  },
  people: {
    en: englishPeople,
    de: () => import('./de-people.ts').then((file) => file.dePeople),
    'en-XA': () => invented('en-XA', englishPeople),
    'ar-XB': () => invented('ar-XB', englishPeople),
  },
  notify: {
    en: englishNotify,
    de: () => import('./de-notify.ts').then((file) => file.deNotify),
    'en-XA': () => invented('en-XA', englishNotify),
    'ar-XB': () => invented('ar-XB', englishNotify),
  },
  rules: {
    en: englishRules,
    de: () => import('./de-rules.ts').then((file) => file.deRules),
    'en-XA': () => invented('en-XA', englishRules),
    'ar-XB': () => invented('ar-XB', englishRules),
  },
  search: {
    en: englishSearch,
    de: () => import('./de-search.ts').then((file) => file.deSearch),
    'en-XA': () => invented('en-XA', englishSearch),
    'ar-XB': () => invented('ar-XB', englishSearch),
  },
  assistant: {
    en: englishAssistant,
    de: () => import('./de-assistant.ts').then((file) => file.deAssistant),
    'en-XA': () => invented('en-XA', englishAssistant),
    'ar-XB': () => invented('ar-XB', englishAssistant),
  },
};

/** The best language for this reader. */
export function preferredLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return wanted.find((tag): tag is 'en' | 'de' => tag === 'en' || tag === 'de') ?? 'en';
}

/** Loads a language and shows it. */
export async function loadLanguage(next: Language): Promise<void> {
  const [first, ...more] = await Promise.all([files[next](), ...[...partWords.keys()].map((part) => partFiles[part][next]())]);
  catalogue.value = Object.assign({}, first, ...more) as Catalogue;
  language.value = next;
  document.documentElement.lang = next;
  document.documentElement.dir = next === 'ar-XB' ? 'rtl' : 'ltr';
}

/** Loads a part of the words, in this language and in each that is chosen later. */
export function loadWords(part: Part): Promise<void> {
  const loading = partWords.get(part) ?? fetchWords(part).catch((error: unknown) => {
    partWords.delete(part);
    throw error;
  });
  partWords.set(part, loading);
  return loading;
}

async function fetchWords(part: Part): Promise<void> {
  const asked = language.value;
  const more = await partFiles[part][asked]();
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
