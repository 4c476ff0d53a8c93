// One test as words that can be changed.

import type { Mode } from '../../api/alarm.ts';
import type { Condition, Vocabulary } from '../../api/rules.ts';
import type { Weekday } from '../../api/types.ts';
import { ChoiceChip, ManyChip, NumberChip } from '../../components/word-chip.tsx';
import { deviceOf } from '../../state/devices.ts';
import { t, tCode } from '../../text/text.ts';
import { weekdayName } from '../../time/show.ts';
import { symbolOf } from '../devices/units.ts';
import { WEEKDAYS } from '../settings/schedule.ts';
import { ControlChips, ValueChip } from './device-chips.tsx';
import { DurationChip } from './duration-chip.tsx';
import { HappensChips } from './happens-chips.tsx';

const MODES: readonly Mode[] = ['disarmed', 'home', 'away', 'night', 'vacation'];
const COUNT_MAX = 100;
// Wider than anything that is measured.
const READING_MAX = 1_000_000;

interface Properties {
  test: Condition;
  vocabulary: Vocabulary;
  onChange: (test: Condition) => void;
}

export function TestChips({ test, vocabulary, onChange }: Properties) {
  if ('happens' in test) return <HappensChips of={test.happens} vocabulary={vocabulary} onChange={(happens) => onChange({ happens })} />;
  if ('count' in test) {
    const { count } = test;
    return (
      <>
        <HappensChips of={count.of} vocabulary={vocabulary} onChange={(of) => onChange({ count: { ...count, of } })} />
        <span>{t('word.at_least')}</span>
        <NumberChip label={t('rule.times')} value={count.at_least} min={2} max={COUNT_MAX} onInput={(at_least) => onChange({ count: { ...count, at_least } })} />
        <span>{t('word.times_within')}</span>
        <DurationChip label={t('rule.within')} seconds={count.within_seconds} onChange={(within_seconds) => onChange({ count: { ...count, within_seconds } })} />
      </>
    );
  }
  if ('absent' in test) {
    const { absent } = test;
    return (
      <>
        <span>{t('word.not_for')}</span>
        <DurationChip label={t('rule.for')} seconds={absent.for_seconds} onChange={(for_seconds) => onChange({ absent: { ...absent, for_seconds } })} />
        <span>:</span>
        <HappensChips of={absent.of} vocabulary={vocabulary} onChange={(of) => onChange({ absent: { ...absent, of } })} />
      </>
    );
  }
  if ('stays' in test) {
    const { stays } = test;
    return (
      <>
        <HappensChips of={stays.of} vocabulary={vocabulary} isActivity onChange={(of) => onChange({ stays: { ...stays, of } })} />
        <span>{t('word.stays_for')}</span>
        <DurationChip label={t('rule.for')} seconds={stays.for_seconds} onChange={(for_seconds) => onChange({ stays: { ...stays, for_seconds } })} />
      </>
    );
  }
  return <StandingChips test={test} vocabulary={vocabulary} onChange={onChange} />;
}

/** Tests of how things stand. */
function StandingChips({ test, vocabulary, onChange }: Properties) {
  if ('mode' in test) {
    return (
      <>
        <span>{t('word.alarm_is')}</span>
        <ManyChip label={t('rule.modes')} none={t('chip.choose')} options={MODES.map((mode) => [mode, t(`mode.${mode}`)])} chosen={test.mode.is} onChange={(is) => onChange({ mode: { is: MODES.filter((mode) => is.includes(mode)) } })} testid="mode-chip" />
      </>
    );
  }
  if ('hours' in test) {
    const { hours } = test;
    const time = (part: 'from' | 'to', label: string) => <input type="time" class="word-chip tabular" aria-label={label} value={hours[part].padStart(5, '0')} onInput={(event) => event.currentTarget.value && onChange({ hours: { ...hours, [part]: event.currentTarget.value.slice(0, 5) } })} />;
    return (
      <>
        <span>{t('word.between')}</span>
        {time('from', t('schedule.from'))}
        <span>–</span>
        {time('to', t('schedule.to'))}
        <ManyChip label={t('schedule.days')} none={t('word.every_day')} options={WEEKDAYS.map((day, index) => [day, weekdayName(index, 'long')])} chosen={hours.days ?? []} onChange={(days) => onChange({ hours: { ...hours, days: WEEKDAYS.filter((day) => days.includes(day)) as Weekday[] } })} />
      </>
    );
  }
  if ('device' in test) {
    const { device, control, is } = test.device;
    return (
      <>
        <ControlChips devices={vocabulary.devices} device={device} control={control} onChange={(next, key) => onChange({ device: { device: next, control: key, is } })} />
        <span>{t('word.is')}</span>
        <ValueChip device={device} control={control} value={is} onChange={(value) => onChange({ device: { device, control, is: value } })} />
      </>
    );
  }
  return 'reading' in test ? <ReadingChips test={test} vocabulary={vocabulary} onChange={onChange} /> : null;
}

function ReadingChips({ test: { reading: of }, vocabulary, onChange }: { test: Extract<Condition, { reading: unknown }>; vocabulary: Vocabulary; onChange: (test: Condition) => void }) {
  const meters = vocabulary.devices.filter((device) => (device.readings?.length ?? 0) > 0);
  const readings = meters.find((device) => device.id === of.device)?.readings ?? [];
  const side = of.above != null ? 'above' : 'below';
  const edge = of.above ?? of.below ?? 0;
  const unit = deviceOf(of.device)?.readings.find((one) => one.key === of.reading)?.unit;
  const set = (device: string, reading: string, way: 'above' | 'below', value: number): void => onChange({ reading: { device, reading, [way]: value } });
  const choose = (id: string): void => {
    const names = meters.find((device) => device.id === id)?.readings ?? [];
    set(id, names.includes(of.reading) ? of.reading : (names[0] ?? ''), side, edge);
  };
  return (
    <>
      <ChoiceChip label={t('rule.device')} value={of.device} options={meters.map(({ id, name }) => [id, name])} onChoose={choose} />
      <ChoiceChip label={t('rule.reading')} value={of.reading} options={readings.map((reading) => [reading, tCode('reading', reading)])} onChoose={(reading) => set(of.device, reading, side, edge)} />
      {of.above != null && of.below != null ? (
        <span>{t('word.range', { from: of.above, to: of.below })}</span>
      ) : (
        <>
          <ChoiceChip label={t('rule.side')} value={side} options={[['above', t('word.is_above')], ['below', t('word.is_below')]]} onChoose={(way) => set(of.device, of.reading, way, edge)} />
          <NumberChip label={t('rule.edge')} value={edge} min={-READING_MAX} max={READING_MAX} step={0.1} onInput={(value) => set(of.device, of.reading, side, value)} testid="edge-chip" />
        </>
      )}
      {unit && <span>{symbolOf(unit)}</span>}
    </>
  );
}
