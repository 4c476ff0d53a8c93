// What only a person can settle about a device: a changed certificate, a password it refuses, or a reason to look.

import { useState } from 'preact/hooks';

import { devices as api, type Device } from '../../api/devices.ts';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { second } from '../../state/clock.ts';
import { askAgain, keepDevice } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { isAdmin } from '../../state/session.ts';
import { t, tCode } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { CredentialsForm } from './credentials-form.tsx';
import { Fingerprint } from './fingerprint.tsx';

/** 32 bytes in hexadecimal, with or without colons. */
const FINGERPRINT = /^(sha256:)?([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i;

export function NeedsYou({ device }: { device: Device }) {
  if (device.state === 'answering' || device.state === 'not_asked_yet') return null;
  return (
    <section class="card needs-card" aria-labelledby="needs" data-testid="needs-you">
      <h2 id="needs">
        <Icon name="triangle-alert" />
        {tCode('device_state', device.state)}
      </h2>
      <p>
        <span dir="auto">{device.reason ?? t('reason.unknown')}</span> {t('device.since', { time: moment(Date.parse(device.since), second.value) })}
      </p>
      {isAdmin.value && device.state === 'certificate_changed' && <Certificate device={device} />}
      {isAdmin.value && device.state === 'wrong_password' && <CredentialsForm device={device} />}
      {(device.state === 'unreachable' || device.state === 'malformed') && <p class="muted">{t('device.tries')}</p>}
      {device.state === 'locked_out' && <p class="muted">{t('device.locked')}</p>}
      {(!isAdmin.value || (device.state !== 'certificate_changed' && device.state !== 'wrong_password')) && (
        <HubButton onClick={() => void askAgain(device.id)}>
          <Icon name="rotate-cw" />
          {t('device.look_again')}
        </HubButton>
      )}
    </section>
  );
}

const plain = (typed: string): string => `sha256:${typed.trim().replace(/^sha256:/i, '').replaceAll(':', '').toLowerCase()}`;

/** Both fingerprints to compare; where the hub does not tell the new one, it is typed from the device. */
function Certificate({ device }: { device: Device }) {
  const [typed, setTyped] = useState('');
  const { busy, error, run } = useAction();
  const presented = device.shown_fingerprint ?? null;
  const isWrong = presented === null && typed !== '' && !FINGERPRINT.test(typed.trim());
  const wanted = presented ?? (FINGERPRINT.test(typed.trim()) ? plain(typed) : null);
  const confirm = async (): Promise<void> => {
    if (wanted === null) return;
    const isDone = await run(async () => keepDevice(await api.confirmCertificate(device.id, wanted)));
    if (isDone) succeeded(t('certificate.done', { device: device.name }));
  };
  return (
    <>
      <p>{t('certificate.text')}</p>
      <p class="label">{t('certificate.pinned')}</p>
      {device.fingerprint ? <Fingerprint of={device.fingerprint} /> : <p>{t('device.unknown')}</p>}
      {presented !== null && (
        <>
          <p class="label">{t('certificate.presented')}</p>
          <Fingerprint of={presented} testid="presented" />
        </>
      )}
      {presented === null && <TextField label={t('certificate.type')} hint={t('certificate.type_hint')} error={isWrong ? t('certificate.wrong') : null} value={typed} spellcheck={false} autocomplete="off" onInput={(event) => setTyped(event.currentTarget.value)} />}
      <FormError text={error} />
      <HubButton kind="danger" busy={busy || wanted === null} onClick={() => void confirm()} testid="certificate-confirm">
        {t('certificate.confirm')}
      </HubButton>
    </>
  );
}
