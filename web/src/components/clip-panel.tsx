// One event beside the list it was chosen from: its clip with a bar of its own length, or why there is none.

import { useEffect, useRef, useState } from 'preact/hooks';

import { hub } from '../api/hub.ts';
import type { EventView } from '../api/types.ts';
import { measured } from '../media/measure.ts';
import { mayAs } from '../state/session.ts';
import { t, type Key } from '../text/text.ts';
import { dateTime, zoneOffset } from '../time/show.ts';
import { eventDetail, eventPlace, eventTitle, visitOfEvent } from './event-words.ts';
import { Icon } from './icon.tsx';
import { momentAddress } from './moment-address.ts';
import { useFetch } from './use-fetch.ts';
import { useSeen } from './use-seen.ts';

type State = 'loading' | 'playing' | 'error';

export function Clip({ clip, title }: { clip: string; title: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<State>('loading');
  useEffect(() => {
    const element = video.current;
    const start = performance.now();
    setState('loading');
    if (!element) return;
    if ('requestVideoFrameCallback' in element) {
      element.requestVideoFrameCallback(() => {
        measured('hw:clip-frame', start);
        setState('playing');
      });
    }
    void element.play().catch(() => undefined);
  }, [clip]);
  return (
    <div class="clip" data-testid="clip" data-state={state}>
      <video ref={video} src={clip} controls playsInline muted autoPlay preload="auto" aria-label={title} onError={() => setState('error')} />
      {state === 'error' && (
        <p class="picture-note strong" role="alert">
          {t('clip.error')}
        </p>
      )}
    </div>
  );
}

/** Why there is no clip. */
function without(event: EventView): Key {
  if (event.kind === 'activity_noticed' && event.end === null) return 'clip.goes_on';
  return event.camera ? 'clip.none' : 'clip.house';
}

export function ClipPanel({ event, onClose }: { event: EventView; onClose: () => void }) {
  const close = useRef<HTMLButtonElement>(null);
  const at = Date.parse(event.at);
  const title = `${eventTitle(event)} · ${eventPlace(event)}`;
  useEffect(() => {
    const onKey = (key: KeyboardEvent): void => {
      if (key.key === 'Escape' && !document.querySelector('dialog[open]')) onClose();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [onClose]);
  const detail = eventDetail(event);
  const visit = visitOfEvent(event);
  useSeen(visit);
  // What was listed while it went on has no clip in the list; the hub has one when it is over.
  const isOlder = event.kind === 'activity_noticed' && event.clip === null;
  const [now] = useFetch(async () => (isOlder ? hub.eventNow(event) : event), `${event.id} ${event.end}`);
  const isAsking = isOlder && now.state === 'loading';
  const clip = event.clip ?? now.data?.clip ?? visit?.clip ?? null;
  return (
    <section class="clip-panel" aria-label={title} data-testid="clip-panel">
      <header class="panel-head">
        <div>
          <h2 class="panel-title">{eventTitle(event)}</h2>
          <p class="muted">
            <span dir="auto">{eventPlace(event)}</span>
            {detail && ` · ${detail}`}
          </p>
        </div>
        <button ref={close} type="button" class="icon-button" aria-label={t('action.close')} title={`${t('action.close')} (Esc)`} onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      {clip && <Clip clip={clip} title={title} />}
      {!clip && !isAsking && <p class="note">{t(without(now.data ?? event))}</p>}
      <p class="muted">
        <time dateTime={event.at}>{dateTime(at)}</time> {zoneOffset(at)}
      </p>
      {event.camera && (
        <div class="row">
          <a class="button" href={momentAddress(event.camera, at)}>
            <Icon name="history" />
            {t('clip.timeline')}
          </a>
          {visit && (
            <a class="button" href={`/visits/${visit.id}`} data-testid="clip-visit">
              <Icon name="bell-ring" />
              {t('ring.open')}
            </a>
          )}
          {clip && mayAs('operator') && (
            <a class="button" href={`${clip}&download=1`} download>
              <Icon name="download" />
              {t('clip.download')}
            </a>
          )}
        </div>
      )}
    </section>
  );
}
