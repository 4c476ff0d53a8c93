// Then: what is done, one sentence of chips for each thing.

import type { Mode } from '../../api/alarm.ts';
import type { Action, ActionKind, Finding, Thing, Vocabulary } from '../../api/rules.ts';
import type { Severity } from '../../api/types.ts';
import { Icon } from '../../components/icon.tsx';
import { ChoiceChip, ManyChip, NumberChip, TextChip } from '../../components/word-chip.tsx';
import { t } from '../../text/text.ts';
import { ControlChips, ValueChip } from './device-chips.tsx';
import { DurationChip } from './duration-chip.tsx';
import { FindingNote } from './finding-note.tsx';
import { ACTIONS_MAX, kindOfAction, newAction } from './tree.ts';

const KINDS: readonly ActionKind[] = ['notify', 'hold_clip', 'record', 'alert', 'siren', 'switch', 'set', 'arm', 'privacy', 'preset', 'webhook', 'mqtt', 'log'];
const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];
const MODES: readonly Mode[] = ['disarmed', 'home', 'away', 'night', 'vacation'];
const TEXT_MAX = 200;
const DAYS_MAX = 366;
const SIREN_MAX = 600;

interface Properties {
  actions: readonly Action[];
  name: string;
  vocabulary: Vocabulary;
  findings: readonly Finding[];
  onChange: (actions: Action[]) => void;
}

/** What this house has nothing for is not offered. */
function isPossible(kind: ActionKind, { devices, cameras, channels }: Vocabulary): boolean {
  if (kind === 'switch') return devices.some((device) => device.kind === 'plug' || device.kind === 'light');
  if (kind === 'set') return devices.some((device) => (device.parts?.length ?? 0) > 0);
  if (kind === 'preset') return cameras.some((camera) => camera.parts?.some((part) => part.kind === 'preset'));
  return kind === 'webhook' || kind === 'mqtt' ? channels.length > 0 : true;
}

