// The first sign-in with a password that somebody else chose: nothing but changing it works.

import { useState } from 'preact/hooks';

import { account } from '../../api/account.ts';
import { FormError } from '../../components/form-error.tsx';
import { useAction } from '../../components/use-action.ts';
import { usePage } from '../../components/use-page.ts';
import { renewed, signOut } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { EntryFrame } from './entry-frame.tsx';
import { PasswordField } from './password-field.tsx';

export function NewPassword() {
  const heading = usePage(t('password.first_title'));
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const { busy, error, run } = useAction();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void run(async () => renewed(await account.changePassword(old, next)));
  };
  return (
    <EntryFrame title={t('password.first_title')} heading={heading}>
      <p class="muted">{t('password.first_text')}</p>
      <form onSubmit={submit} data-testid="new-password">
        <PasswordField label={t('password.old')} name="old" value={old} onInput={setOld} />
        <PasswordField label={t('password.new')} isNew value={next} onInput={setNext} hint={t('claim.password_hint')} />
        <FormError text={error} />
        <button type="submit" class="button button-primary button-wide" disabled={busy}>
          {busy ? t('entry.busy') : t('password.change')}
        </button>
      </form>
      <button type="button" class="button button-quiet button-wide" onClick={() => void signOut()}>
        {t('header.sign_out')}
      </button>
    </EntryFrame>
  );
}
