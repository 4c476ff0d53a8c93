// Two ways to disarm: a PIN, or a sign-in that was proved just now. A page that was left open is no key.

import { useState } from 'preact/hooks';

import { alarm as api, type AlarmView, type PinPurpose } from '../api/alarm.ts';
import { keepAlarm } from '../state/alarm.ts';
import { t } from '../text/text.ts';
import { FormError } from './form-error.tsx';
import { HubButton } from './hub-button.tsx';
import { PinPad } from './pin-pad.tsx';
import { useAction } from './use-action.ts';

export const disarmBySignIn = async (): Promise<void> => keepAlarm(await api.setMode('disarmed'));

export function Disarm({ view, purpose = 'disarm', done, focus = false }: { view: AlarmView; purpose?: PinPurpose; done: () => void; focus?: boolean }) {
  const { busy, error, run } = useAction();
  const [isBySignIn, setBySignIn] = useState(false);
  const bySignIn = async (): Promise<void> => {
    setBySignIn(true);
    if (await run(disarmBySignIn)) done();
    setBySignIn(false);
  };
  return (
    <div class="disarm" data-testid="disarm">
      {view.has_pins && <PinPad purpose={purpose} done={done} focus={focus} />}
      <div class="disarm-other">
        {!view.has_pins && <p class="muted">{t('alarm.no_pins')}</p>}
        {view.has_pins && <p class="muted small">{t('alarm.or_sign_in')}</p>}
        <HubButton kind={view.has_pins ? 'plain' : 'primary'} busy={busy || isBySignIn} onClick={() => void bySignIn()} testid="disarm-sign-in">
          {t('alarm.disarm_sign_in')}
        </HubButton>
        <FormError text={error} />
      </div>
    </div>
  );
}
