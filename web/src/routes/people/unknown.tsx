// Strangers who came more than once, one at a time. The hub keeps them in memory only; the place in the queue is
// part of the address.

import { useState } from 'preact/hooks';

import { people as api, type Stranger } from '../../api/people.ts';
import { visitFacePicture, visits as visitsApi, type Visit, type VisitFace } from '../../api/visits.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { visitPlace } from '../../components/visit-words.ts';
import { place, replace } from '../../router/router.ts';
import { second } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { WhoDialog } from '../visits/who-dialog.tsx';
import { usePeople } from './use-people.ts';

const FACES_SHOWN = 12;

interface Seen {
  visit: Visit;
  face: VisitFace;
}

/** The newest visits of a stranger, newest first; those that are gone meanwhile are left out. */
async function facesOf({ visitor, visits }: Stranger): Promise<Seen[]> {
  const found = await Promise.allSettled(visits.slice(-FACES_SHOWN).reverse().map((id) => visitsApi.get(id)));
  return found.flatMap((one) => {
    const face = one.status === 'fulfilled' ? one.value.faces.find((each) => each.visitor === visitor) : undefined;
    return one.status === 'fulfilled' && face ? [{ visit: one.value, face }] : [];
  });
}

export function UnknownPeople() {
  const heading = usePage(t('people.unknown'));
  const [list, again] = usePeople(() => api.unknown(), 'unknown');
  const all = list.data ?? [];
  const at = Math.max(0, all.findIndex((one) => String(one.visitor) === place.value.query.get('visitor')));
  const current = all[at];
  const show = (index: number): void => {
    const next = all[(index + all.length) % all.length];
    if (next) replace(`/people/unknown?visitor=${next.visitor}`);
  };
  return (
    <div class="narrow">
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/people" aria-label={t('people.back')} title={t('people.back')}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1}>
            {t('people.unknown')}
          </h1>
        </div>
        {all.length > 0 && (
          <p class="muted tabular" data-testid="stranger-place">
            {t('unknown.place', { n: at + 1, of: all.length })}
          </p>
        )}
      </header>
      {!list.data && list.state === 'loading' && <Loading what={t('people.unknown')} />}
      {!list.data && list.state === 'error' && <ErrorCard what={t('unknown.failed')} error={list.error} retry={again} />}
      {list.data?.length === 0 && (
        <Empty icon="scan-face" title={t('unknown.none')}>
          <p class="muted">{t('unknown.none_text')}</p>
        </Empty>
      )}
      {current && <StrangerCard key={current.visitor} stranger={current} previous={() => show(at - 1)} next={() => show(at + 1)} isAlone={all.length === 1} again={again} />}
    </div>
  );
}

function StrangerCard({ stranger, previous, next, isAlone, again }: { stranger: Stranger; previous: () => void; next: () => void; isAlone: boolean; again: () => void }) {
  const [asked, setAsked] = useState<Visit | null>(null);
  const { busy, error, run } = useAction();
  const done = (isDone: boolean): void => {
    if (isDone) again();
  };
  const now = second.value;
  const [seen] = useFetch(() => facesOf(stranger), String(stranger.visitor));
  // The newest that can still become a sample, or else the newest.
  const best = seen.data?.find(({ face }) => face.picture) ?? seen.data?.[0];
  return (
    <section class="card" aria-label={t('visit.unknown')} data-testid="stranger" data-visitor={stranger.visitor}>
      <p class="strong">{t('unknown.seen', { n: stranger.visits.length })}</p>
      <p class="muted">{t('unknown.between', { first: moment(Date.parse(stranger.first_seen), now), last: moment(Date.parse(stranger.last_seen), now) })}</p>
      <ul class="sample-grid">
        {(seen.data ?? []).map(({ visit, face }) => (
          <li key={visit.id}>
            <a class="sample" href={`/visits/${visit.id}`}>
              <FacePicture visit={visit} face={face} />
              <span class="small">
                {moment(Date.parse(visit.started_at), now)} <span class="muted" dir="auto">{visitPlace(visit)}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
      <div class="row">
        {best && (
          <HubButton kind="primary" onClick={() => setAsked(best.visit)} testid="stranger-name">
            <Icon name="scan-face" />
            {t('visits.who')}
          </HubButton>
        )}
        <HubButton onClick={() => void run(() => api.splitStranger(stranger.visitor)).then(done)} busy={busy} testid="stranger-split">
          {t('unknown.split')}
        </HubButton>
        <HubButton onClick={() => void run(() => api.ignoreStranger(stranger.visitor)).then(done)} busy={busy} testid="stranger-ignore">
          {t('unknown.ignore')}
        </HubButton>
        <span class="spacer" />
        <button type="button" class="button" onClick={previous} disabled={isAlone}>
          {t('unknown.previous')}
        </button>
        <button type="button" class="button" onClick={next} disabled={isAlone} data-testid="stranger-next">
          {t('unknown.next')}
        </button>
      </div>
      <p class="hint">{t('unknown.hint')}</p>
      <FormError text={error} />
      {asked && (
        <WhoDialog
          visit={asked}
          close={() => {
            setAsked(null);
            again();
          }}
        />
      )}
    </section>
  );
}

function FacePicture({ visit, face }: Seen) {
  const [isBroken, setBroken] = useState(false);
  return <span class="sample-picture">{isBroken || !face.picture ? <Icon name="user" size={28} /> : <img src={visitFacePicture(visit.id, face.index)} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />}</span>;
}
