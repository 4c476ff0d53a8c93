// How long, as a number and its unit in a menu.

import { MenuChip } from '../../components/word-chip.tsx';
import { t } from '../../text/text.ts';
import { UNITS, inUnit, type Unit } from './tree.ts';
import { duration } from './words.ts';

// A month: what is longer is not remembered.
const SECONDS_MAX = 31 * 86_400;

interface Properties {
  label: string;
  seconds: number;
  onChange: (seconds: number) => void;
  /** What none is called; without it there is no none. */
  none?: string;
  max?: number;
  testid?: string;
}

export function DurationChip({ label, seconds, onChange, none, max = SECONDS_MAX, testid }: Properties) {
  const { count, unit } = inUnit(seconds);
  const least = none === undefined ? 1 : 0;
  const take = (next: number, of: Unit): void => {
    const wanted = Math.round(next) * UNITS[of];
    if (Number.isFinite(wanted) && wanted >= least) onChange(Math.min(wanted, max));
  };
  return (
    <MenuChip label={label} text={seconds === 0 && none !== undefined ? none : duration(seconds)} testid={testid}>
      <div class="row">
        <input type="number" class="small-input duration-count tabular" aria-label={label} min={least} step={1} value={count} onInput={(event) => event.currentTarget.value !== '' && take(Number(event.currentTarget.value), unit)} />
        <select class="small-select" aria-label={t('rule.unit')} value={unit} onChange={(event) => take(Math.max(count, 1), event.currentTarget.value as Unit)}>
          {(Object.keys(UNITS) as Unit[]).map((one) => (
            <option key={one} value={one}>
              {t(`unit_name.${one}`)}
            </option>
          ))}
        </select>
      </div>
      {none !== undefined && seconds > 0 && (
        <button type="button" class="button" onClick={() => onChange(0)}>
          {none}
        </button>
      )}
    </MenuChip>
  );
}
