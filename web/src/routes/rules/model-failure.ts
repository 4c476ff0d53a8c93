// Why a language model gave no draft, in the reader's words.

import { tCode } from '../../text/text.ts';

const KNOWN = ['unreachable', 'refused', 'too_slow', 'too_long', 'not_understood'];

/** Null for a failure that is not the model's: the hub then says it itself. */
export const modelFailure = (code: string): string | null => (KNOWN.includes(code) ? tCode('model_error', code) : null);
