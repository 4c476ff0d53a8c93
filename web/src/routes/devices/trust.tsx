// How far the device can be trusted on the network, its credentials, and how it is removed.

import { useState } from 'preact/hooks';

import { devices as api, type Device } from '../../api/devices.ts';
import { Confirm } from '../../components/confirm.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { go } from '../../router/router.ts';
import { dropDevice } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { t, tCode } from '../../text/text.ts';
import { CredentialsForm } from './credentials-form.tsx';
import { Fingerprint } from './fingerprint.tsx';

export function Trust({ device }: { device: Device }) {
  const [isRemoving, setRemoving] = useState(false);
  return (
    <>
      <section class="card" aria-labelledby="trust">
        <h2 id="trust">{t('trust.title')}</h2>
        <p>{device.transport === null ? t('device.transport_unknown') : tCode('transport_text', device.transport)}</p>
        {device.weakness && <p class="hint-warn">{tCode('weakness_text', device.weakness)}</p>}
        {device.fingerprint && (
          <>
            <p class="label">{t('certificate.pinned')}</p>
            <Fingerprint of={device.fingerprint} testid="fingerprint" />
          </>
        )}
        {device.state !== 'wrong_password' && (
          <details class="more">
            <summary>{t('credentials.renew')}</summary>
            <CredentialsForm device={device} />
          </details>
        )}
      </section>
      <section class="card danger-card" aria-labelledby="remove">
        <h2 id="remove">{t('remove.title')}</h2>
        <p>{t('device_remove.text')}</p>
        <HubButton kind="danger" onClick={() => setRemoving(true)} testid="device-remove">
          <Icon name="trash-2" />
          {t('device_remove.open')}
        </HubButton>
      </section>
      {isRemoving && <Remove device={device} close={() => setRemoving(false)} />}
    </>
  );
}

function Remove({ device, close }: { device: Device; close: () => void }) {
  const done = (): void => {
    close();
    dropDevice(device.id);
    succeeded(t('device_remove.done', { device: device.name }));
    go('/devices');
  };
  return (
    <Confirm title={t('remove.question', { camera: device.name })} confirm={t('remove.confirm', { camera: device.name })} action={() => api.remove(device.id)} close={close} done={done}>
      <ul class="plain-list">
        <li>{device.fingerprint ? t('device_remove.secrets_pin') : t('device_remove.secrets')}</li>
        <li>{device.history === 'on' ? t('device_remove.history') : t('device_remove.no_history')}</li>
        <li>{t('device_remove.rules')}</li>
        {device.camera && <li>{t('device_remove.camera')}</li>}
      </ul>
      <p class="strong">{t('device_remove.final')}</p>
    </Confirm>
  );
}
