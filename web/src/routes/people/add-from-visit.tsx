// A face from a visit whose pictures are kept: every face of the newest visits, one button each.

import { useState } from 'preact/hooks';

import { visitFacePicture, visits as visitsApi, type Visit, type VisitFace } from '../../api/visits.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { faceName, visitPlace } from '../../components/visit-words.ts';
import { second } from '../../state/clock.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { refusalWords } from './sample-words.ts';

const VISITS = 50;

interface Choice {
  visit: Visit;
  face: VisitFace;
}

interface Properties {
  /** Whose face it is to be. */
  name: string;
  /** The known person whose faces fit too; strangers always do. */
  person: string | null;
  add: (visit: string, face: number) => Promise<unknown>;
  /** What is said when it was taken. */
  added: string;
  close: () => void;
  done: () => void;
}

/** Faces that may be this person: strangers, and those that were taken for this person. */
const choicesOf = (visits: readonly Visit[], person: string | null): Choice[] =>
  visits.flatMap((visit) => visit.faces.filter((face) => face.picture && (face.person === null || face.person === person)).map((face) => ({ visit, face })));

export function VisitDialog({ name, person, add, added, close, done }: Properties) {
  const [page, again] = useFetch(() => visitsApi.list({}, VISITS), 'visits');
  const { busy, error, run } = useAction(refusalWords);
  const choices = choicesOf(page.data?.visits ?? [], person);
  const choose = async ({ visit, face }: Choice): Promise<void> => {
    if (!(await run(() => add(visit.id, face.index)))) return;
    succeeded(added);
    done();
  };
  return (
    <Dialog title={t('samples.add_visit')} onClose={close} testid="from-visit-dialog" wide>
      <p class="muted">{t('from_visit.text', { name })}</p>
      <FormError text={error} />
      {page.state === 'loading' && <Loading what={t('visits.list')} />}
      {page.state === 'error' && <ErrorCard what={t('visits.failed')} error={page.error} retry={again} />}
      {page.data && choices.length === 0 && <p class="note">{t('from_visit.none')}</p>}
      <ul class="sample-grid">
        {choices.map((choice) => (
          <li key={`${choice.visit.id} ${choice.face.index}`}>
            <FaceButton choice={choice} busy={busy} choose={() => void choose(choice)} />
          </li>
        ))}
      </ul>
      <div class="dialog-actions">
        <HubButton onClick={close}>{t('action.cancel')}</HubButton>
      </div>
    </Dialog>
  );
}

function FaceButton({ choice: { visit, face }, busy, choose }: { choice: Choice; busy: boolean; choose: () => void }) {
  const [isBroken, setBroken] = useState(false);
  return (
    <button type="button" class="sample sample-choice" disabled={busy || isBroken} onClick={choose} data-testid="visit-choice">
      <span class="sample-picture">
        <img src={visitFacePicture(visit.id, face.index)} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />
      </span>
      <span class="small">
        <span class="strong" dir="auto">
          {faceName(face)}
        </span>{' '}
        <span class="muted">
          {visitPlace(visit)}, {moment(Date.parse(visit.started_at), second.peek())}
        </span>
      </span>
    </button>
  );
}
