// One mode of the alarm: whether the house has it, its delays, and what it watches.

import type { ArmedMode, ModeSettings, Watch } from '../../api/alarm.ts';
import type { Vocabulary } from '../../api/rules.ts';
import { Switch } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { ChoiceChip, ManyChip } from '../../components/word-chip.tsx';
import { t, tCode } from '../../text/text.ts';
import { SecondsField } from './seconds-field.tsx';
import { DELAY_MAX, WATCHES_MAX, newMode, newWatch, sensorId, withWatch } from './setup-draft.ts';

interface Properties {
  mode: ArmedMode;
  settings: ModeSettings | null;
  vocabulary: Vocabulary;
  onChange: (next: ModeSettings | null) => void;
}

// What is switched tells nothing of who comes in.
const IS_NO_SENSOR = new Set(['plug', 'light', 'siren']);

export function ModeCard({ mode, settings, vocabulary, onChange }: Properties) {
  return (
    <section class="card" aria-labelledby={`mode-${mode}`} data-testid="mode-card" data-mode={mode}>
      <h2 id={`mode-${mode}`}>{t(`mode.${mode}`)}</h2>
      <Switch label={t('modes.has')} hint={t(`mode_hint.${mode}`)} on={settings !== null} onChange={(on) => onChange(on ? newMode(mode) : null)} />
      {settings && <Fields mode={mode} settings={settings} vocabulary={vocabulary} onChange={onChange} />}
    </section>
  );
}

function Fields({ mode, settings, vocabulary, onChange }: Properties & { settings: ModeSettings }) {
  const change = (next: Partial<ModeSettings>): void => onChange({ ...settings, ...next });
  const watched = new Set(settings.watches.map((watch) => sensorId(watch.sensor)));
  const sensors = [...vocabulary.cameras, ...vocabulary.devices.filter((device) => !IS_NO_SENSOR.has(device.kind ?? ''))];
  const left = sensors.filter((sensor) => !watched.has(sensor.id));
  return (
    <>
      <div class="field-pair">
        <SecondsField label={t('modes.exit')} hint={t('modes.exit_hint', { max: DELAY_MAX })} name={`exit-${mode}`} value={settings.exit_seconds} onInput={(exit_seconds) => change({ exit_seconds })} />
        <SecondsField label={t('modes.entry')} hint={t('modes.entry_hint')} name={`entry-${mode}`} value={settings.entry_seconds} onInput={(entry_seconds) => change({ entry_seconds })} />
      </div>
      <h3>{t('modes.watches')}</h3>
      {settings.watches.length === 0 && <p class="hint hint-warn">{t('modes.watches_none')}</p>}
      <ul class="watch-list">
        {settings.watches.map((watch, index) => (
          <WatchRow key={sensorId(watch.sensor)} watch={watch} vocabulary={vocabulary} onChange={(next) => onChange(withWatch(settings, index, next))} />
        ))}
      </ul>
      {left.length > 0 && settings.watches.length < WATCHES_MAX && (
        <select class="small-select" aria-label={t('modes.add', { mode: t(`mode.${mode}`) })} value="" data-testid="watch-add" onChange={(event) => onChange(withWatch(settings, settings.watches.length, newWatch(event.currentTarget.value, vocabulary.labels)))}>
          <option value="">{t('modes.add_short')}</option>
          {left.map((sensor) => (
            <option key={sensor.id} value={sensor.id} dir="auto">
              {sensor.name}
            </option>
          ))}
        </select>
      )}
    </>
  );
}

function WatchRow({ watch, vocabulary, onChange }: { watch: Watch; vocabulary: Vocabulary; onChange: (next: Watch | null) => void }) {
  const id = sensorId(watch.sensor);
  const isCamera = 'camera' in watch.sensor;
  const name = [...vocabulary.cameras, ...vocabulary.devices].find((thing) => thing.id === id)?.name ?? t('chip.gone');
  return (
    <li class="watch-row" data-testid="watch" data-sensor={name}>
      <Icon name={isCamera ? 'cctv' : 'radar'} size={16} />
      <span class="strong grow" dir="auto">
        {name}
      </span>
      {isCamera && <ManyChip label={t('modes.labels_of', { name })} none={t('modes.anything')} options={vocabulary.labels.map((label) => [label, tCode('label', label)] as const)} chosen={watch.labels} onChange={(labels) => onChange({ ...watch, labels })} testid="watch-labels" />}
      <ChoiceChip label={t('modes.reaction_of', { name })} value={watch.reaction} options={[['delayed', t('reaction.delayed')], ['instant', t('reaction.instant')]]} onChoose={(reaction) => onChange({ ...watch, reaction })} testid="watch-reaction" />
      <button type="button" class="icon-button" aria-label={t('modes.remove', { name })} title={t('modes.remove', { name })} onClick={() => onChange(null)}>
        <Icon name="trash-2" />
      </button>
    </li>
  );
}
