// One person: what they agreed to, what the house knows their face by, and how all of it is exported or erased.

import { useState } from 'preact/hooks';

import { faces as facesApi, people as api, type Erased, type Faces, type PersonDetail, type Tell } from '../../api/people.ts';
import { ApiError } from '../../api/request.ts';
import { Choice } from '../../components/field.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { saveJson } from '../../export/save.ts';
import { failed, undoable } from '../../state/messages.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { decimal } from '../../time/show.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { ConsentCard } from './consent-card.tsx';
import { EraseDialog, Receipt } from './erase.tsx';
import { FacesState, PersonState } from './people.tsx';
import { hasConsent } from './person-name.ts';
import { Rejections } from './rejections.tsx';
import { RenameDialog } from './rename.tsx';
import { Samples } from './samples.tsx';
import { Seen } from './seen.tsx';
import { usePeople } from './use-people.ts';

export function PersonPage({ params }: { params: Record<string, string> }) {
  const id = params['id'] ?? '';
  const [person, again] = usePeople(() => api.get(id), id);
  const [faces] = useFetch(() => facesApi.get(), 'faces');
  const [erased, setErased] = useState<Erased | null>(null);
  if (erased) return <Receipt erased={erased} />;
  if (person.error instanceof ApiError && person.error.status === 404) return <NotFound />;
  if (person.data) return <Loaded person={person.data} faces={faces.data} again={again} onErased={setErased} />;
  if (person.state === 'loading') return <Loading what={t('people.one')} shape="form" />;
  return <ErrorCard what={t('people.one_failed')} error={person.error} retry={again} />;
}

function Loaded({ person, faces, again, onErased }: { person: PersonDetail; faces: Faces | null; again: () => void; onErased: (erased: Erased) => void }) {
  const heading = usePage(`${person.name} – ${t('nav.people')}`);
  const [dialog, setDialog] = useState<'rename' | 'erase' | null>(null);
  const mayManage = isAdmin.value;
  const { busy, error, run } = useAction();
  const exported = (): Promise<boolean> => run(async () => saveJson(await api.exported(person.id), `hearthwatch-${person.id}.json`));
  return (
    <div class="person-page" data-testid="person" data-state={person.state}>
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/people" aria-label={t('people.back')} title={t('people.back')}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {person.name}
          </h1>
          <PersonState person={person} />
        </div>
        {mayManage && (
          <div class="row">
            <HubButton onClick={() => setDialog('rename')} testid="person-rename">
              {t('people.rename')}
            </HubButton>
            <HubButton onClick={() => void exported()} busy={busy} testid="person-export">
              <Icon name="download" />
              {t('people.export')}
            </HubButton>
            <HubButton kind="danger" onClick={() => setDialog('erase')} testid="person-erase">
              <Icon name="trash-2" />
              {t('people.erase')}
            </HubButton>
          </div>
        )}
      </header>
      {error && <p class="field-error" role="alert">{error}</p>}
      <FacesState faces={faces} />
      <div class="device-grid">
        <div>
          <ConsentCard person={person} again={again} onErase={() => setDialog('erase')} />
          <Samples person={person} faces={faces} again={again} />
          <Rejections person={person} again={again} />
        </div>
        <div>
          <Matching person={person} faces={faces} />
          <TellCard person={person} again={again} />
          <Seen person={person} />
        </div>
      </div>
      {dialog === 'rename' && <RenameDialog person={person} close={() => setDialog(null)} done={again} />}
      {dialog === 'erase' && <EraseDialog person={person} close={() => setDialog(null)} done={onErased} />}
    </div>
  );
}

/** Whether this face is compared at all, and how close is close enough. */
function Matching({ person, faces }: { person: PersonDetail; faces: Faces | null }) {
  const isOn = person.state === 'known' && faces?.available === true;
  return (
    <section class="card" aria-labelledby="matching">
      <h2 id="matching">{t('matching.title')}</h2>
      <p class="strong" data-testid="matching" data-state={isOn ? 'on' : 'off'}>
        {isOn ? t('matching.on') : hasConsent(person) ? t('matching.waiting') : t('matching.off')}
      </p>
      {faces?.available && <p class="muted">{t('matching.limit', { limit: decimal(faces.threshold, 2) })}</p>}
    </section>
  );
}

const TELLS: readonly Tell[] = ['never', 'first_of_day', 'always'];

function TellCard({ person, again }: { person: PersonDetail; again: () => void }) {
  const save = async (tell: Tell): Promise<void> => {
    const before = person.tell;
    try {
      await api.change(person.id, { tell });
      undoable(t('tell.saved', { what: t(`tell.${tell}`) }), () => void api.change(person.id, { tell: before }).then(again, (error: unknown) => failed(t('people.not_changed'), error)));
    } catch (error) {
      failed(t('people.not_changed'), error);
    }
    again();
  };
  return (
    <section class="card" aria-labelledby="tell">
      <h2 id="tell">{t('tell.title')}</h2>
      <Choice label={t('tell.label')} value={person.tell} options={TELLS.map((tell) => [tell, t(`tell.${tell}`)] as const)} hint={t('tell.hint')} disabled={!isAdmin.value} onChoose={(tell) => void save(tell)} testid="tell" />
    </section>
  );
}
