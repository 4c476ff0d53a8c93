// A call for help, asked for once more before it goes out. After a silent one nothing on the page is different: whoever
// stands beside must not see that there was one.

import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';

import { ARM_ROLE, alarm as api } from '../api/alarm.ts';
import { loadAlarm } from '../state/alarm.ts';
import { mayAs } from '../state/session.ts';
import { t } from '../text/text.ts';
import { Dialog } from './dialog.tsx';
import { Choice } from './field.tsx';
import { FormError } from './form-error.tsx';
import { HubButton } from './hub-button.tsx';
import { useAction } from './use-action.ts';

const isOpen = signal(false);
export const askPanic = (): void => {
  isOpen.value = true;
};
const close = (): void => {
  isOpen.value = false;
};

export function PanicDialog() {
  return isOpen.value && mayAs(ARM_ROLE) ? <Question /> : null;
}

type How = 'loud' | 'silent';

function Question() {
  const [how, setHow] = useState<How>('loud');
  const { busy, error, run } = useAction();
  const call = async (): Promise<void> => {
    if (!(await run(() => api.panic(how === 'silent')))) return;
    close();
    if (how === 'loud') void loadAlarm();
  };
  return (
    <Dialog title={t('panic.title')} onClose={close} testid="panic-dialog">
      <Choice label={t('panic.how')} value={how} options={[['loud', t('panic.loud')], ['silent', t('panic.silent')]]} hint={how === 'loud' ? t('panic.loud_hint') : t('panic.silent_hint')} onChoose={setHow} testid="panic-how" />
      <FormError text={error} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close} autoFocus>
          {t('action.cancel')}
        </button>
        <HubButton kind="danger" busy={busy} onClick={() => void call()} testid="panic-call">
          {t('panic.call')}
        </HubButton>
      </div>
    </Dialog>
  );
}
