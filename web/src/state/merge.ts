// How facts that arrive one by one change a list that was fetched before. Pure.

import type { EventView } from '../api/types.ts';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

// What these say belongs to the fact that began the activity.
const OF_ACTIVITY = new Set(['activity_recognized', 'activity_ended']);

/** Whether a fact tells more of an activity that has a row already. */
export const tellsMore = (event: EventView): boolean => OF_ACTIVITY.has(event.kind);

/** The fact that began an activity, with what one of the same activity adds. */
export function withMore(begun: EventView, more: EventView): EventView {
  return {
    ...begun,
    end: more.kind === 'activity_ended' ? more.at : begun.end,
    label: text(more.detail['label']) ?? begun.label,
    score: number(more.detail['score']) ?? begun.score,
    thumbnail: begun.thumbnail || more.detail['thumbnail'] === true,
  };
}

/** Newest first, each id once, at most `limit` rows; what is told of an activity changes the row of its begin. */
export function mergeEvents(list: readonly EventView[], arrived: readonly EventView[], limit: number): EventView[] {
  const rows = new Map(list.map((event) => [event.id, event]));
  for (const event of arrived) {
    const begun = tellsMore(event) ? rows.get(text(event.detail['activity']) ?? '') : undefined;
    if (begun) rows.set(begun.id, withMore(begun, event));
    else rows.set(event.id, rows.get(event.id)?.end ? { ...event, end: rows.get(event.id)?.end ?? null } : event);
  }
  return [...rows.values()].sort((a, b) => b.seq - a.seq).slice(0, limit);
}

// How a visit goes on stands under Visits.
const NO_ROWS = new Set([...OF_ACTIVITY, 'visit_changed', 'visit_ended']);

/** Rows a person reads. */
export const isRow = (event: EventView): boolean => !NO_ROWS.has(event.kind);
