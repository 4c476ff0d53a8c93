// Somebody rings: told at once on every page, over it so that nothing moves, until somebody closes or opens it.

import { useEffect } from 'preact/hooks';

import { path } from '../router/router.ts';
import { cameraNamed } from '../state/cameras.ts';
import { recentVisits, ringing, type Ringing } from '../state/visits.ts';
import { t } from '../text/text.ts';
import { clockTime } from '../time/show.ts';
import { Icon } from './icon.tsx';
import { visitPlace, visitTitle } from './visit-words.ts';

export function RingBanner() {
  const ring = ringing.value;
  const address = ring?.visit ? `/visits/${ring.visit}` : null;
  const here = path.value;
  useEffect(() => {
    if (ring && address === here) ringing.value = null;
  }, [ring, here]);
  // The element is there from the start: what is put into it is announced.
  return (
    <div class="ring-region" role="alert" data-testid="ring-region">
      {ring && address !== here && <Ring {...ring} address={address} />}
    </div>
  );
}

function Ring({ visit: id, camera, name: bell, at, address }: Ringing & { address: string | null }) {
  const visit = recentVisits.value.get(id ?? '');
  const name = cameraNamed(camera ?? '')?.name ?? (visit ? visitPlace(visit) : (bell ?? t('event.house')));
  const isKnown = visit !== undefined && visit.who !== 'no_face' && visit.who !== 'not_checked';
  return (
    <section class="ring-banner" aria-label={t('ring.title')} data-testid="ring-banner" data-visit={id ?? undefined} onClick={(event) => event.target instanceof Element && event.target.closest('a') && (ringing.value = null)}>
      <Icon name="bell-ring" size={24} />
      <div class="grow">
        <p class="strong">{t('ring.at', { camera: name })}</p>
        <p class="small">
          {isKnown && <span dir="auto">{visitTitle(visit)}</span>}
          <span class="tabular">
            {isKnown && ' · '}
            {clockTime(at)}
          </span>
        </p>
      </div>
      <div class="row">
        {address && (
          <a class="button button-primary" href={address}>
            {t('ring.open')}
          </a>
        )}
        {camera && (
          <a class="button" href={`/cameras/${camera}`}>
            {t('ring.look')}
          </a>
        )}
        <button type="button" class="icon-button" aria-label={t('ring.close')} onClick={() => (ringing.value = null)} data-testid="ring-close">
          <Icon name="x" />
        </button>
      </div>
    </section>
  );
}
