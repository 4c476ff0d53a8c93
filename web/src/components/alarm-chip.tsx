// The mode of the alarm in the header: its state with the count-down, how to cancel it, and the dialog to set it.

import { signal } from '@preact/signals';

import { ARM_ROLE, type AlarmView } from '../api/alarm.ts';
import { alarm } from '../state/alarm.ts';
import { second } from '../state/clock.ts';
import { offline } from '../state/contact.ts';
import { useKeys } from '../state/keys.ts';
import { isAdmin, mayAs } from '../state/session.ts';
import { t } from '../text/text.ts';
import { Dialog } from './dialog.tsx';
import { Disarm, disarmBySignIn } from './disarm.tsx';
import { HubButton } from './hub-button.tsx';
import { Icon } from './icon.tsx';
import { ModePicker } from './mode-picker.tsx';
import { alarmIcon, alarmWords, leftOf } from './mode-words.ts';
import { askPanic } from './panic.tsx';
import { useAction } from './use-action.ts';

/** The dialog stands outside of the header, which opens it. */
const isOpen = signal(false);
export const openModes = (): void => {
  isOpen.value = true;
};
const close = (): void => {
  isOpen.value = false;
};

const isDelay = (view: AlarmView): view is AlarmView & { until: string } => view.state === 'arming' || view.state === 'entering';

export function AlarmChip() {
  const view = alarm.value;
  const mayArm = mayAs(ARM_ROLE);
  const isSetUp = view !== null && (view.modes.length > 0 || view.state !== 'disarmed');
  useKeys(isSetUp && mayArm ? { A: openModes } : {});
  if (view === null || (!isSetUp && !isAdmin.value)) return null;
  if (!isSetUp) {
    return (
      <a class="chip" href="/alarm/settings" aria-label={t('alarm.not_set_up')} data-testid="chip-alarm" data-state="not-set-up">
        <Icon name="lock-open" size={16} />
        <span class="chip-long">{t('alarm.not_set_up')}</span>
      </a>
    );
  }
  const text = alarmWords(view, second.value);
  const looks = { class: `chip chip-alarm chip-alarm-${view.state}`, 'data-testid': 'chip-alarm', 'data-state': offline.value ? 'stale' : view.state, 'data-mode': view.state === 'disarmed' ? 'disarmed' : view.mode, title: mayArm ? `${text} (Shift+A)` : text };
  const inside = (
    <>
      <Icon name={alarmIcon(view)} size={16} />
      <span class="chip-long tabular">{text}</span>
      {isDelay(view) && (
        <span class="chip-short tabular" aria-hidden="true">
          {leftOf(view.until, second.value)}
        </span>
      )}
    </>
  );
  return (
    <>
      {mayArm ? (
        <button type="button" {...looks} aria-haspopup="dialog" onClick={openModes}>
          {inside}
        </button>
      ) : (
        <a {...looks} href="/alarm">
          {inside}
        </a>
      )}
      {view.state === 'arming' && mayArm && (
        <span class="cancel-arming">
          <CancelArming />
        </span>
      )}
    </>
  );
}

export function CancelArming() {
  const { busy, run } = useAction();
  // Whatever keeps it from being taken back is said where there is room for it.
  const cancel = async (): Promise<void> => {
    if (!(await run(disarmBySignIn)) && alarm.peek()?.state === 'arming') openModes();
  };
  return (
    <HubButton busy={busy} onClick={() => void cancel()} label={t('alarm.cancel_arming')} testid="cancel-arming">
      {t('action.cancel')}
    </HubButton>
  );
}

export function AlarmDialog() {
  return isOpen.value && alarm.value && mayAs(ARM_ROLE) ? <Question view={alarm.value} /> : null;
}

/** What the alarm is, and everything that can be done about it. */
export function AlarmControls({ view, done, focus = false }: { view: AlarmView; done?: (() => void) | undefined; focus?: boolean }) {
  return (
    <>
      {(view.state === 'disarmed' || view.state === 'armed') && <ModePicker view={view} armed={done} />}
      {view.state === 'arming' && view.not_ready.length > 0 && (
        <p class="note note-warn" dir="auto">
          {t('alarm.although', { what: view.not_ready.join('; ') })}
        </p>
      )}
      {view.state !== 'disarmed' && <Disarm view={view} purpose={view.state === 'triggered' ? 'false_alarm' : 'disarm'} done={() => done?.()} focus={focus} />}
    </>
  );
}

function Question({ view }: { view: AlarmView }) {
  return (
    <Dialog title={t('alarm.title')} onClose={close} testid="alarm-dialog">
      <p class="alarm-state" data-state={view.state}>
        <Icon name={alarmIcon(view)} />
        <span class="strong tabular">{alarmWords(view, second.value)}</span>
      </p>
      <AlarmControls view={view} done={close} focus={view.state !== 'disarmed' && view.state !== 'armed'} />
      <div class="dialog-actions alarm-foot">
        <HubButton
          onClick={() => {
            close();
            askPanic();
          }}
          testid="panic-open"
        >
          <Icon name="siren" />
          {t('panic.open')}
        </HubButton>
        <span class="spacer" />
        <a class="button" href="/alarm" onClick={close}>
          {t('alarm.page')}
        </a>
      </div>
    </Dialog>
  );
}
