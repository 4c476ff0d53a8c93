// What a language model says an event was: only after somebody was told what is sent where, and clicked.

import { useState } from 'preact/hooks';

import { rules, type Description, type Drafting } from '../../api/rules.ts';
import type { EventView } from '../../api/types.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { t } from '../../text/text.ts';
import { hostOf } from '../rules/endpoint.ts';
import { AboutEvent } from './about-event.tsx';

export function DescribeDialog({ event, model, close }: { event: EventView; model: Drafting; close: () => void }) {
  const [said, setSaid] = useState<Description | null>(null);
  const { busy, error, run } = useAction();
  const ask = (): Promise<boolean> =>
    run(async () => {
      setSaid(await rules.describe(event.id));
    });
  const goesAlong = model.may_see_pictures && event.thumbnail ? 'describe.sent_picture' : 'describe.sent';
  return (
    <Dialog title={t('describe.title')} onClose={close} testid="describe-dialog">
      <AboutEvent event={event} />
      {said ? (
        <>
          <p dir="auto" data-testid="description">
            {said.text}
          </p>
          <p class="hint">{t(said.with_picture ? 'describe.by_picture' : 'describe.by', { model: said.model })}</p>
        </>
      ) : (
        <p class="hint">{t(goesAlong, { host: hostOf(model.url) })}</p>
      )}
      <FormError text={error} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          {t('action.close')}
        </button>
        {!said && (
          <HubButton kind="primary" onClick={() => void ask()} busy={busy} testid="describe-ask">
            {t('describe.ask')}
          </HubButton>
        )}
      </div>
    </Dialog>
  );
}
