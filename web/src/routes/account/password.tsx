// Another password. All other sign-ins end with it.

import { useState } from 'preact/hooks';

import { account } from '../../api/account.ts';
import { ApiError } from '../../api/request.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { renewed } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { PasswordField } from '../entry/password-field.tsx';

const wordsOf = (error: unknown): string => (error instanceof ApiError && error.code === 'wrong_credentials' ? t('password.wrong_old') : reasonOf(error));

export function Password() {
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const { busy, error, run } = useAction(wordsOf);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const isDone = await run(async () => renewed(await account.changePassword(old, next)));
    if (!isDone) return;
    setOld('');
    setNext('');
    succeeded(t('password.changed'));
  };
  return (
    <section class="card" aria-labelledby="password">
      <h2 id="password">{t('entry.password')}</h2>
      <p class="muted">{t('password.text')}</p>
      <form onSubmit={(event) => void submit(event)} data-testid="password-form">
        <div class="field-pair">
          <PasswordField label={t('password.old')} name="old-password" value={old} onInput={setOld} />
          <PasswordField label={t('password.new')} name="new-password" isNew value={next} onInput={setNext} hint={t('claim.password_hint')} />
        </div>
        <FormError text={error} />
        <HubButton type="submit" kind="primary" busy={busy || old === '' || next === ''}>
          {t('password.change')}
        </HubButton>
      </form>
    </section>
  );
}
