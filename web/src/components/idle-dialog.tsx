// Asks before a session ends for want of activity, and keeps what was typed.

import { useEffect, useRef, useState } from 'preact/hooks';

import { second } from '../state/clock.ts';
import { session, staySignedIn } from '../state/session.ts';
import { t } from '../text/text.ts';
import { length } from '../time/show.ts';
import { Dialog } from './dialog.tsx';

const WARN_S = 120;
// Somebody who works with the page but asks the hub nothing is made known to it this often.
const TELL_MS = 5 * 60_000;

export function IdleDialog() {
  const active = useRef(Date.now());
  const told = useRef(Date.now());
  const [isAsking, setAsking] = useState(false);
  const idleSeconds = session.value?.idle_seconds ?? 3600;
  useEffect(() => {
    const onInput = (): void => {
      active.current = Date.now();
      if (active.current - told.current < TELL_MS) return;
      told.current = active.current;
      void staySignedIn();
    };
    const kinds = ['pointerdown', 'keydown', 'wheel'] as const;
    for (const kind of kinds) addEventListener(kind, onInput, { passive: true });
    return () => {
      for (const kind of kinds) removeEventListener(kind, onInput);
    };
  }, []);
  void second.value;
  const left = idleSeconds - (Date.now() - active.current) / 1000;
  useEffect(() => {
    if (left < WARN_S && !isAsking) setAsking(true);
  }, [left < WARN_S]);
  if (!isAsking) return null;
  const stay = (): void => {
    active.current = Date.now();
    told.current = Date.now();
    setAsking(false);
    void staySignedIn();
  };
  return (
    <Dialog title={t('idle.title')} onClose={stay} testid="idle-dialog">
      <p>{t('idle.text', { time: length(Math.max(0, left) * 1000) })}</p>
      <div class="dialog-actions">
        <button type="button" class="button button-primary" onClick={stay}>
          {t('idle.stay')}
        </button>
      </div>
    </Dialog>
  );
}
