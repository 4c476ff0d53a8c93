// Whose being at home the alarm takes from devices: a phone that answers is taken to be where its owner is.

import { useEffect, useState } from 'preact/hooks';

import type { AlarmSetup } from '../../api/alarm.ts';
import type { Device } from '../../api/devices.ts';
import { Checks } from '../../components/checks.tsx';
import { Choice, Switch, TextField } from '../../components/field.tsx';
import { devices, loadDevices } from '../../state/devices.ts';
import { t } from '../../text/text.ts';
import { EMPTY_MAX, EMPTY_MIN, whenEmpty, withPresence } from './setup-draft.ts';

// What hangs on a wire, or never answered, can tell of nobody's coming and going.
const canLeave = (device: Device): boolean => device.transport !== 'wired' && device.state !== 'unsupported' && (device.answered_at !== null || device.readings.length > 0);

export function PresenceCard({ draft, change }: { draft: AlarmSetup; change: (next: AlarmSetup) => void }) {
  useEffect(() => {
    if (devices.peek() === null) void loadDevices();
  }, []);
  const { presence } = draft;
  // A hub of an older version looks at no devices for this.
  if (!presence) return null;
  const known = devices.value ?? [];
  const listed = known.filter((device) => canLeave(device) || presence.devices.includes(device.id)).map((device): [string, string] => [device.id, device.room ? `${device.name} (${device.room})` : device.name]);
  const gone = presence.devices.filter((id) => !known.some((device) => device.id === id)).map((id): [string, string] => [id, t('chip.gone')]);
  const options = [...listed, ...gone];
  const allowed = whenEmpty(draft);
  return (
    <section class="card" aria-labelledby="presence" data-testid="presence">
      <h2 id="presence">{t('presence.title')}</h2>
      <p class="muted section-text">{t('presence.text')}</p>
      {options.length === 0 ? <p>{t('presence.no_devices')}</p> : <Checks label={t('presence.devices')} options={options} chosen={presence.devices} onChange={(chosen) => change(withPresence(draft, { devices: [...chosen] }))} />}
      {presence.devices.length > 0 && (
        <>
          <MinutesField value={presence.empty_minutes} onInput={(empty_minutes) => change(withPresence(draft, { empty_minutes }))} />
          <Choice label={t('presence.then')} hint={allowed.includes('arm_away') ? t(`presence_hint.${presence.then}`) : t('presence.no_away')} value={presence.then} options={allowed.map((what) => [what, t(`presence_then.${what}`)] as const)} onChoose={(then) => change(withPresence(draft, { then }))} testid="presence-then" />
          <Switch label={t('presence.welcome')} hint={t('presence.welcome_hint')} on={presence.welcome === 'tell'} onChange={(on) => change(withPresence(draft, { welcome: on ? 'tell' : 'nothing' }))} />
        </>
      )}
    </section>
  );
}

/** What is no number of minutes counts as none, so that it is not saved. */
function MinutesField({ value, onInput }: { value: number; onInput: (minutes: number) => void }) {
  const [text, setText] = useState(String(value));
  const take = (next: string): void => {
    setText(next);
    onInput(/^\d{1,4}$/.test(next.trim()) ? Number(next) : Number.NaN);
  };
  return <TextField label={t('presence.minutes')} hint={t('presence.minutes_hint', { min: EMPTY_MIN, max: EMPTY_MAX })} name="empty-minutes" inputMode="numeric" class="short" value={text} autocomplete="off" onInput={(event) => take(event.currentTarget.value)} />;
}
