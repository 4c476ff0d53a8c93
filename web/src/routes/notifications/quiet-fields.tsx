// Hours in which somebody is left in peace: what is critical is told all the same.

import type { QuietHours } from '../../api/notifications.ts';
import { DayChips } from '../../components/day-chips.tsx';
import { Icon } from '../../components/icon.tsx';
import { t } from '../../text/text.ts';
import { clockOf, minuteOf } from '../settings/schedule.ts';
import { newQuietHours } from './draft.ts';

// As many as anybody needs; the hub refuses more.
const HOURS_MAX = 7;

export function QuietFields({ hours, onChange }: { hours: readonly QuietHours[]; onChange: (hours: QuietHours[]) => void }) {
  const change = (index: number, next: Partial<QuietHours>): void => onChange(hours.map((one, at) => (at === index ? { ...one, ...next } : one)));
  const setTime = (index: number, part: 'from_minute' | 'to_minute', text: string): void => {
    const minute = minuteOf(text);
    if (minute !== null) change(index, { [part]: minute });
  };
  return (
    <fieldset class="field">
      <legend>{t('quiet.title')}</legend>
      <p class="hint">{t('quiet.hint')}</p>
      <ul class="rule-list">
        {hours.map((one, index) => (
          <li key={index} class="rule" data-testid="quiet">
            <DayChips days={one.days} onChange={(days) => change(index, { days })} />
            <div class="row">
              <input type="time" class="small-input tabular" aria-label={t('schedule.from')} value={clockOf(one.from_minute)} onChange={(event) => setTime(index, 'from_minute', event.currentTarget.value)} />
              <span aria-hidden="true">–</span>
              <input type="time" class="small-input tabular" aria-label={t('schedule.to')} value={clockOf(one.to_minute)} onChange={(event) => setTime(index, 'to_minute', event.currentTarget.value)} />
              {one.to_minute < one.from_minute && <span class="hint">{t('schedule.overnight')}</span>}
              <span class="spacer" />
              <button type="button" class="icon-button" aria-label={t('quiet.remove')} title={t('quiet.remove')} onClick={() => onChange(hours.filter((_, at) => at !== index))}>
                <Icon name="trash-2" />
              </button>
            </div>
            {one.days.length === 0 && <p class="field-error">{t('schedule.no_day')}</p>}
            {one.from_minute === one.to_minute && <p class="field-error">{t('quiet.empty')}</p>}
          </li>
        ))}
      </ul>
      <button type="button" class="button" disabled={hours.length >= HOURS_MAX} onClick={() => onChange([...hours, newQuietHours()])} data-testid="quiet-add">
        <Icon name="plus" />
        {t('quiet.add')}
      </button>
    </fieldset>
  );
}
