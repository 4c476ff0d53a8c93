// Speaks through a camera: hold it while you speak, or click it to keep it open until it is clicked again.

import { useEffect, useRef } from 'preact/hooks';

import { offline } from '../state/contact.ts';
import { useKeys } from '../state/keys.ts';
import { mayAs } from '../state/session.ts';
import { closeTalk, leaveTalk, openTalk, talk, type TalkView } from '../state/talk.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';

// Who lets go sooner has clicked.
const HOLD_MS = 400;

/** Only for those who may control the camera. */
export function TalkButton({ camera }: { camera: string }) {
  return mayAs('operator') ? <Button key={camera} camera={camera} /> : null;
}

function outcome({ end, message }: TalkView): string {
  if (end === null || end === 'done') return '';
  return end === 'failed' ? t('talk.failed', { reason: message ?? '' }) : t(`talk_end.${end}`);
}

function Button({ camera }: { camera: string }) {
  const view = talk.value?.camera === camera ? talk.value : null;
  const state = view?.state ?? 'over';
  const isOn = state !== 'over' && state !== 'closing';
  const pressed = useRef<{ at: number; wasOn: boolean } | null>(null);
  useEffect(() => () => leaveTalk(camera), [camera]);

  const toggle = (): void => (isOn ? closeTalk() : openTalk(camera));
  const press = (event: PointerEvent): void => {
    if (event.button !== 0 || state === 'closing') return;
    // The pointer may slip off while somebody speaks.
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    pressed.current = { at: event.timeStamp, wasOn: isOn };
    if (!isOn) openTalk(camera);
  };
  const release = (event: PointerEvent): void => {
    const press = pressed.current;
    pressed.current = null;
    if (press && (press.wasOn || event.timeStamp - press.at >= HOLD_MS)) closeTalk();
  };
  useKeys({ t: (event) => !event.repeat && !offline.value && state !== 'closing' && toggle() });
  return (
    <span class="talk">
      <button
        type="button"
        class={isOn ? 'button talk-button talk-on' : 'button talk-button'}
        disabled={state === 'closing' || (offline.value && !isOn)}
        aria-pressed={isOn}
        title={offline.value ? t('offline.disabled') : t('talk.hint')}
        onPointerDown={press}
        onPointerUp={release}
        onPointerCancel={release}
        onContextMenu={(event) => event.preventDefault()}
        // Of keys and of programs that click for somebody: pointers have their own.
        onClick={(event) => event.detail === 0 && toggle()}
        data-testid="talk"
        data-state={state}
      >
        <Icon name="mic" />
        {t('talk.talk')}
      </button>
      <span role="alert" class="talk-outcome small answer-failed" data-testid="talk-outcome" data-end={view?.end ?? 'none'}>
        {view && outcome(view)}
      </span>
    </span>
  );
}
