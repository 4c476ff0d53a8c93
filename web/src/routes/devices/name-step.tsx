// Last steps: what the device answered and what it is called, and then what is pinned when it is added.

import type { Probe } from '../../api/devices.ts';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { cameras } from '../../state/cameras.ts';
import { t, tCode } from '../../text/text.ts';
import type { Draft } from './add-draft.ts';
import { SpeechBadges } from './badges.tsx';
import { NAME_MAX } from './device-settings.tsx';
import { Fingerprint } from './fingerprint.tsx';
import { CameraSelect, RoomField } from './place-fields.tsx';
import { controlName, kindText, quantity, readingName, valueText } from './words.ts';

/** What it said, as proof that it is the right one. */
function Answer({ probe }: { probe: Probe }) {
  return (
    <section class="card" aria-labelledby="answer" data-testid="probe-answer">
      <h2 id="answer">
        <Icon name="check" /> {t('probe.title')}
      </h2>
      <p class="row">
        <span class="strong" dir="auto">
          {kindText(probe)}
        </span>
        {probe.firmware && (
          <span class="muted" dir="auto">
            {t('probe.firmware', { version: probe.firmware })}
          </span>
        )}
        <SpeechBadges speech={probe} />
      </p>
      <dl class="fact-list">
        {probe.readings.map((reading) => (
          <div key={reading.key}>
            <dt>{readingName(reading.key)}</dt>
            <dd class="tabular">{quantity(reading.value, reading.unit)}</dd>
          </div>
        ))}
        {probe.controls.map((control) => (
          <div key={control.key}>
            <dt>{controlName(control.key)}</dt>
            <dd>{control.kind === 'action' ? t('probe.action') : valueText(control)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function NameStep({ draft, change, probe, next, back }: { draft: Draft; change: (next: Partial<Draft>) => void; probe: Probe; next: () => void; back: () => void }) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (draft.name.trim() !== '') next();
  };
  const isCamera = draft.family.endsWith('_camera') || draft.family === 'onvif' || draft.family.startsWith('gpio_');
  return (
    <>
      <Answer probe={probe} />
      <form class="card" onSubmit={submit} aria-labelledby="naming">
        <h2 id="naming">{t('step_name.name')}</h2>
        <TextField label={t('add.name')} value={draft.name} maxLength={NAME_MAX} required autocomplete="off" name="device-name" onInput={(event) => change({ name: event.currentTarget.value })} />
        <RoomField value={draft.room} onInput={(room) => change({ room })} />
        {isCamera && (cameras.value ?? []).length > 0 && <CameraSelect value={draft.camera} onChoose={(camera) => change({ camera })} />}
        <div class="row">
          <HubButton type="submit" kind="primary" busy={draft.name.trim() === ''} testid="name-next">
            {t('add_device.next')}
          </HubButton>
          <button type="button" class="button button-quiet" onClick={back}>
            {t('add_device.back')}
          </button>
        </div>
      </form>
    </>
  );
}

export function PinStep({ draft, probe, busy, error, add, back, restart }: { draft: Draft; probe: Probe; busy: boolean; error: string | null; add: () => void; back: () => void; restart: () => void }) {
  return (
    <section class="card" aria-labelledby="pin" data-testid="pin-step">
      <h2 id="pin">{t('step_name.pin')}</h2>
      <p class="row">
        <SpeechBadges speech={probe} />
      </p>
      {probe.transport !== null && <p>{tCode('transport_text', probe.transport)}</p>}
      {probe.weakness && <p class="hint-warn">{tCode('weakness_text', probe.weakness)}</p>}
      {probe.fingerprint ? (
        <>
          <p class="label">{t('pin.fingerprint')}</p>
          <Fingerprint of={probe.fingerprint} testid="fingerprint" />
          <p class="hint">{t('pin.text')}</p>
        </>
      ) : (
        <p class="muted">{t('pin.none')}</p>
      )}
      <FormError text={error} />
      <div class="row">
        <HubButton kind="primary" busy={busy} onClick={add} testid="device-submit">
          {busy ? t('add.busy') : t('pin.add', { device: draft.name.trim() })}
        </HubButton>
        <button type="button" class="button button-quiet" onClick={back}>
          {t('add_device.back')}
        </button>
        <button type="button" class="button button-quiet" onClick={restart}>
          {t('add_device.restart')}
        </button>
      </div>
    </section>
  );
}
