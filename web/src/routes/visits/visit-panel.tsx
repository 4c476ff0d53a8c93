// One visit whole: what moves at the door now or moved then, every face, and what can be done.

import { useEffect } from 'preact/hooks';

import { PEOPLE_ROLE } from '../../api/people.ts';
import { visitPicture, type Visit } from '../../api/visits.ts';
import { AnswerMenu } from '../../components/answer-menu.tsx';
import { Clip } from '../../components/clip-panel.tsx';
import { FaceBoxes } from '../../components/face-boxes.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { LiveView } from '../../components/live-view.tsx';
import { TalkButton } from '../../components/talk-button.tsx';
import { useSeen } from '../../components/use-seen.ts';
import { faceName, visitPlace, visitTitle } from '../../components/visit-words.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { dateTime, zoneOffset } from '../../time/show.ts';
import { markAnswered, refuseWatched, rejectFace, removeVisit, setNote, toggleKept } from './visit-actions.ts';
import { VisitBadges, visitFacts } from './visit-card.tsx';
import { WatchBadge } from './watch-badge.tsx';

const LEAD_MS = 2_000;

export function VisitBody({ visit, ask }: { visit: Visit; ask: (visit: Visit) => void }) {
  const camera = cameraNamed(visit.camera);
  const at = Date.parse(visit.started_at);
  const title = `${visitTitle(visit)} · ${visitPlace(visit)}`;
  useSeen(visit);
  return (
    <>
      <p class="row">
        <VisitBadges visit={visit} />
        <span class="muted">
          <span dir="auto">{visitPlace(visit)}</span> · {visitFacts(visit)}
        </span>
      </p>
      {visit.at_the_door && camera && (
        <div class="visit-live">
          <LiveView camera={camera} mode="live" showsBehind />
        </div>
      )}
      {visit.at_the_door && camera && (
        <div class="row">
          <TalkButton camera={camera.id} />
          <AnswerMenu camera={camera.id} />
        </div>
      )}
      {!visit.at_the_door && (visit.clip ? <Clip clip={visit.clip} title={title} /> : <p class="note">{t('visits.no_clip')}</p>)}
      <Faces visit={visit} ask={ask} />
      {visit.note && (
        <p class="note row">
          <span class="grow" dir="auto">
            “{visit.note}”
          </span>
          <HubButton onClick={() => void setNote(visit, null)}>{t('visits.remove_note')}</HubButton>
        </p>
      )}
      <p class="muted">
        <time dateTime={visit.started_at}>{dateTime(at)}</time> {zoneOffset(at)}
      </p>
      <div class="row">
        <HubButton onClick={() => ask(visit)} testid="panel-who">
          <Icon name="scan-face" />
          {t('visits.who')}
        </HubButton>
        <HubButton onClick={() => void toggleKept(visit)} pressed={visit.kept}>
          <Icon name="bookmark" />
          {t('visits.keep')}
        </HubButton>
        {visit.trigger !== 'approach' && visit.state !== 'answered' && (
          <HubButton onClick={() => void markAnswered(visit)}>
            <Icon name="check" />
            {t('visits.answered')}
          </HubButton>
        )}
        <a class="button" href={`/timeline?t=${new Date(at - LEAD_MS).toISOString()}&c=${visit.camera}&z=10min`}>
          <Icon name="history" />
          {t('clip.timeline')}
        </a>
        {visit.clip && mayAs('operator') && (
          <a class="button" href={`${visit.clip}&download=1`} download>
            <Icon name="download" />
            {t('clip.download')}
          </a>
        )}
        {mayAs('operator') && (
          <HubButton onClick={() => removeVisit(visit)} busy={visit.at_the_door} title={visit.at_the_door ? t('visits.goes_on') : undefined}>
            <Icon name="trash-2" />
            {t('visits.delete')}
          </HubButton>
        )}
      </div>
    </>
  );
}

function Faces({ visit, ask }: { visit: Visit; ask: (visit: Visit) => void }) {
  return (
    <section aria-label={t('visits.faces')}>
      {visit.picture && <FaceBoxes key={visit.id} src={visitPicture(visit.id)} alt={t('visits.picture_of', { who: visitTitle(visit) })} boxes={[]} />}
      {!visit.picture && visit.who !== 'not_checked' && (
        <p class="silhouette silhouette-wide" data-testid="images-off">
          <Icon name="user" size={28} />
          {t('visits.images_off')}
        </p>
      )}
      <ul class="face-list">
        {visit.faces.map((face) => (
          <li key={face.index} data-testid="visit-face" data-decision={face.erased ? 'erased' : face.decision}>
            <Icon name={face.decision === 'known' ? 'user' : 'scan-face'} />
            <span class="grow" dir="auto">
              {face.person && !face.erased && mayAs(PEOPLE_ROLE) ? <a href={`/people/${face.person}`}>{faceName(face)}</a> : faceName(face)}
              {face.watch && (
                <span class="face-watch">
                  <WatchBadge mark={face.watch} />
                </span>
              )}
            </span>
            {face.decision === 'known' && face.person && mayAs(PEOPLE_ROLE) && (
              <HubButton onClick={() => void rejectFace(visit, face)} label={t('visits.not_this_of', { name: face.name ?? '' })} testid="face-reject">
                {t('visits.not_this')}
              </HubButton>
            )}
            {face.watch?.state === 'confirmed' && mayAs(PEOPLE_ROLE) && (
              <HubButton onClick={() => void refuseWatched(visit, face)} testid="watch-refuse">
                {t('watch_mark.refuse')}
              </HubButton>
            )}
            {face.decision === 'unknown' && (
              <HubButton onClick={() => ask(visit)} label={t('visits.who_of', { who: faceName(face) })}>
                {t('visits.who')}
              </HubButton>
            )}
          </li>
        ))}
      </ul>
      {visit.who === 'not_checked' && <p class="note">{t('visits.not_checked_text')}</p>}
    </section>
  );
}

/** Beside the list it was chosen from. */
export function VisitPanel({ visit, ask, close }: { visit: Visit; ask: (visit: Visit) => void; close: () => void }) {
  useEffect(() => {
    const onKey = (key: KeyboardEvent): void => {
      if (key.key === 'Escape' && !document.querySelector('dialog[open]')) close();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [close]);
  return (
    <section class="clip-panel" aria-label={visitTitle(visit)} data-testid="visit-panel" data-visit={visit.id}>
      <header class="panel-head">
        <h2 class="panel-title">
          <a href={`/visits/${visit.id}`} dir="auto">
            {visitTitle(visit)}
          </a>
        </h2>
        <button type="button" class="icon-button" aria-label={t('action.close')} title={`${t('action.close')} (Esc)`} onClick={close}>
          <Icon name="x" />
        </button>
      </header>
      <VisitBody key={visit.id} visit={visit} ask={ask} />
    </section>
  );
}
