// Who is it? Two things that are never mixed: a note on this visit, or recognising somebody from now on, for which
// they have to agree.

import { useState } from 'preact/hooks';

import { PEOPLE_ROLE, faces as facesApi, people as api, type Person } from '../../api/people.ts';
import { visits as visitsApi, type Visit, type VisitFace } from '../../api/visits.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { succeeded } from '../../state/messages.ts';
import { mayAs } from '../../state/session.ts';
import { nameable } from '../../state/visit-list.ts';
import { changedVisit } from '../../state/visits.ts';
import { t } from '../../text/text.ts';
import { ConsentFields, consentOf, isWhole, useConsent } from '../people/consent-fields.tsx';
import { hasConsent, isName, personNamed } from '../people/person-name.ts';
import { refusalWords } from '../people/sample-words.ts';
import { setNote } from './visit-actions.ts';

const NOTE_MAX = 200;
type Way = 'note' | 'recognise';

export function WhoDialog({ visit, close }: { visit: Visit; close: () => void }) {
  const [way, setWay] = useState<Way>('note');
  return (
    <Dialog title={t('who.title')} onClose={close} testid="who-dialog">
      <Choice
        label={t('who.way')}
        value={way}
        options={[['note', t('who.note')], ['recognise', t('who.recognise')]]}
        hint={way === 'note' ? t('who.note_hint') : t('who.recognise_hint')}
        onChoose={setWay}
        testid="who-way"
      />
      {way === 'note' ? <NoteForm visit={visit} close={close} /> : <Recognise visit={visit} close={close} />}
    </Dialog>
  );
}

function NameField({ label, hint, name, people, error, maxLength, onInput }: { label: string; hint?: string; name: string; people: readonly Person[]; error?: string | null; maxLength: number; onInput: (name: string) => void }) {
  return (
    <>
      <TextField label={label} hint={hint} name="who-name" value={name} error={error} required maxLength={maxLength} autocomplete="off" list="known-names" dir="auto" onInput={(event) => onInput(event.currentTarget.value)} />
      <datalist id="known-names">
        {people.map((person) => (
          <option key={person.id} value={person.name} />
        ))}
      </datalist>
    </>
  );
}

function NoteForm({ visit, close }: { visit: Visit; close: () => void }) {
  const [note, setText] = useState(visit.note ?? '');
  const [busy, setBusy] = useState(false);
  const [list] = useFetch(() => (mayAs(PEOPLE_ROLE) ? api.list() : Promise.resolve([])), 'people');
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    if (await setNote(visit, note.trim())) close();
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <NameField label={t('who.name')} name={note} people={list.data ?? []} maxLength={NOTE_MAX} onInput={setText} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          {t('action.cancel')}
        </button>
        <HubButton type="submit" kind="primary" busy={busy || note.trim() === ''} testid="who-note">
          {t('who.note_save')}
        </HubButton>
      </div>
    </form>
  );
}

/** Why nobody can be recognised from this visit, or null. */
function obstacle(visit: Visit, face: VisitFace | null, available: boolean, reason: string | null): string | null {
  if (!mayAs(PEOPLE_ROLE)) return t('who.role', { role: t(`role.${PEOPLE_ROLE}`) });
  if (!available) return t('faces.unavailable', { reason: reason ?? '' });
  if (visit.who === 'not_checked') return t('visits.not_checked_text');
  if (!face) return t('who.no_face');
  return face.picture ? null : t('who.no_picture');
}

function Recognise({ visit, close }: { visit: Visit; close: () => void }) {
  const [known] = useFetch(() => Promise.all([mayAs(PEOPLE_ROLE) ? api.list() : [], facesApi.get()]), 'people-and-faces');
  const face = nameable(visit);
  if (known.state === 'error') return <FormError text={refusalWords(known.error)} />;
  if (!known.data) return <p class="muted">{t('state.waiting_for', { what: t('nav.people') })}</p>;
  const [list, faces] = known.data;
  const why = obstacle(visit, face, faces.available, faces.reason);
  if (why !== null || !face) {
    return (
      <>
        <p class="note" data-testid="who-obstacle">
          {why}
        </p>
        <div class="dialog-actions">
          <HubButton kind="primary" busy>
            {t('who.recognise_save')}
          </HubButton>
        </div>
      </>
    );
  }
  return <RecogniseForm visit={visit} face={face} list={list} close={close} />;
}

function RecogniseForm({ visit, face, list, close }: { visit: Visit; face: VisitFace; list: readonly Person[]; close: () => void }) {
  const [name, setName] = useState('');
  const [draft, change] = useConsent('');
  const [made, setMade] = useState<Person | null>(null);
  const { busy, error, run } = useAction(refusalWords);
  const person = made ?? personNamed(list, name);
  const needsConsent = person === null || !hasConsent(person);
  const isReady = isName(name) && (!needsConsent || isWhole(draft));
  const save = async (): Promise<void> => {
    let target = person;
    if (target === null) target = await api.add(name.trim(), consentOf(draft));
    else if (needsConsent) target = await api.consent(target.id, consentOf(draft));
    // If the face is refused, the next try goes on from here.
    setMade(target);
    await api.addFromVisit(target.id, visit.id, face.index);
    succeeded(t('who.recognised', { name: target.name }));
    void visitsApi.get(visit.id).then(changedVisit, () => undefined);
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await run(save)) close();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <NameField
        label={t('who.name')}
        hint={person ? t('who.merges', { name: person.name }) : t('who.name_hint')}
        name={name}
        people={list}
        error={name === '' || isName(name) ? null : t('people.bad_name')}
        maxLength={64}
        onInput={(next) => {
          setName(next);
          setMade(null);
          if (draft.givenBy === name) change({ givenBy: next });
        }}
      />
      {needsConsent ? <ConsentFields draft={draft} change={change} /> : <p class="note">{t('who.has_consent', { name: person.name })}</p>}
      <FormError text={error} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          {t('action.cancel')}
        </button>
        <HubButton type="submit" kind="primary" busy={busy || !isReady} testid="who-recognise">
          {t('who.recognise_save')}
        </HubButton>
      </div>
    </form>
  );
}
