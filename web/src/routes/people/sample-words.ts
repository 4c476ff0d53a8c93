// Why a picture was not taken as a sample, in words.

import { ApiError } from '../../api/request.ts';
import { reasonOf } from '../../state/messages.ts';
import { t, tCode } from '../../text/text.ts';
import { foundFaces } from './found-faces.ts';

const CODES = ['no_consent', 'no_face', 'several_faces', 'poor_face', 'same_sample', 'someone_else', 'faces_unavailable', 'not_kept'];

export const flawWords = (flaws: readonly string[]): string => flaws.map((flaw) => tCode('flaw', flaw)).join(', ');

/** One line for somebody who wants to do better with the next picture. */
export function refusalWords(error: unknown): string {
  if (!(error instanceof ApiError) || !CODES.includes(error.code)) return reasonOf(error);
  const found = foundFaces(error);
  if (error.code === 'several_faces' && found.length > 0) return t('refused.choose', { n: found.length });
  const flaws = [...new Set(found.flatMap((face) => face.flaws))];
  if (error.code === 'poor_face' && flaws.length > 0) return t('refused.flaws', { flaws: flawWords(flaws) });
  return tCode('refused', error.code);
}
