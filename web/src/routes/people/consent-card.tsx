// What the person agreed to, until when, and how it ends: at once, when somebody says so.

import { useState } from 'preact/hooks';

import { people as api, type PersonDetail } from '../../api/people.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { succeeded } from '../../state/messages.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { dateTime, fullDay } from '../../time/show.ts';
import { ConsentFields, consentOf, isWhole, useConsent } from './consent-fields.tsx';
import { hasConsent } from './person-name.ts';

export function ConsentCard({ person, again, onErase }: { person: PersonDetail; again: () => void; onErase: () => void }) {
  const [dialog, setDialog] = useState<'give' | 'withdraw' | null>(null);
  const { consent } = person;
  const isInForce = hasConsent(person);
  const mayManage = isAdmin.value;
  return (
    <section class={isInForce || consent === null ? 'card' : 'card needs-card'} aria-labelledby="consent" data-testid="consent" data-state={isInForce ? 'in_force' : person.state}>
      <h2 id="consent">{t('consent.title')}</h2>
      {consent === null && <p>{t('consent.none')}</p>}
      {consent !== null && (
        <>
          <p class={isInForce ? '' : 'strong'}>{stateText(person)}</p>
          <blockquote class="consent-text" dir="auto">
            {consent.text}
          </blockquote>
          <p class="muted small" dir="auto">
            {t('consent.by', { who: consent.given_by, recorder: consent.recorded_by, time: fullDay(Date.parse(consent.at)) })}
          </p>
        </>
      )}
      {mayManage && (
        <div class="row">
          <HubButton kind={isInForce ? 'plain' : 'primary'} onClick={() => setDialog('give')} testid="consent-give">
            {consent === null ? t('consent.record') : t('consent.renew')}
          </HubButton>
          {isInForce && (
            <HubButton onClick={() => setDialog('withdraw')} testid="consent-withdraw">
              {t('consent.withdraw')}
            </HubButton>
          )}
          {!isInForce && consent !== null && person.samples > 0 && (
            <HubButton onClick={onErase}>
              <Icon name="trash-2" />
              {t('consent.erase_too')}
            </HubButton>
          )}
        </div>
      )}
      {dialog === 'give' && <GiveDialog person={person} close={() => setDialog(null)} done={again} />}
      {dialog === 'withdraw' && (
        <Confirm
          title={t('consent.withdraw_question', { name: person.name })}
          confirm={t('consent.withdraw')}
          action={() => api.withdraw(person.id)}
          close={() => setDialog(null)}
          done={() => {
            setDialog(null);
            succeeded(t('consent.withdrawn', { name: person.name }));
            again();
          }}
        >
          <p>{t('consent.withdraw_text', { n: person.samples })}</p>
        </Confirm>
      )}
    </section>
  );
}

function stateText({ consent, state }: PersonDetail): string {
  if (consent?.withdrawn_at) return t('consent.was_withdrawn', { time: dateTime(Date.parse(consent.withdrawn_at)) });
  if (!consent?.expires_at) return t('consent.without_end');
  const day = fullDay(Date.parse(consent.expires_at));
  return state === 'expired' ? t('consent.ended', { day }) : t('consent.ends', { day });
}

function GiveDialog({ person, close, done }: { person: PersonDetail; close: () => void; done: () => void }) {
  const [draft, change] = useConsent(person.consent?.given_by ?? person.name);
  const { busy, error, run } = useAction();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(await run(() => api.consent(person.id, consentOf(draft))))) return;
    succeeded(t('consent.recorded', { name: person.name }));
    done();
    close();
  };
  return (
    <Dialog title={t('consent.of', { name: person.name })} onClose={close} testid="consent-dialog">
      <form onSubmit={(event) => void submit(event)}>
        <ConsentFields draft={draft} change={change} />
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isWhole(draft)} testid="consent-submit">
            {t('consent.record')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
