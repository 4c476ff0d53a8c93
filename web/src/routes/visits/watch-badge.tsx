// That a face of a visit is like one on the watch list, and what a person said of it. Nobody is named before that.

import { PEOPLE_ROLE } from '../../api/people.ts';
import type { WatchMark } from '../../api/visits.ts';
import { second } from '../../state/clock.ts';
import { mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { Icon } from '../../components/icon.tsx';

export function WatchBadge({ mark }: { mark: WatchMark }) {
  if (mark.state === 'waiting') return <WaitingBadge />;
  return (
    <span class="watch-mark" data-testid="watch-mark" data-state="confirmed">
      <span class="badge badge-warn">
        <Icon name="eye" size={12} />
        <span dir="auto">{mark.name === null ? t('watch_mark.unnamed') : t('watch_mark.confirmed', { name: mark.name })}</span>
      </span>{' '}
      <span class="muted small" dir="auto">
        {saidBy(mark)}
      </span>
    </span>
  );
}

function WaitingBadge() {
  const icon = <Icon name="eye" size={12} />;
  if (!mayAs(PEOPLE_ROLE)) {
    return (
      <span class="badge badge-warn" data-testid="watch-mark" data-state="waiting">
        {icon}
        {t('watch_mark.waiting')}
      </span>
    );
  }
  return (
    <a class="badge badge-warn badge-link" href="/people/watch-list" data-testid="watch-mark" data-state="waiting">
      {icon}
      {t('watch_mark.look')}
    </a>
  );
}

function saidBy({ reviewed_by: who, reviewed_at: at }: WatchMark): string {
  if (at === null) return '';
  const time = moment(Date.parse(at), second.value);
  return who === null ? t('watch_mark.at', { time }) : t('watch_mark.by', { who, time });
}