export function ActionEditor({ actions, name, vocabulary, findings, onChange }: Properties) {
  const change = (index: number, next: Action): void => onChange(actions.map((action, at) => (at === index ? next : action)));
  return (
    <div class="condition" data-testid="actions">
      <ul class="condition-list">
        {actions.map((action, index) => (
          <li key={index} class="condition-line" data-testid="action-line" data-kind={kindOfAction(action)}>
            <div class="sentence">
              <span class="strong">{t(`do.${kindOfAction(action)}`)}</span>
              <ActionChips action={action} vocabulary={vocabulary} onChange={(next) => change(index, next)} />
              <button type="button" class="icon-button" aria-label={t('rule.remove_action', { n: index + 1 })} title={t('rule.remove_action', { n: index + 1 })} onClick={() => onChange(actions.filter((_, at) => at !== index))}>
                <Icon name="x" size={16} />
              </button>
            </div>
            {findings.filter((finding) => finding.at === `then.${index}`).map((finding) => (
              <FindingNote key={finding.code} finding={finding} />
            ))}
          </li>
        ))}
      </ul>
      {actions.length === 0 && <p class="hint hint-warn">{t('rule.nothing_done')}</p>}
      <select
        class="small-select add-part"
        aria-label={t('rule.add_action')}
        value=""
        disabled={actions.length >= ACTIONS_MAX}
        data-testid="action-add"
        onChange={(event) => {
          if (event.currentTarget.value !== '') onChange([...actions, newAction(event.currentTarget.value as ActionKind, vocabulary, name)]);
          event.currentTarget.value = '';
        }}
      >
        <option value="">{t('rule.add_action')}</option>
        {KINDS.filter((kind) => isPossible(kind, vocabulary)).map((kind) => (
          <option key={kind} value={kind}>
            {t(`do.${kind}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

interface ChipProperties {
  action: Action;
  vocabulary: Vocabulary;
  onChange: (action: Action) => void;
}

const named = (things: readonly Thing[]): [string, string][] => things.map(({ id, name }) => [id, name]);
const severities = (): [Severity, string][] => SEVERITIES.map((severity) => [severity, t(`severity.${severity}`)]);
const onOff = (): ['on' | 'off', string][] => [['on', t('control.is_on')], ['off', t('control.is_off')]];

function ActionChips({ action, vocabulary, onChange }: ChipProperties) {
  if ('notify' in action) {
    const { notify } = action;
    return (
      <>
        <ManyChip label={t('rule.recipients')} none={t('rule.everybody')} options={named(vocabulary.recipients)} chosen={notify.to} onChange={(to) => onChange({ notify: { ...notify, to } })} testid="recipients-chip" />
        <ChoiceChip label={t('rule.severity')} value={notify.severity} options={severities()} onChoose={(severity) => onChange({ notify: { ...notify, severity } })} />
        <ChoiceChip label={t('rule.picture')} value={notify.picture ? 'yes' : 'no'} options={[['yes', t('word.with_picture')], ['no', t('word.without_picture')]]} onChoose={(picture) => onChange({ notify: { ...notify, picture: picture === 'yes' } })} />
        <TextChip label={t('rule.text')} value={notify.text ?? ''} placeholder={t('rule.text_usual')} maxLength={TEXT_MAX} onInput={(text) => onChange({ notify: { to: notify.to, severity: notify.severity, picture: notify.picture, ...(text.trim() === '' ? {} : { text }) } })} />
      </>
    );
  }
  if ('record' in action) {
    const { record } = action;
    return (
      <>
        <ManyChip label={t('rule.cameras')} none={t('rule.where_it_happened')} options={named(vocabulary.cameras)} chosen={record.cameras} onChange={(cameras) => onChange({ record: { ...record, cameras } })} />
        <span>{t('word.for')}</span>
        <DurationChip label={t('rule.for')} seconds={record.seconds} onChange={(seconds) => onChange({ record: { ...record, seconds } })} />
      </>
    );
  }
  if ('hold_clip' in action) {
    const hold = action.hold_clip;
    return (
      <>
        <DurationChip label={t('rule.before')} seconds={hold.before_seconds} none={t('rule.no_time')} onChange={(before_seconds) => onChange({ hold_clip: { ...hold, before_seconds } })} />
        <span>{t('word.before')}</span>
        <DurationChip label={t('rule.after')} seconds={hold.after_seconds} none={t('rule.no_time')} onChange={(after_seconds) => onChange({ hold_clip: { ...hold, after_seconds } })} />
        <span>{t('word.after')}</span>
        <NumberChip label={t('rule.days')} value={hold.days} min={1} max={DAYS_MAX} onInput={(days) => onChange({ hold_clip: { ...hold, days } })} />
        <span>{t('word.days')}</span>
      </>
    );
  }
  if ('alert' in action) {
    const { alert } = action;
    return (
      <>
        <ChoiceChip label={t('rule.severity')} value={alert.severity} options={severities()} onChoose={(severity) => onChange({ alert: { ...alert, severity } })} />
        <TextChip label={t('rule.title')} value={alert.title} placeholder={t('rule.title')} maxLength={TEXT_MAX} onInput={(title) => onChange({ alert: { ...alert, title } })} />
      </>
    );
  }
  return <DeviceActionChips action={action} vocabulary={vocabulary} onChange={onChange} />;
}

/** What sets something in the house. */
function DeviceActionChips({ action, vocabulary, onChange }: ChipProperties) {
  if ('siren' in action) {
    const { siren } = action;
    const sirens = vocabulary.devices.filter((device) => device.kind === 'siren' || device.kind === 'plug' || siren.devices.includes(device.id));
    return (
      <>
        <ManyChip label={t('rule.sirens')} none={t('rule.all_sirens')} options={named(sirens)} chosen={siren.devices} onChange={(devices) => onChange({ siren: { ...siren, devices } })} />
        <span>{t('word.for')}</span>
        <DurationChip label={t('rule.for')} seconds={siren.seconds} none={t('rule.silence')} max={SIREN_MAX} onChange={(seconds) => onChange({ siren: { ...siren, seconds } })} />
      </>
    );
  }
  if ('switch' in action) {
    const on = action.switch;
    const switched = vocabulary.devices.filter((device) => device.kind === 'plug' || device.kind === 'light' || device.id === on.device);
    return (
      <>
        <ChoiceChip label={t('rule.device')} value={on.device} options={named(switched)} onChoose={(device) => onChange({ switch: { ...on, device } })} testid="switch-chip" />
        <ChoiceChip label={t('rule.value')} value={on.on ? 'on' : 'off'} options={onOff()} onChoose={(value) => onChange({ switch: { ...on, on: value === 'on' } })} />
        <LastingChip seconds={on.for_seconds ?? 0} onChange={(for_seconds) => onChange({ switch: { device: on.device, on: on.on, ...(for_seconds > 0 ? { for_seconds } : {}) } })} />
      </>
    );
  }
  if ('set' in action) {
    const { device, control, value } = action.set;
    return (
      <>
        <ControlChips devices={vocabulary.devices} device={device} control={control} onChange={(next, key) => onChange({ set: { device: next, control: key, value } })} />
        <span>{t('word.to')}</span>
        <ValueChip device={device} control={control} value={value} onChange={(next) => onChange({ set: { device, control, value: next } })} />
      </>
    );
  }
  if ('arm' in action) return <ChoiceChip label={t('rule.mode')} value={action.arm.mode} options={MODES.map((mode) => [mode, t(`mode.${mode}`)])} onChoose={(mode) => onChange({ arm: { mode } })} />;
  if ('privacy' in action) {
    const { privacy } = action;
    return (
      <>
        <ChoiceChip label={t('rule.value')} value={privacy.on ? 'on' : 'off'} options={onOff()} onChoose={(value) => onChange({ privacy: { ...privacy, on: value === 'on' } })} />
        <LastingChip seconds={privacy.for_seconds ?? 0} onChange={(for_seconds) => onChange({ privacy: { on: privacy.on, ...(for_seconds > 0 ? { for_seconds } : {}) } })} />
      </>
    );
  }
  return <OutsideActionChips action={action} vocabulary={vocabulary} onChange={onChange} />;
}

/** And back after a while, or not. */
function LastingChip({ seconds, onChange }: { seconds: number; onChange: (seconds: number) => void }) {
  return (
    <>
      {seconds > 0 && <span>{t('word.for')}</span>}
      <DurationChip label={t('rule.and_back')} seconds={seconds} none={t('rule.stays_so')} onChange={onChange} />
    </>
  );
}

function OutsideActionChips({ action, vocabulary, onChange }: ChipProperties) {
  if ('preset' in action) {
    const { camera, preset } = action.preset;
    const turning = vocabulary.cameras.filter((one) => one.parts?.some((part) => part.kind === 'preset'));
    const places = (id: string): Thing[] => turning.find((one) => one.id === id)?.parts?.filter((part) => part.kind === 'preset') ?? [];
    return (
      <>
        <ChoiceChip label={t('rule.camera')} value={camera} options={named(turning)} onChoose={(next) => onChange({ preset: { camera: next, preset: places(next)[0]?.id ?? '' } })} />
        <span>{t('word.to')}</span>
        <ChoiceChip label={t('rule.preset')} value={preset} options={named(places(camera))} onChoose={(next) => onChange({ preset: { camera, preset: next } })} />
      </>
    );
  }
  if ('webhook' in action) return <ChoiceChip label={t('rule.channel')} value={action.webhook.channel} options={named(vocabulary.channels)} onChoose={(channel) => onChange({ webhook: { channel } })} />;
  if ('mqtt' in action) {
    const { mqtt } = action;
    return (
      <>
        <ChoiceChip label={t('rule.channel')} value={mqtt.channel} options={named(vocabulary.channels)} onChoose={(channel) => onChange({ mqtt: { ...mqtt, channel } })} />
        <TextChip label={t('rule.topic')} value={mqtt.topic} placeholder={t('rule.topic')} maxLength={TEXT_MAX} onInput={(topic) => onChange({ mqtt: { ...mqtt, topic } })} />
        <TextChip label={t('rule.payload')} value={mqtt.payload} placeholder={t('rule.payload')} maxLength={TEXT_MAX} onInput={(payload) => onChange({ mqtt: { ...mqtt, payload } })} />
      </>
    );
  }
  if ('log' in action) return <TextChip label={t('rule.text')} value={action.log.text ?? ''} placeholder={t('rule.text_usual')} maxLength={TEXT_MAX} onInput={(text) => onChange({ log: text.trim() === '' ? {} : { text } })} />;
  return null;
}
