// A question before something that cannot be taken back: names what follows, and begins on Cancel.

import type { ComponentChildren } from 'preact';

import { t } from '../text/text.ts';
import { Dialog } from './dialog.tsx';
import { FormError } from './form-error.tsx';
import { HubButton } from './hub-button.tsx';
import { useAction } from './use-action.ts';

interface Properties {
  title: string;
  /** The verb with its object. */
  confirm: string;
  /** Red is for what destroys something. */
  kind?: 'danger' | 'primary';
  action: () => Promise<unknown>;
  /** After it was done. */
  done: () => void;
  close: () => void;
  children: ComponentChildren;
}

export function Confirm({ title, confirm, kind = 'danger', action, done, close, children }: Properties) {
  const { busy, error, run } = useAction();
  const go = async (): Promise<void> => {
    if (await run(action)) done();
  };
  return (
    <Dialog title={title} onClose={close} testid="confirm-dialog">
      {children}
      <FormError text={error} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close} autoFocus>
          {t('action.cancel')}
        </button>
        <HubButton kind={kind} onClick={() => void go()} busy={busy} testid="confirm">
          {confirm}
        </HubButton>
      </div>
    </Dialog>
  );
}
