// Adds a device in four steps: find it, sign in and hear it answer, name it, and pin what it showed.

import { useEffect, useState } from 'preact/hooks';

import { devices as api, type Probe } from '../../api/devices.ts';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { usePage } from '../../components/use-page.ts';
import { go, place, replace } from '../../router/router.ts';
import { keepDevice, presence } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { EMPTY, STEPS, readDraft, stepFor, type Draft, type Step } from './add-draft.ts';
import { NAME_MAX } from './device-settings.tsx';
import { FindStep } from './find-step.tsx';
import { NotInHub } from './not-in-hub.tsx';
import { NameStep, PinStep } from './name-step.tsx';
import { SignInStep } from './sign-in-step.tsx';

const KEPT = 'hearthwatch.add-device';

/** The draft, kept in this tab until it is done. */
function useDraft(): [Draft, (change: Partial<Draft>) => void] {
  const [draft, setDraft] = useState(() => readDraft(sessionStorage.getItem(KEPT)));
  const change = (next: Partial<Draft>): void =>
    setDraft((before) => {
      const after = { ...before, ...next };
      sessionStorage.setItem(KEPT, JSON.stringify(after));
      return after;
    });
  return [draft, change];
}

export function AddDevice() {
  const heading = usePage(t('devices.add'));
  const [draft, change] = useDraft();
  const [password, setPassword] = useState('');
  const [probe, setProbe] = useState<Probe | null>(null);
  const { busy, error, run, clear } = useAction();
  const wanted = place.value.query.get('step');
  const step = stepFor(wanted, draft, probe !== null);
  const to = (next: Step): void => {
    clear();
    go(`/devices/add?step=${next}`);
  };
  useEffect(() => {
    if (wanted !== null && wanted !== step) replace(`/devices/add?step=${step}`);
  }, [wanted, step]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [step]);

  const secrets = { ...(draft.username.trim() ? { username: draft.username.trim() } : {}), ...(password ? { password } : {}) };
  const ask = async (): Promise<void> => {
    const isHeard = await run(async () => {
      const said = await api.probe({ family: draft.family, address: draft.address.trim(), ...secrets });
      setProbe(said);
      if (draft.name.trim() === '' && said.name) change({ name: said.name.slice(0, NAME_MAX) });
    });
    if (isHeard) to('name');
  };
  const add = async (): Promise<void> => {
    await run(async () => {
      const device = await api.add({
        name: draft.name.trim(),
        family: draft.family,
        address: draft.address.trim(),
        ...secrets,
        ...(draft.room.trim() ? { room: draft.room.trim() } : {}),
        ...(draft.camera ? { camera: draft.camera } : {}),
        ...(probe?.fingerprint ? { fingerprint: probe.fingerprint } : {}),
      });
      keepDevice(device);
      sessionStorage.removeItem(KEPT);
      succeeded(t('add_device.done', { device: device.name }));
      go(`/devices/${device.id}`);
    });
  };
  const restart = (): void => {
    change(EMPTY);
    sessionStorage.removeItem(KEPT);
    setPassword('');
    setProbe(null);
    to('find');
  };
  if (presence.value.devices === 'missing') return <NotInHub title={t('nav.devices')} icon="house-plug" />;
  const isResumed = wanted !== null && wanted !== 'find' && wanted !== 'sign-in' && probe === null;
  return (
    <div class="narrow" data-testid="add-device" data-step={step}>
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/devices" aria-label={t('device.back')} title={t('device.back')}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1}>
            {t('devices.add')}
          </h1>
        </div>
      </header>
      <ol class="wizard-steps" aria-label={t('add_device.steps')}>
        {STEPS.map((name, index) => (
          <li key={name} aria-current={name === step ? 'step' : undefined} data-state={index < STEPS.indexOf(step) ? 'done' : undefined}>
            <span class="step-number">{index + 1}</span> {t(`step_name.${name}`)}
          </li>
        ))}
      </ol>
      {step === 'find' && (
        <FindStep
          draft={draft}
          choose={(next) => {
            change(next);
            setProbe(null);
            to('sign-in');
          }}
        />
      )}
      {step === 'sign-in' && <SignInStep draft={draft} change={change} password={password} setPassword={setPassword} isResumed={isResumed} busy={busy} error={error} ask={() => void ask()} back={() => to('find')} />}
      {step === 'name' && probe && <NameStep draft={draft} change={change} probe={probe} next={() => to('pin')} back={() => to('sign-in')} />}
      {step === 'pin' && probe && <PinStep draft={draft} probe={probe} busy={busy} error={error} add={() => void add()} back={() => to('name')} restart={restart} />}
    </div>
  );
}
