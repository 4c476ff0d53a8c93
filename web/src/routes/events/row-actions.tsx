// What can be done about one event of a camera: go to its moment, find what is like it, have it described, say that
// it is wrong.

import type { EventView } from '../../api/types.ts';
import { REVIEW_ROLE } from '../../api/review.ts';
import { eventPlace, eventTitle, isActivity } from '../../components/event-words.ts';
import { Icon } from '../../components/icon.tsx';
import { momentAddress } from '../../components/moment-address.ts';
import { describer } from '../../state/describer.ts';
import { presence } from '../../state/devices.ts';
import { mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { hourMinute } from '../../time/show.ts';

export type RowAction = (what: 'similar' | 'wrong' | 'describe', event: EventView) => void;

export function RowActions({ event, act }: { event: EventView; act: RowAction }) {
  const at = Date.parse(event.at);
  const what = `${eventTitle(event)}, ${eventPlace(event)}, ${hourMinute(at)}`;
  return (
    <>
      {event.camera && (
        <a class="icon-button" href={momentAddress(event.camera, at)} aria-label={t('events.moment_of', { what })} title={t('clip.timeline')} data-testid="row-moment">
          <Icon name="history" />
        </a>
      )}
      <button type="button" class="icon-button" aria-label={t('similar.of', { what })} title={t('similar.open')} onClick={() => act('similar', event)} data-testid="row-similar">
        <Icon name="images" />
      </button>
      {isActivity(event) && describer.value && (
        <button type="button" class="icon-button" aria-label={t('describe.of', { what })} title={t('describe.open')} onClick={() => act('describe', event)} data-testid="row-describe">
          <Icon name="bot" />
        </button>
      )}
      {isActivity(event) && event.thumbnail && mayAs(REVIEW_ROLE) && presence.value.review === 'there' && (
        <button type="button" class="icon-button" aria-label={t('wrong.of', { what })} title={t('wrong.open')} onClick={() => act('wrong', event)} data-testid="row-wrong">
          <Icon name="flag" />
        </button>
      )}
    </>
  );
}
