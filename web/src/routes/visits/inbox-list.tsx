// The visits under a heading a day, or why there are none.

import type { Faces } from '../../api/people.ts';
import type { Visit } from '../../api/visits.ts';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { hubNow } from '../../state/clock.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { longDay } from '../../time/show.ts';
import { houseZone } from '../../time/house-zone.ts';
import { startOfDay } from '../../time/zone.ts';
import { addressOf, type Filter } from './filters.tsx';
import { TestBell, doors } from './test-bell.tsx';
import type { VisitFeed } from './use-visits.ts';
import { VisitCard } from './visit-card.tsx';

interface Properties {
  feed: VisitFeed;
  filter: Filter;
  faces: Faces | null;
  chosen: string | null;
  clear: () => void;
  open: (visit: Visit) => void;
  ask: (visit: Visit) => void;
}

export function InboxList({ feed, filter, faces, chosen, clear, open, ask }: Properties) {
  const isFiltered = addressOf(filter) !== '/visits';
  if (feed.state === 'loading') return <Loading what={t('visits.list')} />;
  if (feed.state === 'error' && feed.list.length === 0) return <ErrorCard what={t('visits.failed')} error={feed.error} retry={feed.retry} />;
  if (feed.list.length === 0) return isFiltered ? <NoMatch clear={clear} /> : <NoVisit faces={faces} />;
  return (
    <>
      {byDay(feed.list).map(([day, rows]) => (
        <section key={day} class="day" aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`} class="day-head">
            {dayName(day)} <span class="muted">{t('visits.count', { n: rows.length })}</span>
          </h2>
          <ul>
            {rows.map((visit) => (
              <VisitCard key={visit.id} visit={visit} current={visit.id === chosen} open={open} ask={ask} />
            ))}
          </ul>
        </section>
      ))}
      {feed.next !== null && (
        <button type="button" class="button list-foot" onClick={feed.more} disabled={feed.isLoadingMore}>
          {feed.isLoadingMore ? t('events.loading_more') : t('events.more')}
        </button>
      )}
    </>
  );
}

function byDay(list: readonly Visit[]): [number, Visit[]][] {
  const days: [number, Visit[]][] = [];
  for (const visit of list) {
    const day = startOfDay(Date.parse(visit.started_at), houseZone());
    const last = days.at(-1);
    if (last && last[0] === day) last[1].push(visit);
    else days.push([day, [visit]]);
  }
  return days;
}

function dayName(day: number): string {
  if (day === startOfDay(hubNow(), houseZone())) return t('visits.today');
  return day === startOfDay(hubNow(), houseZone(), -1) ? t('visits.yesterday') : longDay(day);
}

function NoMatch({ clear }: { clear: () => void }) {
  return (
    <Empty icon="bell-ring" title={t('visits.none_match')} filtered>
      <button type="button" class="button" onClick={clear}>
        {t('events.clear')}
      </button>
    </Empty>
  );
}

/** What would be here and why it is not: no door, or nobody came yet. */
function NoVisit({ faces }: { faces: Faces | null }) {
  const hasDoor = doors(faces).length > 0;
  return (
    <Empty icon="bell-ring" title={t('visits.none')}>
      <p class="muted">{hasDoor ? t('visits.none_text') : t('visits.no_door')}</p>
      {hasDoor ? (
        <TestBell faces={faces} />
      ) : (
        isAdmin.value && (
          <a class="button button-primary" href="/settings/faces">
            {t('visits.choose_door')}
          </a>
        )
      )}
    </Empty>
  );
}
