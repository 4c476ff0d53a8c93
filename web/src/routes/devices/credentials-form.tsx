// New credentials for a device: tried once, and kept only if the device takes them.

import { useState } from 'preact/hooks';

import { devices as api, type Device } from '../../api/devices.ts';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { keepDevice } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';

export function CredentialsForm({ device }: { device: Device }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const { busy, error, run } = useAction();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const isDone = await run(async () => keepDevice(await api.renewCredentials(device.id, username.trim(), password)));
    if (!isDone) return;
    setPassword('');
    succeeded(t('credentials.done', { device: device.name }));
  };
  return (
    <form onSubmit={(event) => void submit(event)} data-testid="credentials-form">
      <div class="field-pair">
        <TextField label={t('add.username')} value={username} required autocomplete="off" name="device-user" onInput={(event) => setUsername(event.currentTarget.value)} />
        <TextField label={t('add.password')} type="password" value={password} required autocomplete="new-password" name="device-password" onInput={(event) => setPassword(event.currentTarget.value)} />
      </div>
      <p class="hint">{t('credentials.hint')}</p>
      <FormError text={error} />
      <HubButton type="submit" kind="primary" busy={busy} testid="credentials-submit">
        {busy ? t('credentials.trying') : t('credentials.submit')}
      </HubButton>
    </form>
  );
}
