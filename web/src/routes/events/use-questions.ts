// The conversation that is open: what was asked on this visit with whole answers, and before it what the hub kept.

import { useEffect, useRef, useState } from 'preact/hooks';

import { search, type Recorded } from '../../api/search.ts';
import { hubNow } from '../../state/clock.ts';
import { isMissing } from '../../state/devices.ts';
import { failed } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import type { Shown } from './answers.tsx';

export interface Questions {
  turns: Shown[];
  expiresAt: string | null;
  busy: boolean;
  /** True when it was answered. */
  ask: (text: string) => Promise<boolean>;
  close: () => void;
}

const shownOf = ({ turns }: Recorded): Shown[] => turns.map((turn) => ({ at: Date.parse(turn.at), text: turn.text, reply: null, kept: turn }));

/** `opened` is called with the conversation that the hub began, or with none when it is gone. */
export function useQuestions(conversation: string, opened: (conversation: string) => void): Questions {
  const [turns, setTurns] = useState<Shown[]>([]);
  const [expiresAt, setExpiresAt] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  /** Whose turns are shown. */
  const shown = useRef('');
  useEffect(() => {
    if (conversation === shown.current) return undefined;
    shown.current = conversation;
    setTurns([]);
    setExpiresAt(null);
    if (conversation === '') return undefined;
    let isCurrent = true;
    search.conversation(conversation).then(
      (found) => {
        if (!isCurrent) return;
        setTurns(shownOf(found));
        setExpiresAt(found.expires_at);
      },
      (error: unknown) => {
        if (!isCurrent) return;
        failed(isMissing(error) ? t('ask.gone') : t('ask.not_opened'), error);
        opened('');
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [conversation]);
  const ask = async (text: string): Promise<boolean> => {
    setBusy(true);
    try {
      const reply = await search.ask(text, conversation === '' ? null : conversation);
      shown.current = reply.conversation;
      setTurns((before) => [...(reply.conversation === conversation ? before : []), { at: hubNow(), text, reply, kept: null }]);
      setExpiresAt(reply.expires_at);
      opened(reply.conversation);
      return true;
    } catch (error) {
      failed(t('ask.failed'), error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { turns, expiresAt, busy, ask, close: () => opened('') };
}
