// A device with one of its controls and a value for it, as words of a sentence.

import { useEffect } from 'preact/hooks';

import type { Thing, Value } from '../../api/rules.ts';
import { ChoiceChip, NumberChip, TextChip } from '../../components/word-chip.tsx';
import { deviceOf } from '../../state/devices.ts';
import { t, tCode } from '../../text/text.ts';
import { fitting } from './device-value.ts';

const WORD_MAX = 200;

interface DeviceProperties {
  devices: readonly Thing[];
  device: string;
  control: string;
  onChange: (device: string, control: string) => void;
}

/** Which device, and which of its controls. */
export function ControlChips({ devices, device, control, onChange }: DeviceProperties) {
  const able = devices.filter((one) => (one.parts?.length ?? 0) > 0);
  const parts = able.find((one) => one.id === device)?.parts ?? [];
  const first = (id: string): string => {
    const names = able.find((one) => one.id === id)?.parts?.map((part) => part.id) ?? [];
    return names.includes(control) ? control : (names[0] ?? '');
  };
  return (
    <>
      <ChoiceChip label={t('rule.device')} value={device} options={able.map((one) => [one.id, one.name])} onChoose={(id) => onChange(id, first(id))} testid="device-chip" />
      <ChoiceChip label={t('rule.control')} value={control} options={parts.map((part) => [part.id, tCode('control', part.id)])} onChoose={(next) => onChange(device, next)} />
    </>
  );
}

/** A value as the device itself describes its control; without the device's word for it, by the sort of value. */
export function ValueChip({ device, control, value, onChange }: { device: string; control: string; value: Value; onChange: (value: Value) => void }) {
  const found = deviceOf(device)?.controls.find((one) => one.key === control);
  const label = t('rule.value');
  const wanted = fitting(found, value);
  // Another control was chosen: a value that it does not take must not stay behind what is shown.
  useEffect(() => {
    if (wanted !== value) onChange(wanted);
  }, [wanted, value]);
  if (found?.kind === 'level') return <NumberChip label={label} value={typeof wanted === 'number' ? wanted : found.min} min={found.min} max={found.max} step={found.step} onInput={onChange} />;
  if (found?.kind === 'choice') return <ChoiceChip label={label} value={String(wanted)} options={found.options.map((option) => [option, tCode('option', option)])} onChoose={onChange} />;
  if (found?.kind !== 'toggle' && typeof value === 'string') return <TextChip label={label} value={value} placeholder={label} maxLength={WORD_MAX} onInput={onChange} />;
  return <ChoiceChip label={label} value={value === false ? 'off' : 'on'} options={[['on', t('control.is_on')], ['off', t('control.is_off')]]} onChoose={(next) => onChange(next === 'on')} />;
}
