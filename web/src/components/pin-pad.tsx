// A PIN by keys on the page or on the keyboard. It is sent and forgotten; what is wrong with it is for the hub to say.

import { useEffect, useId, useState } from 'preact/hooks';

import { alarm as api, type PinPurpose } from '../api/alarm.ts';
import { ApiError } from '../api/request.ts';
import { keepAlarm } from '../state/alarm.ts';
import { hubNow, second } from '../state/clock.ts';
import { reasonOf } from '../state/messages.ts';
import { t } from '../text/text.ts';
import { length } from '../time/show.ts';
import { FormError } from './form-error.tsx';
import { HubButton } from './hub-button.tsx';
import { Icon } from './icon.tsx';

const DIGITS_MIN = 4;
const DIGITS_MAX = 12;
// If the hub does not say how long.
const LOCKED_SECONDS_USUAL = 60;
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

export function PinPad({ purpose, done, focus = false }: { purpose: PinPurpose; done: () => void; focus?: boolean }) {
  const id = useId();
  const [pin, setPin] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [lockedUntil, setLockedUntil] = useState(0);
  const left = lockedUntil - second.value;
  const isLocked = left > 0;
  // When the time is over, so is what was said about it.
  useEffect(() => {
    if (!isLocked && lockedUntil > 0) setError(null);
  }, [isLocked]);
  const add = (digit: string): void => setPin((now) => (now + digit).slice(0, DIGITS_MAX));
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (pin.length < DIGITS_MIN || isLocked) return;
    setBusy(true);
    setError(null);
    try {
      keepAlarm(await api.pin(pin, purpose));
      done();
    } catch (failure) {
      setError(reasonOf(failure));
      if (failure instanceof ApiError && failure.status === 429) setLockedUntil(hubNow() + (failure.retryAfter ?? LOCKED_SECONDS_USUAL) * 1000);
    } finally {
      setPin('');
      setBusy(false);
    }
  };
  const submitWords = purpose === 'false_alarm' ? t('alarm.false_alarm') : t('alarm.disarm');
  return (
    <form class="pin-pad" onSubmit={(event) => void submit(event)} data-testid="pin-pad" data-state={isLocked ? 'locked' : 'open'}>
      <label for={id}>{t('pin.label')}</label>
      <div class="pin-row">
        <input id={id} name="pin" type="password" inputMode="numeric" pattern="[0-9]*" autocomplete="off" value={pin} maxLength={DIGITS_MAX} disabled={isLocked} autoFocus={focus} onInput={(event) => setPin(event.currentTarget.value.replace(/\D/g, '').slice(0, DIGITS_MAX))} />
        <button type="button" class="icon-button" aria-label={t('pin.back')} title={t('pin.back')} disabled={pin === ''} onClick={() => setPin(pin.slice(0, -1))}>
          <Icon name="arrow-left" />
        </button>
      </div>
      <div class="pin-keys" role="group" aria-label={t('pin.keys')}>
        {[...KEYS, '0'].map((digit) => (
          <button key={digit} type="button" class={digit === '0' ? 'button pin-zero' : 'button'} disabled={isLocked} onClick={() => add(digit)}>
            {digit}
          </button>
        ))}
      </div>
      <FormError text={error} />
      {isLocked && (
        <p class="muted tabular" data-testid="pin-locked">
          {t('pin.locked', { left: length(left) })}
        </p>
      )}
      <HubButton type="submit" kind="primary" busy={isBusy || isLocked || pin.length < DIGITS_MIN} testid="pin-submit">
        {submitWords}
      </HubButton>
    </form>
  );
}
