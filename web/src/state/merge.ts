// How facts that arrive one by one change a list that was fetched before. Pure.

import type { EventView } from '../api/types.ts';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The fact that began an activity, with what its end adds. */
export function withEnd(begun: EventView, ended: EventView): EventView {
  return {
    ...begun,
    end: ended.at,
    label: text(ended.detail['label']) ?? begun.label,
    score: number(ended.detail['score']) ?? begun.score,
    thumbnail: begun.thumbnail || ended.detail['thumbnail'] === true,
  };
}

/** Newest first, each id once, at most `limit` rows; the end of an activity changes the row of its begin. */
export function mergeEvents(list: readonly EventView[], arrived: readonly EventView[], limit: number): EventView[] {
  const rows = new Map(list.map((event) => [event.id, event]));
  for (const event of arrived) {
    const begun = event.kind === 'activity_ended' ? rows.get(text(event.detail['activity']) ?? '') : undefined;
    if (begun) rows.set(begun.id, withEnd(begun, event));
    if (!begun || event.kind !== 'activity_ended') rows.set(event.id, rows.get(event.id)?.end ? { ...event, end: rows.get(event.id)?.end ?? null } : event);
  }
  return [...rows.values()].sort((a, b) => b.seq - a.seq).slice(0, limit);
}

// The end of an activity is part of its begin; how a visit goes on stands under Visits.
const NO_ROWS = new Set(['activity_ended', 'visit_changed', 'visit_ended']);

/** Rows a person reads. */
export const isRow = (event: EventView): boolean => !NO_ROWS.has(event.kind);
