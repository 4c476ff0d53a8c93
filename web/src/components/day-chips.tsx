// Days of the week as buttons that are on or off.

import type { Weekday } from '../api/types.ts';
import { WEEKDAYS } from '../routes/settings/schedule.ts';
import { t } from '../text/text.ts';
import { weekdayName } from '../time/show.ts';

export function DayChips({ days, onChange }: { days: readonly Weekday[]; onChange: (days: Weekday[]) => void }) {
  const toggle = (day: Weekday): void => onChange(WEEKDAYS.filter((other) => (other === day ? !days.includes(day) : days.includes(other))));
  return (
    <div class="filter-chips" role="group" aria-label={t('schedule.days')}>
      {WEEKDAYS.map((day, index) => (
        <button key={day} type="button" class="filter-chip" aria-pressed={days.includes(day)} onClick={() => toggle(day)}>
          <span aria-hidden="true">{weekdayName(index, 'short')}</span>
          <span class="visually-hidden">{weekdayName(index, 'long')}</span>
        </button>
      ))}
    </div>
  );
}
