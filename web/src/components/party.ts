// Who did something, where it may have been somebody without an account.

import { tCode } from '../text/text.ts';

export const partyOf = (kind: string, name: string | null): string => name ?? tCode('actor', kind);
