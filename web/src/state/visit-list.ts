// How visits that begin, change and vanish alter a list that was fetched before. Pure.

import type { Visit, VisitFace, VisitFilter, VisitState } from '../api/visits.ts';

/** What a visit is while nobody has looked at it. */
export const UNSEEN: readonly VisitState[] = ['new', 'missed'];

/** Nobody has looked at it yet. */
export const isUnseen = ({ state }: Pick<Visit, 'state'>): boolean => UNSEEN.includes(state);

/** Whether a visit belongs into a list that was asked for with this filter. */
export function fitsFilter(visit: Visit, { states, camera, person, unknown, kept }: VisitFilter): boolean {
  if (states && !states.includes(visit.state)) return false;
  if (camera && visit.camera !== camera) return false;
  if (person && !visit.faces.some((face) => face.person === person)) return false;
  if (unknown === 'true' && visit.who !== 'unknown') return false;
  return kept !== 'true' || visit.kept;
}

/** Newest first, each visit once. */
export function mergeVisits(list: readonly Visit[], arrived: readonly Visit[]): Visit[] {
  const rows = new Map(list.map((visit) => [visit.id, visit]));
  for (const visit of arrived) rows.set(visit.id, visit);
  return [...rows.values()].sort((a, b) => b.started_at.localeCompare(a.started_at));
}

/**
 * A row that changed stays where it is, even if it would not be asked for any more: nothing vanishes under the
 * pointer. Returns the list and the visits that wait or appear on top.
 */
export function arrived(list: readonly Visit[], visit: Visit, filter: VisitFilter): { list: Visit[]; fresh: Visit | null } {
  if (list.some((row) => row.id === visit.id)) return { list: list.map((row) => (row.id === visit.id ? visit : row)), fresh: null };
  const oldest = list.at(-1);
  // What is older than all that was fetched comes when more is asked for.
  const isNewer = !oldest || visit.started_at > oldest.started_at;
  return { list: [...list], fresh: isNewer && fitsFilter(visit, filter) ? visit : null };
}

/** The row that gets the focus when one goes: the next, or else the one before. */
export function neighbour(list: readonly { id: string }[], id: string): string | null {
  const index = list.findIndex((row) => row.id === id);
  return (list[index + 1] ?? list[index - 1])?.id ?? null;
}

/** The face that somebody can name: a stranger first, then one that could not be seen well. */
export const nameable = (visit: Visit): VisitFace | null => visit.faces.find((face) => face.decision === 'unknown') ?? null;

/** The face that somebody can say is not this person. */
export const rejectable = (visit: Visit): VisitFace | null => visit.faces.find((face) => face.decision === 'known' && face.person !== null) ?? null;
