// The OpenID Connect provider of the house. Its secret goes in and never comes out.

import { useState } from 'preact/hooks';

import { provider, type Provider, type ProviderSetting } from '../../api/provider.ts';
import { Confirm } from '../../components/confirm.tsx';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { succeeded } from '../../state/messages.ts';
import { welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';

export function SignInProvider() {
  const [setting, again] = useFetch(() => provider.setting(), 'sign-in-provider');
  return (
    <section class="narrow" aria-label={t('provider.title')}>
      <div class="section-head">
        <p class="muted section-text">{t('provider.setting_text')}</p>
      </div>
      {!setting.data && setting.state === 'loading' && <Loading what={t('provider.title')} shape="form" />}
      {setting.state === 'error' && <ErrorCard what={t('provider.failed')} error={setting.error} retry={again} />}
      {setting.data && <ProviderForm key={setting.data.provider?.issuer ?? ''} setting={setting.data} again={again} />}
    </section>
  );
}

function announce(name: string | null): void {
  if (welcome.value) welcome.value = { ...welcome.value, sign_in_provider: name };
}

function ProviderForm({ setting, again }: { setting: ProviderSetting; again: () => void }) {
  const now: Provider | null = setting.provider;
  const [name, setName] = useState(now?.name ?? '');
  const [issuer, setIssuer] = useState(now?.issuer ?? '');
  const [client, setClient] = useState(now?.client_id ?? '');
  const [secret, setSecret] = useState('');
  const [certificate, setCertificate] = useState(now?.certificate_sha256 ?? '');
  const [isRemoving, setRemoving] = useState(false);
  const { busy, error, run } = useAction();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const isDone = await run(() =>
      provider.set({ name: name.trim(), issuer: issuer.trim(), client_id: client.trim(), ...(secret && { client_secret: secret }), ...(certificate.trim() && { certificate_sha256: certificate.trim() }) }),
    );
    if (!isDone) return;
    setSecret('');
    announce(name.trim());
    succeeded(t('provider.saved', { name: name.trim() }));
    again();
  };
  return (
    <form class="card" onSubmit={(event) => void submit(event)} data-testid="provider-form">
      <TextField label={t('provider.name')} name="provider-name" value={name} required maxLength={40} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
      <TextField label={t('provider.issuer')} hint={t('provider.issuer_hint')} name="issuer" type="url" value={issuer} required autocomplete="off" spellcheck={false} onInput={(event) => setIssuer(event.currentTarget.value)} />
      <TextField label={t('provider.client')} name="client-id" value={client} required maxLength={256} autocomplete="off" spellcheck={false} onInput={(event) => setClient(event.currentTarget.value)} />
      <TextField label={t('provider.secret')} hint={t('provider.secret_hint')} name="client-secret" type="password" value={secret} autocomplete="off" onInput={(event) => setSecret(event.currentTarget.value)} />
      <TextField label={t('provider.certificate')} hint={t('provider.certificate_hint')} name="certificate" value={certificate} autocomplete="off" spellcheck={false} onInput={(event) => setCertificate(event.currentTarget.value)} />
      <p class="hint">
        {t('provider.redirect')} <code data-testid="provider-redirect">{setting.redirect_uri}</code>
      </p>
      <FormError text={error} />
      <div class="row">
        <HubButton type="submit" kind="primary" busy={busy} testid="provider-save">
          {t('action.save')}
        </HubButton>
        {now && (
          <HubButton kind="danger" onClick={() => setRemoving(true)} testid="provider-remove">
            {t('action.remove')}
          </HubButton>
        )}
      </div>
      {now && isRemoving && (
        <Confirm
          title={t('provider.remove_question', { name: now.name })}
          confirm={t('action.remove')}
          action={() => provider.remove()}
          close={() => setRemoving(false)}
          done={() => {
            setRemoving(false);
            announce(null);
            succeeded(t('provider.removed', { name: now.name }));
            again();
          }}
        >
          <p>{t('provider.remove_text')}</p>
        </Confirm>
      )}
    </form>
  );
}
