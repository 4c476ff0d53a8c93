// One visit at its own address.

import { useEffect, useState } from 'preact/hooks';

import { PEOPLE_ROLE } from '../../api/people.ts';
import { ApiError } from '../../api/request.ts';
import { visits as api, type Visit } from '../../api/visits.ts';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { visitTitle } from '../../components/visit-words.ts';
import { useKeys } from '../../state/keys.ts';
import { mayAs } from '../../state/session.ts';
import { rejectable } from '../../state/visit-list.ts';
import { hiddenVisits, onVisit } from '../../state/visits.ts';
import { t } from '../../text/text.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { markSeen, rejectFace, removeVisit, toggleKept } from './visit-actions.ts';
import { VisitBody } from './visit-panel.tsx';
import { WhoDialog } from './who-dialog.tsx';

export function VisitPage({ params }: { params: Record<string, string> }) {
  const id = params['id'] ?? '';
  const [fetched, again, set] = useFetch(() => api.get(id), id);
  const [isGone, setGone] = useState(false);
  useEffect(() => onVisit((changed, visit) => {
    if (changed !== id) return;
    if (visit) set(visit);
    else setGone(true);
  }), [id]);
  const isMissing = isGone || (fetched.error instanceof ApiError && fetched.error.status === 404);
  if (isMissing) return <NotFound />;
  if (fetched.data) return <Loaded visit={fetched.data} />;
  if (fetched.state === 'loading') return <Loading what={t('visits.one')} shape="form" />;
  return <ErrorCard what={t('visits.failed')} error={fetched.error} retry={again} />;
}

function Loaded({ visit }: { visit: Visit }) {
  const heading = usePage(`${visitTitle(visit)} – ${t('nav.visits')}`);
  const [isAsking, setAsking] = useState(false);
  useKeys({
    s: () => void markSeen(visit),
    h: () => void toggleKept(visit),
    w: () => setAsking(true),
    x: () => {
      const face = rejectable(visit);
      if (face && mayAs(PEOPLE_ROLE)) void rejectFace(visit, face);
    },
    Delete: () => mayAs('operator') && removeVisit(visit),
  });
  return (
    <div class="narrow" data-testid="visit-page" data-state={visit.state}>
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/visits" aria-label={t('visits.back')} title={t('visits.back')}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {visitTitle(visit)}
          </h1>
        </div>
      </header>
      {hiddenVisits.value.has(visit.id) ? (
        <p class="note">{t('visits.being_deleted')}</p>
      ) : (
        <section class="clip-panel" aria-label={visitTitle(visit)}>
          <VisitBody visit={visit} ask={() => setAsking(true)} />
        </section>
      )}
      {isAsking && <WhoDialog visit={visit} close={() => setAsking(false)} />}
    </div>
  );
}
