// Sign-in. Unknown names and wrong passwords get the same words; a lock counts down.

import { useEffect, useState } from 'preact/hooks';

import { ApiError } from '../../api/request.ts';
import { TextField } from '../../components/field.tsx';
import { usePage } from '../../components/use-page.ts';
import { go, place, safeReturn } from '../../router/router.ts';
import { second } from '../../state/clock.ts';
import { reasonOf } from '../../state/messages.ts';
import { sessionState, signIn, welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { length } from '../../time/show.ts';
import { EntryFrame } from './entry-frame.tsx';
import { PasswordField } from './password-field.tsx';

export function SignIn() {
  const heading = usePage(t('entry.sign_in'));
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [lockedUntil, setLockedUntil] = useState(0);
  const [isBusy, setBusy] = useState(false);
  void second.value;
  const locked = Math.ceil((lockedUntil - Date.now()) / 1000);

  useEffect(() => {
    if (sessionState.value === 'in') go(safeReturn(place.value.query.get('next')));
    else if (welcome.value?.claim_needed) go('/claim');
  }, []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(name, password);
    } catch (failure) {
      setBusy(false);
      if (!(failure instanceof ApiError)) return setError(reasonOf(failure));
      if (failure.status === 429) setLockedUntil(Date.now() + (failure.retryAfter ?? 1) * 1000);
      setError(failure.status === 401 ? t('entry.wrong') : failure.status === 429 ? t('entry.locked') : reasonOf(failure));
    }
  };
  return (
    <EntryFrame title={t('entry.sign_in')} heading={heading}>
      <form onSubmit={(event) => void submit(event)} data-testid="sign-in">
        <TextField label={t('entry.name')} name="username" autocomplete="username" required autoFocus value={name} onInput={(event) => setName(event.currentTarget.value)} />
        <PasswordField value={password} onInput={setPassword} />
        {error && (
          <p class="field-error" role="alert" data-testid="entry-error">
            {error}
          </p>
        )}
        {locked > 0 && (
          <p class="tabular" aria-hidden="true" data-testid="locked">
            {t('entry.locked_for', { time: length(locked * 1000) })}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" disabled={isBusy || locked > 0}>
          {isBusy ? t('entry.busy') : t('entry.sign_in')}
        </button>
      </form>
      <p class="hint">{t('entry.help')}</p>
    </EntryFrame>
  );
}
