// Exceptions from the usual recording: a draft that is saved as a whole, with the week it makes beside it.

import { useEffect, useState } from 'preact/hooks';

import type { CameraChange, RecordMode, RecordSchedule, ScheduleRule } from '../../api/types.ts';
import { DayChips } from '../../components/day-chips.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { t, tCode } from '../../text/text.ts';
import { weekdayName } from '../../time/show.ts';
import { recordModes } from './record-modes.ts';
import { DAY_MINUTES, RULES_MAX, WEEKDAYS, clockOf, dayOf, endMinuteOf, isOvernight, minuteOf, moved, newRule, shadowed } from './schedule.ts';

interface Properties {
  schedule: RecordSchedule;
  save: (change: CameraChange, what: string) => Promise<string | null>;
}

export function ScheduleEditor({ schedule, save }: Properties) {
  const [rules, setRules] = useState<readonly ScheduleRule[]>(schedule.rules);
  const [error, setError] = useState<string | null>(null);
  const stored = JSON.stringify(schedule.rules);
  useEffect(() => setRules(schedule.rules), [stored]);
  const isChanged = JSON.stringify(rules) !== stored;
  const idle = shadowed(rules);
  const isEmpty = rules.some((rule) => rule.days.length === 0);
  const change = (index: number, next: Partial<ScheduleRule>): void => setRules(rules.map((rule, at) => (at === index ? { ...rule, ...next } : rule)));
  const submit = async (): Promise<void> => setError(await save({ record: { ...schedule, rules: [...rules] } }, t('schedule.title')));
  return (
    <div class="schedule" data-testid="schedule">
      <h3>{t('schedule.title')}</h3>
      <p class="hint">{t('schedule.text')}</p>
      <ol class="rule-list">
        {rules.map((rule, index) => (
          <RuleRow
            key={index}
            rule={rule}
            number={index + 1}
            isIdle={idle.has(index)}
            change={(next) => change(index, next)}
            remove={() => setRules(rules.filter((_, at) => at !== index))}
            up={index > 0 ? () => setRules(moved(rules, index, -1)) : null}
            down={index < rules.length - 1 ? () => setRules(moved(rules, index, 1)) : null}
          />
        ))}
      </ol>
      {rules.length > 0 && <Week schedule={{ ...schedule, rules: [...rules] }} />}
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
      <div class="row">
        <button type="button" class="button" disabled={rules.length >= RULES_MAX} onClick={() => setRules([...rules, newRule(schedule.usual)])} data-testid="rule-add">
          <Icon name="plus" />
          {t('schedule.add')}
        </button>
        {isChanged && (
          <>
            <HubButton kind="primary" busy={isEmpty} onClick={() => void submit()} testid="rules-save">
              {t('schedule.save')}
            </HubButton>
            <button type="button" class="button button-quiet" onClick={() => setRules(schedule.rules)}>
              {t('schedule.discard')}
            </button>
          </>
        )}
      </div>
    </div>
  );
}

interface RuleProperties {
  rule: ScheduleRule;
  number: number;
  isIdle: boolean;
  change: (next: Partial<ScheduleRule>) => void;
  remove: () => void;
  up: (() => void) | null;
  down: (() => void) | null;
}

function RuleRow({ rule, number, isIdle, change, remove, up, down }: RuleProperties) {
  const setFrom = (text: string): void => {
    const minute = minuteOf(text);
    if (minute !== null) change({ from_minute: minute });
  };
  const setTo = (text: string): void => {
    const minute = endMinuteOf(text);
    if (minute !== null) change({ to_minute: minute });
  };
  return (
    <li class="rule" data-testid="rule">
      <fieldset>
        <legend class="visually-hidden">{t('schedule.rule', { n: number })}</legend>
        <DayChips days={rule.days} onChange={(days) => change({ days })} />
        <div class="row">
          <input type="time" class="small-input tabular" aria-label={t('schedule.from')} value={clockOf(rule.from_minute)} onChange={(event) => setFrom(event.currentTarget.value)} />
          <span aria-hidden="true">–</span>
          <input type="time" class="small-input tabular" aria-label={t('schedule.to')} value={clockOf(rule.to_minute)} onChange={(event) => setTo(event.currentTarget.value)} />
          <select class="small-select" aria-label={t('add.record')} value={rule.mode} onChange={(event) => change({ mode: event.currentTarget.value as RecordMode })}>
            {recordModes().map(([mode, text]) => (
              <option key={mode} value={mode}>
                {text}
              </option>
            ))}
          </select>
          <span class="spacer" />
          <button type="button" class="icon-button" disabled={!up} aria-label={t('schedule.up')} title={t('schedule.up')} onClick={() => up?.()}>
            <Icon name="arrow-up" />
          </button>
          <button type="button" class="icon-button" disabled={!down} aria-label={t('schedule.down')} title={t('schedule.down')} onClick={() => down?.()}>
            <Icon name="arrow-down" />
          </button>
          <button type="button" class="icon-button" aria-label={t('schedule.remove')} title={t('schedule.remove')} onClick={remove}>
            <Icon name="trash-2" />
          </button>
        </div>
        {rule.days.length === 0 && <p class="field-error">{t('schedule.no_day')}</p>}
        {rule.days.length > 0 && isOvernight(rule) && <p class="hint">{t('schedule.overnight')}</p>}
        {rule.days.length > 0 && isIdle && <p class="hint hint-warn">{t('schedule.shadowed')}</p>}
      </fieldset>
    </li>
  );
}

/** The week as bars; the rules above say the same in words. */
function Week({ schedule }: { schedule: RecordSchedule }) {
  const modes = [...new Set(WEEKDAYS.flatMap((_, day) => dayOf(schedule, day).map((stretch) => stretch.mode)))];
  return (
    <figure class="week">
      <div class="week-days" aria-hidden="true">
        {WEEKDAYS.map((day, index) => (
          <div key={day} class="week-day">
            <span class="small muted">{weekdayName(index, 'short')}</span>
            <svg viewBox={`0 0 ${DAY_MINUTES} 10`} preserveAspectRatio="none">
              {dayOf(schedule, index).map((stretch) => (
                <rect key={stretch.from} class={`mode-${stretch.mode}`} x={stretch.from} width={stretch.to - stretch.from} y={0} height={10} />
              ))}
            </svg>
          </div>
        ))}
      </div>
      <figcaption class="legend muted">
        {modes.map((mode) => (
          <span key={mode}>
            <i class={`legend-mode mode-${mode}`} />
            {tCode('record_mode', mode)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
