// A camera on a wall: its live picture while it is on the screen, its name and how it records.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { CameraStatus } from '../api/types.ts';
import { askSlot, hasSlot, leaveSlot, waitsForSlot } from '../media/slots.ts';
import { closedBy } from '../state/privacy.ts';
import { t, tCode } from '../text/text.ts';
import { LiveView } from './live-view.tsx';
import { RecordBadge } from './record-badge.tsx';

// A tab in the background is often back at once.
const HIDDEN_MS = 10_000;

/** Whether the element is on the screen and the tab has not been hidden for long. */
export function useOnScreen(element: { current: Element | null }): boolean {
  const [isInside, setInside] = useState(false);
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setInside(entry?.isIntersecting === true));
    if (element.current) observer.observe(element.current);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onVisibility = (): void => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => setAway(true), HIDDEN_MS);
      else setAway(false);
    };
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, []);
  return isInside && !isAway;
}

const wantsStillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

export function CameraTile({ camera, number }: { camera: CameraStatus; number?: number }) {
  const box = useRef<HTMLElement>(null);
  const who = useMemo(() => Symbol(camera.id), [camera.id]);
  const isShown = useOnScreen(box);
  useEffect(() => {
    if (!isShown || wantsStillness()) return undefined;
    askSlot(who);
    return () => leaveSlot(who);
  }, [isShown, who]);
  const isParked = waitsForSlot(who) || wantsStillness();
  const shown = hasSlot(who) ? 'live' : isParked ? 'parked' : 'off';
  const mode = isShown ? shown : 'off';
  const isClosed = closedBy(camera) !== null;
  return (
    <article ref={box} class="tile" data-testid="tile" data-camera={camera.name} data-state={isClosed ? 'privacy' : camera.state}>
      <a class="tile-link" href={`/cameras/${camera.id}`} title={number ? `${camera.name} (${number})` : undefined}>
        <LiveView camera={camera} mode={mode} />
        <span class="tile-bar">
          <span class="tile-name" dir="auto">
            {camera.name}
          </span>
          <span class="visually-hidden">{isClosed ? t('record.privacy') : tCode('camera_state', camera.state)}</span>
          <RecordBadge camera={camera} />
        </span>
      </a>
    </article>
  );
}
