// What a visit is called: the names that are sure, and nothing more than is known of the rest.

import type { Visit, VisitFace } from '../api/visits.ts';
import { t } from '../text/text.ts';

/** What a single face is called. */
export function faceName({ decision, name, erased }: VisitFace): string {
  if (erased) return t('visit.erased');
  if (decision === 'known') return name ?? t('visit.unknown');
  if (decision === 'hidden') return t('visit.hidden');
  return decision === 'unknown' ? t('visit.unknown') : t('visit.poor_view');
}

/** Everybody once: known names first, but they never hide a stranger. */
export function visitTitle(visit: Visit): string {
  if (visit.who === 'not_checked') return t('visit.not_checked');
  const known = [...new Set(visit.faces.filter((face) => face.erased || face.decision === 'known' || face.decision === 'hidden').map(faceName))];
  const unknown = visit.faces.filter((face) => !face.erased && face.decision === 'unknown').length;
  const all = [...known, ...(unknown > 0 ? [t('visit.unknown_n', { n: unknown })] : [])];
  if (all.length > 0) return all.join(' + ');
  return t(visit.faces.length > 0 ? 'visit.poor_view' : 'visit.no_face');
}

/** How it began. */
export function visitBegan({ trigger }: Visit): string {
  if (trigger === 'approach') return t('visit.came');
  return trigger === 'button' ? t('visit.button') : t('visit.rang');
}

/** The door it was at. */
export const visitPlace = ({ camera_name: name }: Visit): string => name ?? t('event.removed_camera');
