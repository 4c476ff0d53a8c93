// What happens when a reading stays above or below a value for a while.

import { useId, useState } from 'preact/hooks';

import { devices as api, type Device, type Limit, type NewLimit } from '../../api/devices.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { t, tCode } from '../../text/text.ts';
import { RuleCard, type Rules } from './rule-rows.tsx';
import { limitText, newLimit } from './rules.ts';
import { symbolOf } from './units.ts';
import { readingName } from './words.ts';

// As long as the hub watches before it acts.
const SECONDS_MAX = 86_400;

export function Limits({ device }: { device: Device }) {
  if (device.readings.length === 0) return null;
  const rules: Rules<Limit> = {
    name: 'limits',
    title: t('limits.title'),
    hint: t('limits.hint'),
    add: t('limits.add'),
    load: () => api.limits(device.id),
    put: (row) => api.changeLimit(device.id, row),
    remove: (row) => api.removeLimit(device.id, row.id),
    restore: ({ id: _, ...row }) => api.addLimit(device.id, row),
    text: (row) => limitText(row, device),
    form: (row, close, done) => <LimitForm device={device} row={row} close={close} done={done} />,
  };
  return <RuleCard rules={rules} id={device.id} />;
}

const numberOf = (typed: string): number | null => (/^[-\u2212]?\d+([.,]\d+)?$/.test(typed.trim()) ? Number(typed.trim().replace(',', '.').replace('\u2212', '-')) : null);

function LimitForm({ device, row, close, done }: { device: Device; row: Limit | null; close: () => void; done: () => void }) {
  const [first] = device.readings;
  const [draft, setDraft] = useState<NewLimit | null>(row ?? (first ? newLimit(first) : null));
  const [side, setSide] = useState<'above' | 'below'>(row?.below === undefined ? 'above' : 'below');
  const [value, setValue] = useState(String(draft?.above ?? draft?.below ?? ''));
  const [seconds, setSeconds] = useState(String(draft?.for_seconds ?? 60));
  const { busy, error, run } = useAction();
  const id = useId();
  if (!draft) return null;
  const unit = symbolOf(device.readings.find((reading) => reading.key === draft.reading)?.unit ?? '');
  const [edge, wait] = [numberOf(value), numberOf(seconds)];
  const isWait = wait !== null && Number.isInteger(wait) && wait >= 0 && wait <= SECONDS_MAX;
  const canTurnOff = device.controls.some((control) => control.kind === 'toggle' && control.key === 'power');
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (edge === null || !isWait) return;
    const wanted: NewLimit = { reading: draft.reading, [side]: edge, for_seconds: wait, then: draft.then, is_on: draft.is_on };
    if (await run(() => (row ? api.changeLimit(device.id, { ...wanted, id: row.id }) : api.addLimit(device.id, wanted)))) done();
  };
  return (
    <Dialog title={row ? t('rule.change') : t('limits.add')} onClose={close} testid="limit-dialog">
      <form onSubmit={(event) => void save(event)} noValidate>
        <div class="field">
          <label for={id}>{t('limits.reading')}</label>
          <select id={id} value={draft.reading} onChange={(event) => setDraft({ ...draft, reading: event.currentTarget.value })}>
            {device.readings.map((reading) => (
              <option key={reading.key} value={reading.key}>
                {readingName(reading.key)}
              </option>
            ))}
          </select>
        </div>
        <Choice label={t('limits.side')} value={side} options={[['above', t('limits.above')], ['below', t('limits.below')]]} onChoose={setSide} />
        <div class="field-pair">
          <TextField label={t('schedules.value_in', { unit })} inputMode="decimal" value={value} error={edge === null ? t('limits.number') : null} onInput={(event) => setValue(event.currentTarget.value)} />
          <TextField label={t('limits.seconds')} inputMode="numeric" value={seconds} error={isWait ? null : t('limits.seconds_wrong')} onInput={(event) => setSeconds(event.currentTarget.value)} />
        </div>
        <Choice label={t('limits.then')} value={draft.then} options={(canTurnOff ? (['event', 'turn_off'] as const) : (['event'] as const)).map((then) => [then, tCode('then', then)])} onChoose={(then) => setDraft({ ...draft, then })} />
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || edge === null || !isWait} testid="limit-save">
            {t('action.save')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
