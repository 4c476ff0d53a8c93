// Everybody the house may recognise, and with what right.

import { useState } from 'preact/hooks';

import { faces as facesApi, people as api, type Faces, type Person } from '../../api/people.ts';
import { watchList } from '../../api/watch-list.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { go } from '../../router/router.ts';
import { second } from '../../state/clock.ts';
import { isMissing, presence } from '../../state/devices.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { NotInHub } from '../devices/not-in-hub.tsx';
import { ConsentFields, consentOf, isWhole, useConsent } from './consent-fields.tsx';
import { Groups } from './groups.tsx';
import { isName } from './person-name.ts';
import { usePeople } from './use-people.ts';

export function People() {
  if (presence.value.visits === 'missing') return <NotInHub title={t('nav.people')} icon="users" />;
  return <List />;
}

function List() {
  const heading = usePage(t('nav.people'));
  const [list, again] = usePeople(() => api.list(), 'people');
  const [faces] = useFetch(() => facesApi.get(), 'faces');
  const [isAdding, setAdding] = useState(false);
  return (
    <div class="narrow">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.people')}
        </h1>
        <div class="row">
          <a class="button" href="/people/unknown" data-testid="people-unknown">
            {t('people.unknown')}
          </a>
          <WatchListLink />
          {isAdmin.value && (
            <HubButton kind="primary" onClick={() => setAdding(true)} testid="person-add">
              <Icon name="plus" />
              {t('people.add')}
            </HubButton>
          )}
        </div>
      </header>
      <FacesState faces={faces.data} />
      {!list.data && list.state === 'loading' && <Loading what={t('people.list')} />}
      {!list.data && list.state === 'error' && <ErrorCard what={t('people.failed')} error={list.error} retry={again} />}
      {list.data?.length === 0 && (
        <Empty icon="users" title={t('people.none')}>
          <p class="muted">{t('people.none_text')}</p>
        </Empty>
      )}
      {list.data && list.data.length > 0 && (
        <ul class="rows" data-testid="people">
          {[...list.data].sort((a, b) => a.name.localeCompare(b.name)).map((person) => (
            <PersonRow key={person.id} person={person} />
          ))}
        </ul>
      )}
      {list.data && isAdmin.value && <Groups people={list.data} />}
      {isAdding && <AddPerson close={() => setAdding(false)} />}
    </div>
  );
}

/** The way to the watch list, with how many faces wait there; a hub of an older version has none. */
function WatchListLink() {
  const [list] = usePeople(() => watchList.get(), 'watch list');
  if (isMissing(list.error)) return null;
  const waiting = list.data?.waiting.length ?? 0;
  return (
    <a class="button" href="/people/watch-list" data-testid="people-watch-list">
      {t('watch.title')}
      {waiting > 0 && (
        <b class="nav-count" data-testid="watch-count">
          <span aria-hidden="true">{waiting}</span>
          <i class="visually-hidden"> {t('watch.waiting', { n: waiting })}</i>
        </b>
      )}
    </a>
  );
}

/** Whether faces are looked at at all, since without that no row below means anything. */
export function FacesState({ faces }: { faces: Faces | null }) {
  if (!faces) return null;
  const cameras = faces.cameras.filter((camera) => camera.faces).length;
  if (faces.available && cameras > 0) return null;
  return (
    <p class="note note-warn" data-testid="faces-state">
      <Icon name="eye-off" size={16} /> {faces.available ? t('faces.no_camera') : t('faces.unavailable', { reason: faces.reason ?? '' })}
      {isAdmin.value && (
        <>
          {' '}
          <a href="/settings/faces">{t('faces.settings')}</a>
        </>
      )}
    </p>
  );
}

export function PersonState({ person }: { person: Pick<Person, 'state'> }) {
  const kind = person.state === 'known' ? 'badge-ok' : person.state === 'no_samples' ? '' : 'badge-warn';
  return (
    <span class={`badge ${kind}`} data-testid="person-state" data-state={person.state}>
      {t(`person_state.${person.state}`)}
    </span>
  );
}

function PersonRow({ person }: { person: Person }) {
  return (
    <li class="settings-row" data-testid="person-row" data-person={person.id}>
      <a href={`/people/${person.id}`}>
        <Icon name="user" />
        <span class="grow">
          <span class="strong" dir="auto">
            {person.name}
          </span>
          <span class="muted">
            {t('people.samples', { n: person.samples })} · {person.last_seen ? t('people.seen', { time: moment(Date.parse(person.last_seen), second.value) }) : t('people.never_seen')}
          </span>
        </span>
        <PersonState person={person} />
      </a>
    </li>
  );
}

function AddPerson({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [hasConsent, setHasConsent] = useState(false);
  const [draft, change] = useConsent('');
  const { busy, error, run } = useAction();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    await run(async () => {
      const person = await api.add(name.trim(), hasConsent ? consentOf(draft) : null);
      close();
      go(`/people/${person.id}`);
    });
  };
  const isReady = isName(name) && (!hasConsent || isWhole(draft));
  return (
    <Dialog title={t('people.add')} onClose={close} testid="person-dialog">
      <form onSubmit={(event) => void submit(event)}>
        <TextField
          label={t('people.name')}
          hint={t('people.name_hint')}
          name="person-name"
          value={name}
          error={name === '' || isName(name) ? null : t('people.bad_name')}
          required
          autocomplete="off"
          dir="auto"
          onInput={(event) => {
            const next = event.currentTarget.value;
            if (draft.givenBy === name) change({ givenBy: next });
            setName(next);
          }}
        />
        <Switch label={t('people.with_consent')} hint={t('people.with_consent_hint')} on={hasConsent} onChange={setHasConsent} />
        {hasConsent && <ConsentFields draft={draft} change={change} />}
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isReady} testid="person-submit">
            {t('people.add')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
