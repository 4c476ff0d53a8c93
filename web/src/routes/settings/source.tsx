// What a camera is called and where its stream comes from. A new address needs the camera's sign-in again.

import { useEffect, useState } from 'preact/hooks';

import type { CameraChange, CameraDetail } from '../../api/types.ts';
import { Choice, TextField } from '../../components/field.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { t } from '../../text/text.ts';
import type { Save } from './camera-settings.tsx';
import { InTheClear } from './in-the-clear.tsx';

export function Source({ detail, save }: { detail: CameraDetail; save: Save }) {
  const { settings } = detail;
  const [name, setName] = useState(settings.name);
  const [url, setUrl] = useState(settings.url);
  const [subUrl, setSubUrl] = useState(settings.sub_url ?? '');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    setName(settings.name);
    setUrl(settings.url);
    setSubUrl(settings.sub_url ?? '');
  }, [settings.name, settings.url, settings.sub_url]);
  const change: CameraChange = {
    ...(name.trim() !== settings.name ? { name: name.trim() } : {}),
    ...(url.trim() !== settings.url ? { url: url.trim() } : {}),
    ...(subUrl.trim() !== (settings.sub_url ?? '') ? { sub_url: subUrl.trim() } : {}),
  };
  // What is stored goes to no other place than the one it was given for.
  const needsSignIn = change.url !== undefined && detail.has_credentials;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const problem = await save({ ...change, ...(needsSignIn && username !== '' ? { username, password } : {}) }, t('settings.source'));
    setError(problem);
    if (problem !== null) return;
    setUsername('');
    setPassword('');
  };
  return (
    <section class="card" aria-labelledby="source">
      <h2 id="source">{t('settings.source')}</h2>
      <InTheClear detail={detail} use={setUrl} />
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t('add.name')} value={name} maxLength={64} required onInput={(event) => setName(event.currentTarget.value)} />
        <TextField label={t('add.url')} hint={t('add.url_hint')} name="camera-url" value={url} error={error} required spellcheck={false} onInput={(event) => setUrl(event.currentTarget.value)} />
        {needsSignIn && (
          <>
            <div class="field-pair">
              <TextField label={t('add.username')} name="source-user" value={username} autocomplete="off" onInput={(event) => setUsername(event.currentTarget.value)} />
              <TextField label={t('add.password')} name="source-password" type="password" value={password} autocomplete="new-password" onInput={(event) => setPassword(event.currentTarget.value)} />
            </div>
            <p class="hint">{t('clear.sign_in')}</p>
          </>
        )}
        <TextField label={t('settings.sub_url')} hint={t('settings.sub_url_hint')} value={subUrl} spellcheck={false} onInput={(event) => setSubUrl(event.currentTarget.value)} />
        <Choice
          label={t('settings.transport')}
          value={settings.transport}
          options={[['tcp', 'TCP'], ['udp', 'UDP']]}
          hint={settings.transport === 'tcp' ? t('settings.tcp_hint') : t('settings.udp_hint')}
          onChoose={(transport) => void save({ transport }, t('settings.transport'))}
        />
        {settings.certificate_pin && (
          <div class="field">
            <p class="label">{t('settings.pin')}</p>
            <p class="code fingerprint">{settings.certificate_pin.replace(/(..)(?!$)/g, '$1:').toUpperCase()}</p>
          </div>
        )}
        <HubButton type="submit" kind="primary" busy={Object.keys(change).length === 0} testid="source-save">
          {t('action.save')}
        </HubButton>
      </form>
    </section>
  );
}
