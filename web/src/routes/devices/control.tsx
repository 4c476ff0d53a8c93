// One control of a device, drawn from what the device says about it. It always shows the acknowledged value.

import { useEffect, useId, useState } from 'preact/hooks';

import { devices as api, type ActionControl, type ChoiceControl, type Control, type Device, type LevelControl, type ToggleControl } from '../../api/devices.ts';
import { Confirm } from '../../components/confirm.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { offline } from '../../state/contact.ts';
import { succeeded } from '../../state/messages.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal } from '../../time/show.ts';
import { digitsOf, readLevel, stepped } from './level.ts';
import { symbolOf } from './units.ts';
import { useCommand, type Command } from './use-command.ts';
import { controlName, valueText } from './words.ts';

// More options than these are chosen from a list.
const BUTTONS_MAX = 4;

export function ControlRow({ device, control }: { device: Device; control: Control }) {
  if (control.kind === 'action') return <ActionRow device={device} control={control} />;
  if (control.kind === 'level') return <LevelRow device={device} control={control} />;
  return <SwitchRow device={device} control={control} />;
}

/** What is being sent, or what came of it; announced to those who do not see it. */
function Outcome({ command }: { command: Command }) {
  return (
    <p class={command.failure ? 'command-note bad-text' : 'command-note muted'} role="status" data-testid="command-note" data-state={command.isSending ? 'sending' : command.failure ? 'failed' : 'idle'}>
      {command.isSending ? t('command.sending') : command.failure}
    </p>
  );
}

function SwitchRow({ device, control }: { device: Device; control: ToggleControl | ChoiceControl }) {
  const command = useCommand(device, control);
  return (
    <div class="control-row" data-testid="control" data-key={control.key}>
      <p class="control-name">
        {controlName(control.key)}
        {control.value === null && <span class="muted"> {t('control.not_said')}</span>}
      </p>
      <SwitchButtons control={control} command={command} label={controlName(control.key)} />
      <Outcome command={command} />
    </div>
  );
}

const optionsOf = (control: ToggleControl | ChoiceControl): readonly (readonly [boolean | string, string])[] =>
  control.kind === 'toggle' ? [[true, t('control.on')], [false, t('control.off')]] : control.options.map((option) => [option, tCode('option', option)]);

/** Buttons of which the acknowledged one is pressed, or a list where there are many. */
function SwitchButtons({ control, command, label }: { control: ToggleControl | ChoiceControl; command: Command; label: string }) {
  const isOff = command.isSending || offline.value;
  const options = optionsOf(control);
  if (options.length > BUTTONS_MAX) {
    return (
      <select
        class="small-select"
        aria-label={label}
        disabled={isOff}
        value={String(control.value ?? '')}
        onChange={(event) => {
          const wanted = event.currentTarget.value;
          // The list shows the old value until the device has acknowledged the new one.
          event.currentTarget.value = String(control.value ?? '');
          void command.send(wanted);
        }}
      >
        {control.value === null && <option value="">—</option>}
        {options.map(([value, text]) => (
          <option key={String(value)} value={String(value)} dir="auto">
            {text}
          </option>
        ))}
      </select>
    );
  }
  return (
    <div class="segments" role="group" aria-label={label} title={offline.value ? t('offline.disabled') : undefined}>
      {options.map(([value, text]) => (
        <button key={String(value)} type="button" class="segment-button" aria-pressed={value === control.value} disabled={isOff} onClick={() => value !== control.value && void command.send(value)} dir="auto">
          {text}
        </button>
      ))}
    </div>
  );
}

/** The switch of a device in a list. */
export function QuickToggle({ device, control }: { device: Device; control: ToggleControl }) {
  const command = useCommand(device, control);
  return (
    <div class="quick-toggle" data-testid="quick-toggle">
      <SwitchButtons control={control} command={command} label={t('control.of', { control: controlName(control.key), device: device.name })} />
      <Outcome command={command} />
    </div>
  );
}

