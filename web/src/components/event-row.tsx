// One event in a list: picture, what, where, when; a click plays it.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { thumbnailAddress } from '../api/hub.ts';
import type { EventView } from '../api/types.ts';
import { visitPicture } from '../api/visits.ts';
import { t } from '../text/text.ts';
import { clockTime, length, moment } from '../time/show.ts';
import { smallPictures } from '../media/priority.ts';
import { second } from '../state/clock.ts';
import { eventDetail, eventIcon, eventPlace, eventTitle, visitOfEvent } from './event-words.ts';
import { Icon } from './icon.tsx';

/** Where the picture of an event is, if one is kept. */
function pictureOf(event: EventView): string | null {
  const visit = visitOfEvent(event);
  if (visit?.picture) return visitPicture(visit.id);
  return event.thumbnail ? thumbnailAddress(event.id) : null;
}

export function Thumbnail({ event }: { event: EventView }) {
  const [isBroken, setBroken] = useState(false);
  const picture = pictureOf(event);
  return (
    <span class={`thumbnail severity-${event.severity}`}>
      {picture && !isBroken && smallPictures.value ? <img src={picture} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} /> : (!picture || isBroken) && <Icon name={eventIcon(event)} />}
    </span>
  );
}

/** How long it took; an activity without an end goes on. */
function lengthOf(event: EventView): string | null {
  if (event.kind !== 'activity_noticed') return null;
  return event.end === null ? t('event.now') : length(Date.parse(event.end) - Date.parse(event.at));
}

interface Properties {
  event: EventView;
  current: boolean;
  onOpen: (event: EventView) => void;
  /** The list is about one camera, so its name says nothing. */
  isOneCamera?: boolean;
  /** A sentence about it in English, where it was found by words. */
  note?: string | undefined;
  /** What can be done about it, beside it. */
  actions?: ComponentChildren;
}

export function EventRow({ event, current, onOpen, isOneCamera = false, note, actions }: Properties) {
  const detail = eventDetail(event);
  const at = Date.parse(event.at);
  const lasted = lengthOf(event);
  return (
    <li class="event-row" data-testid="event-row" data-kind={event.kind} data-event={event.id}>
      <button type="button" class="event-open" aria-current={current ? 'true' : undefined} onClick={() => onOpen(event)}>
        <Thumbnail event={event} />
        <span class="event-what">
          <span class="event-title">
            {event.thumbnail && <Icon name={eventIcon(event)} size={16} />}
            {!event.thumbnail && event.severity !== 'info' && <span class={`severity-word severity-${event.severity}`}>{event.severity === 'critical' ? t('severity.critical') : t('severity.warning')}</span>}
            {eventTitle(event)}
          </span>
          <span class="event-where muted">
            {!isOneCamera && <span dir="auto">{eventPlace(event)}</span>}
            {detail && <span>{isOneCamera ? detail : ` · ${detail}`}</span>}
          </span>
          {note && (
            <span class="event-note small muted" dir="auto" lang="en">
              {note}
            </span>
          )}
        </span>
        <span class="event-when">
          <time dateTime={event.at} title={clockTime(at)}>
            {moment(at, second.peek())}
          </time>
          {lasted && <span class="muted">{lasted}</span>}
        </span>
      </button>
      {actions && <div class="event-actions">{actions}</div>}
    </li>
  );
}
