// Erasing a person: what is destroyed, with counts, what stays, and afterwards what was done.

import { useRef, useState } from 'preact/hooks';

import { people as api, type Erased, type PersonDetail } from '../../api/people.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Switch } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { usePage } from '../../components/use-page.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { bytes, whole } from '../../time/show.ts';

export function EraseDialog({ person, close, done }: { person: PersonDetail; close: () => void; done: (erased: Erased) => void }) {
  const erased = useRef<Erased | null>(null);
  const [footage, setFootage] = useState(false);
  const erase = async (): Promise<void> => {
    erased.current = await api.erase(person.id, footage);
  };
  return (
    <Confirm title={t('erase.question', { name: person.name })} confirm={t('erase.confirm', { name: person.name })} action={erase} close={close} done={() => erased.current && done(erased.current)}>
      <p>{t('erase.destroyed')}</p>
      <ul class="plain-list" data-testid="erase-counts">
        <li>{t('erase.samples', { n: person.samples })}</li>
        <li>{t('erase.rejections', { n: person.rejections })}</li>
        <li>{t('erase.visits', { n: person.visits })}</li>
      </ul>
      {person.visits > 0 && (
        <Switch label={t('erase.footage')} hint={t('erase.footage_hint')} on={footage} onChange={setFootage} />
      )}
      {!footage && <p>{t('erase.stays')}</p>}
    </Confirm>
  );
}

export function Receipt({ erased }: { erased: Erased }) {
  const heading = usePage(t('erase.done'));
  return (
    <div class="narrow" data-testid="erased">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('erase.done')}
        </h1>
      </header>
      <section class="card" aria-label={t('erase.done')}>
        <ul class="plain-list">
          <li>{t('erase.samples', { n: erased.samples })}</li>
          <li>{t('erase.rejections', { n: erased.rejections })}</li>
          <li>{t('erase.pictures', { n: erased.pictures })}</li>
          <li>{t('erase.visits', { n: erased.visits })}</li>
          {erased.footage && <li>{t('erase.footage_gone', { segments: whole(erased.footage.segments), bytes: bytes(erased.footage.bytes), pictures: whole(erased.footage.pictures) })}</li>}
          {erased.footage !== null && erased.footage.left > 0 && <li>{t('erase.footage_left', { n: erased.footage.left })}</li>}
        </ul>
        <div class="row">
          <a class="button" href="/people">
            <Icon name="users" />
            {t('people.back')}
          </a>
          {isAdmin.value && (
            <a class="button" href="/security/audit">
              <Icon name="shield-check" />
              {t('erase.audit')}
            </a>
          )}
        </div>
      </section>
    </div>
  );
}
