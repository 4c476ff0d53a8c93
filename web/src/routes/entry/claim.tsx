// Claim: the first person takes possession of the hub with the code from its terminal.

import { useEffect, useState } from 'preact/hooks';

import { ApiError } from '../../api/request.ts';
import { TextField } from '../../components/field.tsx';
import { usePage } from '../../components/use-page.ts';
import { go } from '../../router/router.ts';
import { reasonOf } from '../../state/messages.ts';
import { claim, welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { EntryFrame } from './entry-frame.tsx';
import { PasswordField } from './password-field.tsx';

type Field = 'code' | 'name' | 'password' | 'form';

const FIELDS: Record<string, Field> = { wrong_code: 'code', code_expired: 'code', weak_password: 'password', bad_name: 'name' };

function wordsOf(error: unknown): { field: Field; text: string } {
  if (!(error instanceof ApiError)) return { field: 'form', text: reasonOf(error) };
  const field = FIELDS[error.code] ?? 'form';
  if (error.code === 'wrong_code') return { field, text: t('claim.wrong_code') };
  if (error.code === 'code_expired') return { field, text: t('claim.expired') };
  return { field, text: reasonOf(error) };
}

export function Claim() {
  const heading = usePage(t('claim.title'));
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<{ field: Field; text: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    if (welcome.value && !welcome.value.claim_needed) go('/signin');
  }, []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await claim(code.trim(), name.trim(), password);
    } catch (failure) {
      setError(wordsOf(failure));
      setBusy(false);
    }
  };
  return (
    <EntryFrame title={t('claim.title')} heading={heading}>
      <p class="muted">{t('claim.text')}</p>
      <form onSubmit={(event) => void submit(event)} data-testid="claim">
        <TextField label={t('claim.code')} hint={t('claim.code_hint')} name="code" class="code-input" autocomplete="one-time-code" autoCapitalize="characters" spellcheck={false} required autoFocus value={code} error={error?.field === 'code' ? error.text : null} onInput={(event) => setCode(event.currentTarget.value)} />
        <TextField label={t('claim.name')} name="username" autocomplete="username" required maxLength={64} value={name} error={error?.field === 'name' ? error.text : null} onInput={(event) => setName(event.currentTarget.value)} />
        <PasswordField isNew value={password} onInput={setPassword} hint={t('claim.password_hint')} error={error?.field === 'password' ? error.text : null} />
        {error?.field === 'form' && (
          <p class="field-error" role="alert" data-testid="field-error">
            {error.text}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" disabled={isBusy}>
          {isBusy ? t('entry.busy') : t('claim.submit')}
        </button>
      </form>
    </EntryFrame>
  );
}
