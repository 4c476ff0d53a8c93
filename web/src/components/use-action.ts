// One action at a time with its outcome: busy, the reason it failed, and the password once more where the hub
// wants it.

import { useState } from 'preact/hooks';

import { reasonOf } from '../state/messages.ts';
import { NotProved, withProof } from '../state/proof.ts';

export interface ActionState {
  busy: boolean;
  error: string | null;
  /** True when it was done. */
  run: (action: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
}

export function useAction(words: (error: unknown) => string = reasonOf): ActionState {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await withProof(action);
      return true;
    } catch (failure) {
      if (!(failure instanceof NotProved)) setError(words(failure));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run, clear: () => setError(null) };
}
