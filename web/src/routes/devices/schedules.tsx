// What a device is set to at which time, by the hub.

import { useId, useState } from 'preact/hooks';

import { devices as api, type Device, type NewSchedule, type Schedule, type ValueControl } from '../../api/devices.ts';
import { DayChips } from '../../components/day-chips.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal } from '../../time/show.ts';
import { digitsOf, readLevel } from './level.ts';
import { RuleCard, type Rules } from './rule-rows.tsx';
import { newSchedule, scheduleText, settable, toDays, toWeekdays, withControl } from './rules.ts';
import { symbolOf } from './units.ts';
import { controlName } from './words.ts';

export function Schedules({ device }: { device: Device }) {
  if (settable(device).length === 0) return null;
  const rules: Rules<Schedule> = {
    name: 'schedules',
    title: t('schedules.title'),
    hint: t('schedules.hint'),
    add: t('schedules.add'),
    load: () => api.schedules(device.id),
    put: (row) => api.changeSchedule(device.id, row),
    remove: (row) => api.removeSchedule(device.id, row.id),
    restore: ({ id: _, ...row }) => api.addSchedule(device.id, row),
    text: (row) => scheduleText(row, device),
    form: (row, close, done) => <ScheduleForm device={device} row={row} close={close} done={done} />,
  };
  return <RuleCard rules={rules} id={device.id} />;
}

function ScheduleForm({ device, row, close, done }: { device: Device; row: Schedule | null; close: () => void; done: () => void }) {
  const controls = settable(device);
  const [first] = controls;
  const [draft, setDraft] = useState<NewSchedule | null>(row ?? (first ? newSchedule(first) : null));
  const { busy, error, run } = useAction();
  const id = useId();
  if (!draft) return null;
  const control = controls.find((one) => one.key === draft.control) ?? first;
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await run(() => (row ? api.changeSchedule(device.id, { ...draft, id: row.id }) : api.addSchedule(device.id, draft)))) done();
  };
  const choose = (key: string): void => {
    const next = controls.find((one) => one.key === key);
    if (next) setDraft(withControl(draft, next));
  };
  return (
    <Dialog title={row ? t('rule.change') : t('schedules.add')} onClose={close} testid="schedule-dialog">
      <form onSubmit={(event) => void save(event)}>
        <div class="field">
          <label for={`${id}-at`}>{t('schedules.at')}</label>
          <input id={`${id}-at`} type="time" class="short tabular" required value={draft.at} onChange={(event) => setDraft({ ...draft, at: event.currentTarget.value })} />
        </div>
        <div class="field">
          <DayChips days={toWeekdays(draft.days)} onChange={(days) => setDraft({ ...draft, days: toDays(days) })} />
        </div>
        <div class="field">
          <label for={`${id}-control`}>{t('schedules.control')}</label>
          <select id={`${id}-control`} value={draft.control} onChange={(event) => choose(event.currentTarget.value)}>
            {controls.map((one) => (
              <option key={one.key} value={one.key}>
                {controlName(one.key)}
              </option>
            ))}
          </select>
        </div>
        {control && <ValueField key={control.key} control={control} value={draft.value} onChange={(value) => setDraft({ ...draft, value })} />}
        {draft.days.length === 0 && <p class="field-error">{t('schedule.no_day')}</p>}
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || draft.days.length === 0} testid="schedule-save">
            {t('action.save')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}

function ValueField({ control, value, onChange }: { control: ValueControl; value: NewSchedule['value']; onChange: (value: NewSchedule['value']) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(control.kind === 'level' ? decimal(Number(value), digitsOf(control.step)) : '');
  if (control.kind === 'level') {
    const read = readLevel(typed, control);
    const unit = symbolOf(control.unit);
    const write = (limit: number): string => decimal(limit, digitsOf(control.step));
    return (
      <div class="field">
        <label for={id}>{t('schedules.value_in', { unit })}</label>
        <input
          id={id}
          class="short tabular"
          inputMode="decimal"
          value={typed}
          aria-invalid={read.error ? 'true' : undefined}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            const next = readLevel(event.currentTarget.value, control);
            if (next.value !== null) onChange(next.value);
          }}
        />
        {read.error && <p class="field-error">{t(`level.${read.error}`, { min: write(control.min), max: write(control.max), step: write(control.step), unit })}</p>}
      </div>
    );
  }
  const options = control.kind === 'toggle' ? ([['true', t('control.on')], ['false', t('control.off')]] as const) : control.options.map((option) => [option, tCode('option', option)] as const);
  return (
    <div class="field">
      <label for={id}>{t('schedules.value')}</label>
      <select id={id} value={String(value)} onChange={(event) => onChange(control.kind === 'toggle' ? event.currentTarget.value === 'true' : event.currentTarget.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
