// Asks for the password once more, for what a borrowed browser must not do.

import { useState } from 'preact/hooks';

import { account } from '../api/account.ts';
import { asking } from '../state/proof.ts';
import { reasonOf } from '../state/messages.ts';
import { t } from '../text/text.ts';
import { Dialog } from './dialog.tsx';
import { TextField } from './field.tsx';
import { HubButton } from './hub-button.tsx';

export function ProofDialog() {
  return asking.value ? <Question done={asking.value.done} /> : null;
}

function Question({ done }: { done: (proved: boolean) => void }) {
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await account.confirm(password);
      done(true);
    } catch (failure) {
      setBusy(false);
      setError(reasonOf(failure));
    }
  };
  return (
    <Dialog title={t('proof.title')} onClose={() => done(false)} testid="proof-dialog">
      <form onSubmit={(event) => void submit(event)}>
        <p class="muted">{t('proof.text')}</p>
        <TextField label={t('entry.password')} type="password" name="password" autocomplete="current-password" required autoFocus value={password} error={error} onInput={(event) => setPassword(event.currentTarget.value)} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => done(false)}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={isBusy} testid="proof-submit">
            {t('proof.submit')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
