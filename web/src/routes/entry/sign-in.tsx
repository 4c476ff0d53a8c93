// Sign-in: password, then a code where one is set up; or a passkey; or the house's provider. Unknown names and wrong passwords get the same
// words; a lock counts down.

import { useEffect, useState } from 'preact/hooks';

import { provider } from '../../api/provider.ts';
import { ApiError } from '../../api/request.ts';
import { isDeclined, passkeyObstacle, signInWithPasskey } from '../../api/webauthn.ts';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { Icon } from '../../components/icon.tsx';
import { usePage } from '../../components/use-page.ts';
import { go, place, safeReturn } from '../../router/router.ts';
import { second } from '../../state/clock.ts';
import { reasonOf } from '../../state/messages.ts';
import { leaveFor } from '../../state/provider.ts';
import { arrive, sessionState, signIn, welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { length } from '../../time/show.ts';
import { EntryFrame } from './entry-frame.tsx';
import { PasswordField } from './password-field.tsx';

function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return reasonOf(error);
  if (error.status === 429) return t('entry.locked');
  if (error.code === 'wrong_second_factor') return t('entry.wrong_code');
  if (error.code === 'wrong_passkey') return t('entry.wrong_passkey');
  return error.status === 401 ? t('entry.wrong') : reasonOf(error);
}

export function SignIn() {
  const heading = usePage(t('entry.sign_in'));
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [step, setStep] = useState<'password' | 'code'>('password');
  const [error, setError] = useState<string | null>(null);
  const [lockedUntil, setLockedUntil] = useState(0);
  const [isBusy, setBusy] = useState(false);
  void second.value;
  const locked = Math.ceil((lockedUntil - Date.now()) / 1000);

  useEffect(() => {
    if (sessionState.value === 'in') go(safeReturn(place.value.query.get('next')));
    else if (welcome.value?.claim_needed) go('/claim');
  }, []);
  const attempt = async (action: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (failure) {
      setBusy(false);
      if (isDeclined(failure)) return;
      if (failure instanceof ApiError && failure.code === 'second_factor_needed') return setStep('code');
      if (failure instanceof ApiError && failure.status === 429) setLockedUntil(Date.now() + (failure.retryAfter ?? 1) * 1000);
      setError(wordsOf(failure));
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void attempt(() => signIn(name, password, step === 'code' ? code.trim() : undefined));
  };
  const restart = (): void => {
    setStep('password');
    setPassword('');
    setCode('');
    setError(null);
  };
  return (
    <EntryFrame title={step === 'code' ? t('entry.second') : t('entry.sign_in')} heading={heading}>
      <form onSubmit={submit} data-testid="sign-in" data-step={step}>
        {step === 'password' ? (
          <>
            <TextField label={t('entry.name')} name="username" autocomplete="username" required autoFocus value={name} onInput={(event) => setName(event.currentTarget.value)} />
            <PasswordField value={password} onInput={setPassword} />
          </>
        ) : (
          <TextField
            label={t('entry.code')}
            hint={t('entry.code_hint')}
            name="code"
            class="code-input"
            autocomplete="one-time-code"
            autoCapitalize="characters"
            spellcheck={false}
            required
            autoFocus
            maxLength={24}
            value={code}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        )}
        <FormError text={error} />
        {locked > 0 && (
          <p class="tabular" aria-hidden="true" data-testid="locked">
            {t('entry.locked_for', { time: length(locked * 1000) })}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" disabled={isBusy || locked > 0}>
          {isBusy ? t('entry.busy') : t('entry.sign_in')}
        </button>
      </form>
      {step === 'code' && (
        <button type="button" class="button button-quiet button-wide" onClick={restart}>
          {t('entry.restart')}
        </button>
      )}
      {step === 'password' && passkeyObstacle() === null && (
        <button type="button" class="button button-wide" disabled={isBusy || locked > 0} onClick={() => void attempt(async () => arrive(await signInWithPasskey()))} data-testid="passkey-sign-in">
          <Icon name="fingerprint" />
          {t('entry.passkey')}
        </button>
      )}
      {step === 'password' && welcome.value?.sign_in_provider && (
        <button type="button" class="button button-wide" disabled={isBusy || locked > 0} onClick={() => void attempt(async () => leaveFor(await provider.beginSignIn(), place.value.query.get('next')))} data-testid="provider-sign-in">
          {t('entry.provider', { name: welcome.value.sign_in_provider })}
        </button>
      )}
      <p class="hint">{t('entry.help')}</p>
    </EntryFrame>
  );
}
