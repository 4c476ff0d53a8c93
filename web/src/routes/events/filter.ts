// What the search page shows, as it stands in the address. Pure.

import { GROUPS, type Group } from './groups.ts';

export const RANGES = { all: null, hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;
export type RangeName = keyof typeof RANGES;

export interface Filter {
  /** What is looked for, in words. */
  q: string;
  /** The conversation that is open. */
  conversation: string;
  group: Group;
  camera: string;
  label: string;
  range: RangeName;
}

export const NONE: Filter = { q: '', conversation: '', group: 'all', camera: '', label: '', range: 'all' };

export function readFilter(query: URLSearchParams): Filter {
  const group = GROUPS.find((name) => name === query.get('g')) ?? 'all';
  const range = (Object.keys(RANGES) as RangeName[]).find((name) => name === query.get('since')) ?? 'all';
  return { group, range, q: query.get('q') ?? '', conversation: query.get('c') ?? '', camera: query.get('camera') ?? '', label: query.get('label') ?? '' };
}

export function addressOf(filter: Filter): string {
  const query = new URLSearchParams();
  if (filter.q) query.set('q', filter.q);
  if (filter.conversation) query.set('c', filter.conversation);
  if (filter.group !== 'all') query.set('g', filter.group);
  if (filter.camera) query.set('camera', filter.camera);
  if (filter.label) query.set('label', filter.label);
  if (filter.range !== 'all') query.set('since', filter.range);
  return query.size > 0 ? `/events?${query}` : '/events';
}
