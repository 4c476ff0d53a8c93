// Second step: the credentials of the device, tried once against the device itself.

import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { t, tCode } from '../../text/text.ts';
import { needsNoSignIn, type Draft } from './add-draft.ts';

interface Properties {
  draft: Draft;
  change: (next: Partial<Draft>) => void;
  password: string;
  setPassword: (password: string) => void;
  /** The page was loaded anew: the password is gone. */
  isResumed: boolean;
  busy: boolean;
  error: string | null;
  ask: () => void;
  back: () => void;
}

export function SignInStep({ draft, change, password, setPassword, isResumed, busy, error, ask, back }: Properties) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    ask();
  };
  return (
    <form class="card" onSubmit={submit} aria-labelledby="sign-in">
      <h2 id="sign-in" dir="auto">
        {t('sign_in.title', { family: tCode('family', draft.family), address: draft.address })}
      </h2>
      {isResumed && (
        <p class="hint-warn" role="status" data-testid="resumed">
          {t('sign_in.resumed')}
        </p>
      )}
      <p class="muted">{needsNoSignIn(draft.family) ? t('sign_in.none_needed') : t('sign_in.text')}</p>
      <div class="field-pair">
        <TextField label={t('add.username')} value={draft.username} autocomplete="off" name="device-user" onInput={(event) => change({ username: event.currentTarget.value })} />
        <TextField label={t('add.password')} type="password" value={password} autocomplete="new-password" name="device-password" onInput={(event) => setPassword(event.currentTarget.value)} />
      </div>
      {draft.family === 'netatmo_weather' && <p class="hint">{t('sign_in.weather')}</p>}
      <p class="hint">{t('sign_in.once')}</p>
      <FormError text={error} />
      <div class="row">
        <HubButton type="submit" kind="primary" busy={busy} testid="probe">
          {busy ? t('sign_in.asking') : t('sign_in.ask')}
        </HubButton>
        <button type="button" class="button button-quiet" onClick={back}>
          {t('add_device.back')}
        </button>
      </div>
    </form>
  );
}
