// The modes of the house as buttons. What is not ready is said before anything is set, and can be accepted.

import { useState } from 'preact/hooks';

import { alarm as api, type AlarmView, type ArmedMode, type ModeState } from '../api/alarm.ts';
import { ApiError } from '../api/request.ts';
import { keepAlarm, loadAlarm } from '../state/alarm.ts';
import { offline } from '../state/contact.ts';
import { t } from '../text/text.ts';
import { age } from '../time/show.ts';
import { FormError } from './form-error.tsx';
import { HubButton } from './hub-button.tsx';
import { Icon } from './icon.tsx';
import { useAction } from './use-action.ts';

const SECOND_MS = 1000;

function modeDetail({ exit_seconds: exit, watches }: ModeState): string {
  return [t('alarm.watches', { n: watches }), exit > 0 ? t('alarm.exit_delay', { time: age(exit * SECOND_MS) }) : t('alarm.at_once')].join(' · ');
}

/** `armed` is called when the house is set or has begun to be. */
export function ModePicker({ view, armed }: { view: AlarmView; armed?: (() => void) | undefined }) {
  const [asked, setAsked] = useState<ArmedMode | null>(null);
  const { busy, error, run, clear } = useAction();
  const current = view.state === 'disarmed' ? null : view.mode;
  const row = view.modes.find((one) => one.mode === asked);
  const set = async (mode: ArmedMode, anyway: boolean): Promise<void> => {
    const arm = async (): Promise<void> => {
      try {
        keepAlarm(await api.setMode(mode, anyway));
      } catch (failure) {
        if (!(failure instanceof ApiError && failure.code === 'not_ready')) throw failure;
        // Something changed since the page asked: what is not ready now is asked about.
        await loadAlarm();
        setAsked(mode);
        throw failure;
      }
    };
    if (!(await run(arm))) return;
    setAsked(null);
    armed?.();
  };
  const choose = (one: ModeState): void => {
    clear();
    if (one.not_ready.length > 0) setAsked(one.mode);
    else void set(one.mode, false);
  };
  return (
    <div class="mode-picker" data-testid="mode-picker">
      <div class="mode-list" role="group" aria-label={t('alarm.choose')}>
        {view.modes.map((one) => (
          <button key={one.mode} type="button" class="mode-option" aria-pressed={one.mode === current} disabled={busy || offline.value || one.mode === current} onClick={() => choose(one)} data-testid={`mode-${one.mode}`}>
            <span class="strong">{t(`mode.${one.mode}`)}</span>
            <span class="small muted">{modeDetail(one)}</span>
            {one.not_ready.length > 0 && (
              <span class="small warn-text row">
                <Icon name="triangle-alert" size={16} />
                {t('alarm.not_ready_n', { n: one.not_ready.length })}
              </span>
            )}
          </button>
        ))}
      </div>
      {row && (
        <div class="note note-warn" role="alert" data-testid="not-ready">
          <p class="strong">{t('alarm.not_ready', { mode: t(`mode.${row.mode}`) })}</p>
          <ul class="plain-list">
            {row.not_ready.map((what) => (
              <li key={what} dir="auto">
                {what}
              </li>
            ))}
          </ul>
          <div class="row">
            <HubButton kind="primary" busy={busy} onClick={() => void set(row.mode, true)} testid="arm-anyway">
              {t('alarm.anyway')}
            </HubButton>
            <button type="button" class="button" onClick={() => setAsked(null)}>
              {t('action.cancel')}
            </button>
          </div>
        </div>
      )}
      <FormError text={row ? null : error} />
    </div>
  );
}
