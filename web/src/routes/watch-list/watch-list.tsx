// The watch list: whom the house looks out for without having asked them, and the faces that wait for a person to look.

import { useState } from 'preact/hooks';

import { faces as facesApi } from '../../api/people.ts';
import { watchList, type WatchList } from '../../api/watch-list.ts';
import { Switch } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useEvery } from '../../components/use-every.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { offline } from '../../state/contact.ts';
import { isMissing } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { NotInHub } from '../devices/not-in-hub.tsx';
import { FacesState } from '../people/people.tsx';
import { usePeople } from '../people/use-people.ts';
import { Published } from './published.tsx';
import { WaitingFaces } from './waiting.tsx';
import { WatchedPeople } from './watched.tsx';

// How often it is asked how far the reading of a published list is.
const READING_MS = 1_000;

export function WatchListPage() {
  const [found, again, set] = usePeople(() => watchList.get(), 'watch list');
  if (isMissing(found.error)) return <NotInHub title={t('watch.title')} icon="eye" />;
  return <Page list={found.data} error={found.state === 'error' ? found.error : null} again={again} set={set} />;
}

function Page({ list, error, again, set }: { list: WatchList | null; error: unknown; again: () => void; set: (list: WatchList) => void }) {
  const heading = usePage(`${t('watch.title')} – ${t('nav.people')}`);
  const [faces] = useFetch(() => facesApi.get(), 'faces');
  return (
    <div class="narrow" data-testid="watch-list">
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/people" aria-label={t('people.back')} title={t('people.back')}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1}>
            {t('watch.title')}
          </h1>
        </div>
      </header>
      <p class="muted section-text watch-text">{t('watch.text')}</p>
      {!list && (error === null ? <Loading what={t('watch.title')} /> : <ErrorCard what={t('watch.failed')} error={error} retry={again} />)}
      {list && (
        <>
          {list.settings.is_on && <FacesState faces={faces.data} />}
          <WaitingFaces waiting={list.waiting} people={list.people} again={again} />
          <Comparing list={list} set={set} />
          <WatchedPeople people={list.people} again={again} />
          <Published list={list} set={set} />
          {list.importing && <Reading again={again} />}
        </>
      )}
    </div>
  );
}

function Reading({ again }: { again: () => void }) {
  useEvery(READING_MS, again);
  return null;
}

/** Whether faces are compared at all, and what that means for people who were not asked. */
function Comparing({ list, set }: { list: WatchList; set: (list: WatchList) => void }) {
  const { busy, error, run } = useAction();
  const [isWanted, setWanted] = useState<boolean | null>(null);
  const isOn = list.settings.is_on;
  const change = async (next: boolean): Promise<void> => {
    if (busy) return;
    setWanted(next);
    const isDone = await run(async () => set(await watchList.set({ ...list.settings, is_on: next })));
    setWanted(null);
    if (isDone) succeeded(t(next ? 'compare.now_on' : 'compare.now_off'));
  };
  return (
    <section class="card" aria-labelledby="compare" data-testid="compare" data-state={isOn ? 'on' : 'off'}>
      <h2 id="compare">{t('compare.title')}</h2>
      <Switch label={t('compare.on')} hint={t(isWanted === null ? (isOn ? 'compare.is_on' : 'compare.is_off') : 'compare.saving')} on={isOn} disabled={offline.value} onChange={(next) => void change(next)} />
      <FormError text={error} />
      <ul class="plain-list">
        <li>{t('compare.not_asked')}</li>
        <li>{t('compare.law')}</li>
        <li>{t('compare.person')}</li>
        <li>{t('compare.here')}</li>
      </ul>
    </section>
  );
}
