// The event that a dialog is about: its picture, what it was, where and when.

import type { EventView } from '../../api/types.ts';
import { Thumbnail } from '../../components/event-row.tsx';
import { eventPlace, eventTitle } from '../../components/event-words.ts';
import { second } from '../../state/clock.ts';
import { moment } from '../../time/show.ts';

export function AboutEvent({ event }: { event: EventView }) {
  return (
    <p class="about-event">
      <Thumbnail event={event} />
      <span>
        <span class="strong">{eventTitle(event)}</span>{' '}
        <span class="muted">
          <span dir="auto">{eventPlace(event)}</span> · {moment(Date.parse(event.at), second.peek())}
        </span>
      </span>
    </p>
  );
}
