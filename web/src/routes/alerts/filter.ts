// Which alerts are shown, in which order, and how that stands in the address. Pure.

import type { Incident, IncidentState } from '../../api/incidents.ts';
import type { Severity } from '../../api/types.ts';

export const STATES: readonly IncidentState[] = ['open', 'acknowledged', 'resolved'];
export const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];
export const ABOUT = ['safety', 'security'] as const;

export interface Filter {
  /** Null means all. */
  state: IncidentState | null;
  severity: Severity | null;
  about: (typeof ABOUT)[number] | null;
  camera: string;
  isOldestFirst: boolean;
}

export const USUAL: Filter = { state: 'open', severity: null, about: null, camera: '', isOldestFirst: false };

const oneOf = <T extends string>(list: readonly T[], value: string | null): T | null => list.find((one) => one === value) ?? null;

export function readFilter(query: URLSearchParams): Filter {
  const state = query.get('state') === 'all' ? null : (oneOf(STATES, query.get('state')) ?? 'open');
  return { state, severity: oneOf(SEVERITIES, query.get('severity')), about: oneOf(ABOUT, query.get('about')), camera: query.get('camera') ?? '', isOldestFirst: query.get('order') === 'oldest' };
}

export function addressOf(filter: Filter): string {
  const query = new URLSearchParams();
  if (filter.state !== 'open') query.set('state', filter.state ?? 'all');
  if (filter.severity) query.set('severity', filter.severity);
  if (filter.about) query.set('about', filter.about);
  if (filter.camera) query.set('camera', filter.camera);
  if (filter.isOldestFirst) query.set('order', 'oldest');
  return query.size > 0 ? `/alerts?${query}` : '/alerts';
}

/** All but the state, whose counts are shown beside each other. */
export function fits(filter: Filter, incident: Incident): boolean {
  const isAbout = filter.about === null || incident.about === filter.about;
  return isAbout && (filter.severity === null || incident.severity === filter.severity) && (filter.camera === '' || incident.cameras?.includes(filter.camera) === true);
}

/** Newest first, or oldest first, by when each was found last. */
export function arranged(list: readonly Incident[], filter: Filter): Incident[] {
  const way = filter.isOldestFirst ? 1 : -1;
  const shown = list.filter((incident) => fits(filter, incident) && (filter.state === null || incident.state === filter.state));
  return shown.sort((a, b) => way * (Date.parse(a.last_at) - Date.parse(b.last_at)) || a.id.localeCompare(b.id));
}

/** When something was found last, or null if never. */
export const lastAt = (list: readonly Incident[]): number | null => (list.length === 0 ? null : Math.max(...list.map((incident) => Date.parse(incident.last_at))));
