// What can be done with a visit. Each is told to the hub, says what it did, and can be taken back.

import { people } from '../../api/people.ts';
import { visits as api, type Visit, type VisitChange, type VisitFace } from '../../api/visits.ts';
import { watchList } from '../../api/watch-list.ts';
import { faceName, visitTitle } from '../../components/visit-words.ts';
import { failed, succeeded, undoable } from '../../state/messages.ts';
import { isUnseen } from '../../state/visit-list.ts';
import { changedVisit, hideVisit } from '../../state/visits.ts';
import { t } from '../../text/text.ts';

async function change(visit: Visit, body: VisitChange): Promise<boolean> {
  try {
    changedVisit(await api.change(visit.id, body));
    return true;
  } catch (error) {
    failed(t('visits.not_changed'), error);
    return false;
  }
}

export async function markSeen(visit: Visit): Promise<void> {
  if (!isUnseen(visit)) return succeeded(t('visits.is_seen'));
  if (await change(visit, { state: 'seen' })) undoable(t('visits.marked_seen', { who: visitTitle(visit) }), () => void change(visit, { state: 'new' }));
}

export async function markAnswered(visit: Visit): Promise<void> {
  if (await change(visit, { state: 'answered' })) undoable(t('visits.marked_answered'), () => void change(visit, { state: 'seen' }));
}

export async function toggleKept(visit: Visit): Promise<void> {
  const kept = !visit.kept;
  if (await change(visit, { kept })) undoable(kept ? t('visits.now_kept') : t('visits.not_kept'), () => void change(visit, { kept: !kept }));
}

export async function setNote(visit: Visit, note: string | null): Promise<boolean> {
  const before = visit.note;
  const isDone = await change(visit, { note });
  if (isDone) undoable(note === null ? t('visits.note_removed') : t('visits.noted', { note }), () => void change(visit, { note: before }));
  return isDone;
}

/** Gone from every page now, and at the hub once it can no longer be taken back. */
export function removeVisit(visit: Visit): void {
  if (visit.at_the_door) return succeeded(t('visits.goes_on'));
  hideVisit(visit.id, true);
  const commit = (): void => {
    api.remove(visit.id).catch((error: unknown) => {
      hideVisit(visit.id, false);
      failed(t('visits.not_deleted'), error);
    });
  };
  undoable(t('visits.deleted', { who: visitTitle(visit) }), () => hideVisit(visit.id, false), commit);
}

/** `Not this person`: one click, one undo. */
export async function rejectFace(visit: Visit, face: VisitFace): Promise<void> {
  const name = faceName(face);
  const again = (): Promise<void> => api.get(visit.id).then(changedVisit);
  try {
    const { rejection, person } = await api.reject(visit.id, face.index);
    await again();
    if (rejection === null) return succeeded(t('visits.rejected_once', { name }));
    undoable(t('visits.rejected', { name }), () => {
      people.removeRejection(person, rejection).then(again).catch((error: unknown) => failed(t('visits.not_changed'), error));
    });
  } catch (error) {
    failed(t('visits.not_changed'), error);
  }
}

/** Whoever said too soon that it is somebody on the watch list may say the other; what followed stays to be looked into. */
export async function refuseWatched(visit: Visit, face: VisitFace): Promise<void> {
  try {
    changedVisit(await watchList.review(visit.id, face.index, false));
    succeeded(t('watch_mark.refused'));
  } catch (error) {
    failed(t('visits.not_changed'), error);
  }
}