function LevelRow({ device, control }: { device: Device; control: LevelControl }) {
  return (
    <div class="control-row" data-testid="control" data-key={control.key}>
      <p class="control-name">
        {controlName(control.key)} <span class="strong tabular">{valueText(control)}</span>
        {control.value === null && <span class="muted"> {t('control.not_said')}</span>}
      </p>
      <LevelInput device={device} control={control} label={controlName(control.key)} />
    </div>
  );
}

/** A draft that is sent as a whole; a value that the device cannot take is refused here. */
export function LevelInput({ device, control, label }: { device: Pick<Device, 'id'>; control: LevelControl; label: string }) {
  const command = useCommand(device, control);
  const id = useId();
  const write = (value: number | null): string => (value === null ? '' : decimal(value, digitsOf(control.step)));
  const [typed, setTyped] = useState(write(control.value));
  useEffect(() => setTyped(write(control.value)), [control.value]);
  const read = readLevel(typed, control);
  const isChanged = typed.trim() !== write(control.value);
  const unit = symbolOf(control.unit);
  const wrong = isChanged && read.error ? t(`level.${read.error}`, { min: write(control.min), max: write(control.max), step: decimal(control.step, digitsOf(control.step)), unit }) : null;
  const move = (direction: 1 | -1): void => setTyped(write(stepped(read.value ?? control.value ?? control.min, control, direction)));
  const isOff = command.isSending || offline.value;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (read.value !== null && isChanged) void command.send(read.value);
  };
  return (
    <form class="level" onSubmit={submit} noValidate>
      <div class="row">
        <button type="button" class="icon-button level-step" disabled={isOff} aria-label={t('level.less', { what: label })} onClick={() => move(-1)}>
          <Icon name="minus" />
        </button>
        <input class="small-input tabular" inputMode="decimal" autocomplete="off" aria-label={t('level.new', { what: label })} aria-describedby={`${id}-range`} aria-invalid={wrong ? 'true' : undefined} value={typed} disabled={isOff} onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="button" class="icon-button level-step" disabled={isOff} aria-label={t('level.more', { what: label })} onClick={() => move(1)}>
          <Icon name="plus" />
        </button>
        <HubButton type="submit" kind={isChanged && read.value !== null ? 'primary' : 'plain'} busy={command.isSending || !isChanged || read.value === null} testid="level-set">
          {t('level.set')}
        </HubButton>
        <span class="muted small" id={`${id}-range`}>
          {t('level.between', { min: write(control.min), max: write(control.max), unit })}
        </span>
      </div>
      {wrong && (
        <p class="field-error" data-testid="field-error">
          {wrong}
        </p>
      )}
      <Outcome command={command} />
    </form>
  );
}

/** What an action does, as far as this version knows it. */
function effectOf(key: string): string {
  const known = tCode('effect', key);
  return known === key.replaceAll('_', ' ') ? t('action.effect_unknown') : known;
}

function ActionRow({ device, control }: { device: Device; control: ActionControl }) {
  const [isAsking, setAsking] = useState(false);
  const { busy, error, run } = useAction();
  const name = controlName(control.key);
  const act = (): Promise<unknown> => api.act(device.id, control.key);
  const done = (): void => succeeded(t('action.done', { action: name, device: device.name }));
  const start = async (): Promise<void> => {
    if (await run(act)) done();
  };
  return (
    <div class="control-row" data-testid="control" data-key={control.key}>
      <p class="control-name">{name}</p>
      <HubButton busy={busy} onClick={() => (control.sensitive ? setAsking(true) : void start())} testid={`action-${control.key}`}>
        {busy ? t('command.sending') : name}
      </HubButton>
      <FormError text={error} />
      {isAsking && (
        <Confirm
          title={t('action.question', { action: name, device: device.name })}
          confirm={t('action.confirm', { action: name, device: device.name })}
          action={act}
          close={() => setAsking(false)}
          done={() => {
            setAsking(false);
            done();
          }}
        >
          <p>{effectOf(control.key)}</p>
        </Confirm>
      )}
    </div>
  );
}
