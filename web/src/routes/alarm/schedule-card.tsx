// When the mode changes by itself, by the clocks of the house.

import type { ArmedMode, Mode, ModeChange } from '../../api/alarm.ts';
import { DayChips } from '../../components/day-chips.tsx';
import { Icon } from '../../components/icon.tsx';
import { t } from '../../text/text.ts';
import { WEEKDAYS } from '../settings/schedule.ts';
import { CHANGES_MAX } from './setup-draft.ts';

export function ScheduleCard({ schedule, modes, onChange }: { schedule: readonly ModeChange[]; modes: readonly ArmedMode[]; onChange: (schedule: ModeChange[]) => void }) {
  const change = (index: number, next: Partial<ModeChange>): void => onChange(schedule.map((one, at) => (at === index ? { ...one, ...next } : one)));
  const options: readonly Mode[] = ['disarmed', ...modes];
  const first: Mode = modes.includes('night') ? 'night' : (modes[0] ?? 'disarmed');
  return (
    <section class="card" aria-labelledby="alarm-schedule" data-testid="alarm-schedule">
      <h2 id="alarm-schedule">{t('alarm_schedule.title')}</h2>
      <p class="muted">{t('alarm_schedule.text')}</p>
      <ul class="rule-list">
        {schedule.map((one, index) => (
          <li key={index} class="rule" data-testid="mode-change">
            {/* No days means all of them. */}
            <DayChips days={one.days.length === 0 ? WEEKDAYS : one.days} onChange={(days) => change(index, { days: days.length === WEEKDAYS.length ? [] : days.length === 0 ? one.days : days })} />
            <div class="row">
              <input type="time" class="small-input tabular" aria-label={t('alarm_schedule.at')} value={one.at} onChange={(event) => change(index, { at: event.currentTarget.value.slice(0, 5) })} />
              <select class="small-select" aria-label={t('alarm_schedule.mode')} value={one.mode} onChange={(event) => change(index, { mode: event.currentTarget.value as Mode })}>
                {options.map((mode) => (
                  <option key={mode} value={mode}>
                    {t(`mode.${mode}`)}
                  </option>
                ))}
              </select>
              <span class="spacer" />
              <button type="button" class="icon-button" aria-label={t('alarm_schedule.remove')} title={t('alarm_schedule.remove')} onClick={() => onChange(schedule.filter((_, at) => at !== index))}>
                <Icon name="trash-2" />
              </button>
            </div>
          </li>
        ))}
      </ul>
      <button type="button" class="button" disabled={schedule.length >= CHANGES_MAX} onClick={() => onChange([...schedule, { at: '22:30', days: [], mode: first }])} data-testid="mode-change-add">
        <Icon name="plus" />
        {t('alarm_schedule.add')}
      </button>
    </section>
  );
}
