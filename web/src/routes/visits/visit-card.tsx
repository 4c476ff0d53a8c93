// One visit in the inbox: who, where, when, how long, and what can be done about it without opening it.

import type { Visit } from '../../api/visits.ts';
import { Icon } from '../../components/icon.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { visitBegan, visitPlace, visitTitle } from '../../components/visit-words.ts';
import { second } from '../../state/clock.ts';
import { PEOPLE_ROLE } from '../../api/people.ts';
import { mayAs } from '../../state/session.ts';
import { isUnseen, nameable, rejectable } from '../../state/visit-list.ts';
import { t } from '../../text/text.ts';
import { clockTime, hourMinute, length } from '../../time/show.ts';
import { rejectFace, removeVisit, toggleKept } from './visit-actions.ts';
import { VisitFacePicture } from './visit-face.tsx';
import { WatchBadge } from './watch-badge.tsx';

interface Properties {
  visit: Visit;
  current: boolean;
  open: (visit: Visit) => void;
  ask: (visit: Visit) => void;
}

/** What became of it, and that no picture of it is kept. */
export function visitFacts(visit: Visit): string {
  const parts = [visitBegan(visit), visit.trigger === 'approach' || visit.at_the_door ? '' : t(`visit_state.${visit.state}`), visit.kept || visit.picture ? '' : t('visits.no_image')];
  return parts.filter(Boolean).join(' · ');
}

export function VisitBadges({ visit }: { visit: Visit }) {
  return (
    <>
      {visit.at_the_door && (
        <span class="badge badge-person" data-testid="at-the-door">
          <span class="dot" />
          {t('visits.at_the_door')}
        </span>
      )}
      {visit.kept && (
        <span class="badge">
          <Icon name="bookmark" size={12} />
          {t('visits.kept')}
        </span>
      )}
    </>
  );
}

export function VisitCard({ visit, current, open, ask }: Properties) {
  const at = Date.parse(visit.started_at);
  const lasted = (visit.ended_at === null ? second.value : Date.parse(visit.ended_at)) - at;
  const isNew = isUnseen(visit);
  return (
    <li class="visit-card" data-testid="visit" data-visit={visit.id} data-state={visit.state} data-who={visit.who}>
      <button type="button" class="visit-open" aria-current={current ? 'true' : undefined} onClick={() => open(visit)} data-testid="visit-open">
        <span class="visit-dot">{isNew && <span class="visually-hidden">{t('visits.unseen_one')}</span>}</span>
        <VisitFacePicture visit={visit} />
        <span class="visit-what">
          <span class="visit-title">
            <span dir="auto">{visitTitle(visit)}</span> <VisitBadges visit={visit} />
          </span>
          {visit.note && (
            <span class="visit-note" dir="auto">
              “{visit.note}”
            </span>
          )}
          <span class="muted small">
            <span dir="auto">{visitPlace(visit)}</span> · {visitFacts(visit)}
          </span>
        </span>
        <span class="event-when">
          <time dateTime={visit.started_at} title={clockTime(at)}>
            {hourMinute(at)}
          </time>
          <span class="muted">{length(lasted)}</span>
        </span>
      </button>
      <Actions visit={visit} ask={ask} />
    </li>
  );
}

/** Beside the button that opens the visit, since it may lead elsewhere. */
function WatchLine({ visit }: Pick<Properties, 'visit'>) {
  const marks = visit.faces.flatMap((face) => (face.watch ? [{ index: face.index, mark: face.watch }] : []));
  if (marks.length === 0) return null;
  return (
    <p class="visit-watch">
      {marks.map(({ index, mark }) => (
        <WatchBadge key={index} mark={mark} />
      ))}
    </p>
  );
}

function Actions({ visit, ask }: Pick<Properties, 'visit' | 'ask'>) {
  const mayManage = mayAs('operator');
  const mayTell = mayAs(PEOPLE_ROLE);
  const known = rejectable(visit);
  const who = visitTitle(visit);
  return (
    <div class="visit-actions">
      <WatchLine visit={visit} />
      {(nameable(visit) || !known) && (
        <HubButton onClick={() => ask(visit)} title={`${t('visits.who')} (W)`} label={t('visits.who_of', { who })} testid="visit-who">
          <Icon name="scan-face" size={16} />
          {t('visits.who')}
        </HubButton>
      )}
      {known && mayTell && (
        <HubButton onClick={() => void rejectFace(visit, known)} title={`${t('visits.not_this')} (X)`} label={t('visits.not_this_of', { name: known.name ?? '' })} testid="visit-reject">
          <Icon name="user-round-x" size={16} />
          {t('visits.not_this')}
        </HubButton>
      )}
      <HubButton onClick={() => void toggleKept(visit)} pressed={visit.kept} title={`${t('visits.keep')} (H)`} label={t('visits.keep_of', { who })} testid="visit-keep">
        <Icon name="bookmark" size={16} />
        <span class="action-word">{t('visits.keep')}</span>
      </HubButton>
      {mayManage && (
        <HubButton onClick={() => removeVisit(visit)} busy={visit.at_the_door} title={visit.at_the_door ? t('visits.goes_on') : `${t('visits.delete')} (Del)`} label={t('visits.delete_of', { who })} testid="visit-delete">
          <Icon name="trash-2" size={16} />
          <span class="action-word">{t('visits.delete')}</span>
        </HubButton>
      )}
    </div>
  );
}
