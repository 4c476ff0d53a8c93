// What the alarm watches in each mode, how long it waits, what sounds, and when the mode changes by itself.

import { useState } from 'preact/hooks';

import { ARMED_MODES, alarm as api, type AlarmSetup } from '../../api/alarm.ts';
import { rules, type Vocabulary } from '../../api/rules.ts';
import { Checks } from '../../components/checks.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { loadAlarm } from '../../state/alarm.ts';
import { isMissing } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { ModeCard } from './mode-card.tsx';
import { PresenceCard } from './presence-card.tsx';
import { ScheduleCard } from './schedule-card.tsx';
import { SecondsField } from './seconds-field.tsx';
import { SIREN_MAX, flawOf, withMode, withSchedule, withSiren } from './setup-draft.ts';

export function AlarmSettingsPage() {
  const [found, again] = useFetch(() => Promise.all([api.setup(), rules.vocabulary()]), 'alarm-setup');
  if (found.data) return <Editor key={JSON.stringify(found.data[0])} stored={found.data[0]} vocabulary={found.data[1]} again={again} />;
  if (found.state === 'loading') return <Loading what={t('alarm.settings')} shape="form" />;
  if (isMissing(found.error)) return <p class="note">{t('alarm.missing')}</p>;
  return <ErrorCard what={t('alarm.settings_failed')} error={found.error} retry={again} />;
}

function Editor({ stored, vocabulary, again }: { stored: AlarmSetup; vocabulary: Vocabulary; again: () => void }) {
  const [draft, setDraft] = useState(stored);
  const { busy, error, run, clear } = useAction();
  const isChanged = JSON.stringify(draft) !== JSON.stringify(stored);
  const flaw = flawOf(draft);
  const change = (next: AlarmSetup): void => {
    clear();
    setDraft(next);
  };
  const save = async (): Promise<void> => {
    if (!(await run(() => api.setSetup(draft)))) return;
    succeeded(t('alarm.saved'));
    void loadAlarm();
    again();
  };
  const { modes } = draft.settings;
  return (
    <div class="narrow alarm-settings">
      <p class="muted section-text">{t('alarm.settings_text')}</p>
      {ARMED_MODES.map((mode) => (
        <ModeCard key={mode} mode={mode} settings={modes[mode] ?? null} vocabulary={vocabulary} onChange={(next) => change(withMode(draft, mode, next))} />
      ))}
      <Sirens draft={draft} vocabulary={vocabulary} change={change} />
      <PresenceCard draft={draft} change={change} />
      <ScheduleCard schedule={draft.settings.schedule} modes={ARMED_MODES.filter((mode) => modes[mode])} onChange={(schedule) => change(withSchedule(draft, schedule))} />
      <FormError text={error} />
      {isChanged && (
        <div class="save-bar" data-testid="alarm-save-bar">
          <p class={flaw ? 'grow bad-text' : 'grow'}>{flaw ? t(`alarm_flaw.${flaw}`) : t('alarm.unsaved')}</p>
          <button type="button" class="button" onClick={() => change(stored)}>
            {t('alarm.discard')}
          </button>
          <HubButton kind="primary" busy={busy || flaw !== null} onClick={() => void save()} testid="alarm-save">
            {t('action.save')}
          </HubButton>
        </div>
      )}
    </div>
  );
}

/** Devices that sound by themselves, and plugs that something that sounds may hang on. */
const canSound = (kind: string | undefined): boolean => kind === 'siren' || kind === 'plug';

function Sirens({ draft, vocabulary, change }: { draft: AlarmSetup; vocabulary: Vocabulary; change: (next: AlarmSetup) => void }) {
  const options = vocabulary.devices.filter((device) => canSound(device.kind) || device.parts?.some((part) => part.id === 'siren') || draft.sirens.includes(device.id)).map((device) => [device.id, device.name] as const);
  return (
    <section class="card" aria-labelledby="sirens" data-testid="sirens">
      <h2 id="sirens">{t('sirens.title')}</h2>
      <p class="muted">{t('sirens.text')}</p>
      {options.length === 0 ? <p>{t('sirens.none')}</p> : <Checks label={t('sirens.which')} options={options} chosen={draft.sirens} onChange={(sirens) => change({ ...draft, sirens: [...sirens] })} />}
      <SecondsField label={t('sirens.seconds')} hint={t('sirens.seconds_hint', { max: SIREN_MAX })} name="siren-seconds" value={draft.settings.siren_seconds} onInput={(seconds) => change(withSiren(draft, seconds))} />
    </section>
  );
}
