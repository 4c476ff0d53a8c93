// The authenticator app: set up with a code to scan or type, proved with its first code, with recovery codes that
// are shown once.

import { useState } from 'preact/hooks';

import { account, type Authenticator as Secret, type SecondFactor } from '../../api/account.ts';
import { ApiError } from '../../api/request.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { QrImage } from '../../qr/qr-image.tsx';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';

// Fewer are worth a word: each works once.
const FEW_CODES = 3;

export function Authenticator() {
  const [factor, again] = useFetch(() => account.secondFactor(), 'totp');
  return (
    <section class="card" aria-labelledby="authenticator" data-testid="authenticator" data-state={factor.data?.enabled ? 'on' : 'off'}>
      <h2 id="authenticator">{t('totp.title')}</h2>
      <p class="muted">{t('totp.text')}</p>
      {factor.data && <Loaded factor={factor.data} again={again} />}
      {!factor.data && factor.state === 'loading' && <Loading what={t('totp.title')} shape="form" />}
      {!factor.data && factor.state === 'error' && <ErrorCard what={t('totp.failed')} error={factor.error} retry={again} />}
    </section>
  );
}

function Loaded({ factor, again }: { factor: SecondFactor; again: () => void }) {
  const [secret, setSecret] = useState<Secret | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const { busy, error, run } = useAction();
  const begin = (): Promise<boolean> => run(async () => setSecret(await account.beginAuthenticator()));
  const renew = (): Promise<boolean> => run(async () => setCodes(await account.newRecoveryCodes()));
  return (
    <>
      {factor.enabled ? (
        <>
          <p class="state-line">
            <span class="badge badge-ok">
              <Icon name="check" size={12} />
              {t('totp.on')}
            </span>
            <span class={factor.recovery_codes < FEW_CODES ? 'warn-text' : 'muted'}>{t('totp.left', { n: factor.recovery_codes })}</span>
          </p>
          <div class="row">
            <HubButton onClick={() => void renew()} busy={busy}>
              {t('totp.new_codes')}
            </HubButton>
            <HubButton onClick={() => setRemoving(true)} testid="totp-remove">
              {t('totp.remove')}
            </HubButton>
          </div>
        </>
      ) : (
        <HubButton kind="primary" onClick={() => void begin()} busy={busy} testid="totp-begin">
          <Icon name="smartphone" />
          {t('totp.begin')}
        </HubButton>
      )}
      <FormError text={error} />
      {secret && (
        <SetUp
          secret={secret}
          close={() => setSecret(null)}
          done={(next) => {
            setSecret(null);
            setCodes(next);
            again();
          }}
        />
      )}
      {codes && (
        <SecretOnce
          title={t('totp.codes')}
          text={t('totp.codes_text')}
          lines={codes}
          file="hearthwatch-recovery-codes.txt"
          close={() => {
            setCodes(null);
            again();
          }}
        />
      )}
      {isRemoving && (
        <Confirm
          title={t('totp.remove_question')}
          confirm={t('totp.remove')}
          action={() => account.removeAuthenticator()}
          close={() => setRemoving(false)}
          done={() => {
            setRemoving(false);
            succeeded(t('totp.removed'));
            again();
          }}
        >
          <p>{t('totp.remove_text', { n: factor.recovery_codes })}</p>
        </Confirm>
      )}
    </>
  );
}

const wordsOf = (error: unknown): string => (error instanceof ApiError && error.code === 'wrong_second_factor' ? t('totp.wrong') : reasonOf(error));

function SetUp({ secret, close, done }: { secret: Secret; close: () => void; done: (codes: string[]) => void }) {
  const [code, setCode] = useState('');
  const { busy, error, run } = useAction(wordsOf);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void run(async () => done(await account.confirmAuthenticator(code.replaceAll(' ', ''))));
  };
  return (
    <Dialog title={t('totp.begin')} onClose={close} testid="totp-dialog">
      <p>{t('totp.scan')}</p>
      <div class="qr-row">
        <QrImage text={secret.uri} label={t('totp.qr')} />
        <div class="grow">
          <p class="label">{t('totp.type')}</p>
          <p class="code fingerprint" data-testid="totp-secret">
            {secret.secret.replace(/(.{4})(?!$)/g, '$1 ')}
          </p>
          <p class="hint">
            <a href={secret.uri}>{t('totp.open')}</a>
          </p>
        </div>
      </div>
      <form onSubmit={submit}>
        <TextField label={t('totp.code')} hint={t('totp.code_hint')} name="totp" class="code-input" inputMode="numeric" autocomplete="one-time-code" required autoFocus maxLength={8} value={code} error={error} onInput={(event) => setCode(event.currentTarget.value)} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy} testid="totp-confirm">
            {t('totp.confirm')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
