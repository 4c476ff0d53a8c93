// "This is wrong": what it really was, or that nothing was there. The picture goes into the review queue.

import { useState } from 'preact/hooks';

import { review } from '../../api/review.ts';
import type { EventView } from '../../api/types.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Choice } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { succeeded } from '../../state/messages.ts';
import { t, tCode } from '../../text/text.ts';
import { REVIEW_LABELS } from '../review/labels.ts';
import { AboutEvent } from './about-event.tsx';

const NOTHING = 'nothing';

export function WrongDialog({ event, close }: { event: EventView; close: () => void }) {
  const [label, setLabel] = useState<string>(NOTHING);
  const { busy, error, run } = useAction();
  const submit = async (submitted: SubmitEvent): Promise<void> => {
    submitted.preventDefault();
    if (!(await run(() => review.correct(event.id, label === NOTHING ? null : label)))) return;
    succeeded(t('wrong.done'));
    close();
  };
  const options = [NOTHING, ...REVIEW_LABELS.filter((one) => one !== event.label)];
  return (
    <Dialog title={t('wrong.title')} onClose={close} testid="wrong-dialog">
      <form onSubmit={(submitted) => void submit(submitted)}>
        <AboutEvent event={event} />
        <Choice label={t('wrong.really')} value={label} options={options.map((one) => [one, one === NOTHING ? t('wrong.nothing') : tCode('label', one)])} onChoose={setLabel} testid="wrong-choice" />
        <p class="hint">{t('wrong.hint')}</p>
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy} testid="wrong-send">
            {t('wrong.send')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
