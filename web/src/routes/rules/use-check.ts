// Asks the hub about a draft while it is written: a moment after the last change, and never about two at once.

import { useEffect, useState } from 'preact/hooks';

import { rules as api, type Checked, type Rule } from '../../api/rules.ts';

const AFTER_MS = 600;

export interface CheckState {
  state: 'idle' | 'checking' | 'ready' | 'error';
  /** Of the draft as it is now, if `ready`; of an older one while `checking`. */
  checked: Checked | null;
  error: unknown;
}

const IDLE: CheckState = { state: 'idle', checked: null, error: null };

/** Null is not asked about. */
export function useCheck(id: string | null, rule: Rule | null): [CheckState, () => void] {
  const [check, setCheck] = useState<CheckState>(IDLE);
  const [round, setRound] = useState(0);
  const draft = rule && JSON.stringify(rule);
  useEffect(() => {
    if (draft === null) {
      setCheck(IDLE);
      return undefined;
    }
    const giveUp = new AbortController();
    setCheck((before) => ({ state: 'checking', checked: before.checked, error: null }));
    const timer = setTimeout(() => {
      api.check(id, JSON.parse(draft) as Rule, giveUp.signal).then(
        (checked) => !giveUp.signal.aborted && setCheck({ state: 'ready', checked, error: null }),
        (error: unknown) => !giveUp.signal.aborted && setCheck({ state: 'error', checked: null, error }),
      );
    }, AFTER_MS);
    return () => {
      clearTimeout(timer);
      giveUp.abort();
    };
  }, [id, draft, round]);
  return [check, () => setRound((value) => value + 1)];
}
