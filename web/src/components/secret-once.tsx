// Something that is shown once: a token, a password that was made, recovery codes. It can be copied, saved and
// printed, and the dialog closes only when the reader says so.

import { useState } from 'preact/hooks';

import { saveText } from '../export/save.ts';
import { t } from '../text/text.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';

interface Properties {
  title: string;
  text: string;
  lines: readonly string[];
  /** Name of the file it can be saved as; without one it is only copied. */
  file?: string;
  close: () => void;
}

export function SecretOnce({ title, text, lines, file, close }: Properties) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no');
  const whole = lines.join('\n');
  const copy = (): void => {
    // Without a trusted certificate browsers have no clipboard for pages.
    if (!navigator.clipboard) return setCopied('failed');
    navigator.clipboard.writeText(whole).then(() => setCopied('yes'), () => setCopied('failed'));
  };
  return (
    <Dialog title={title} onClose={close} testid="secret-dialog">
      <p>{text}</p>
      <div class="printable">
        <p class="print-only strong">{title}</p>
        <ul class="secret code" data-testid="secret" tabIndex={0} aria-label={title}>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      <p class="hint" role="status">
        {copied === 'yes' && t('secret.copied')}
        {copied === 'failed' && t('secret.not_copied')}
      </p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={copy}>
          <Icon name="copy" />
          {t('secret.copy')}
        </button>
        {file && (
          <>
            <button type="button" class="button" onClick={() => saveText(`${title}\n\n${whole}\n`, file)}>
              <Icon name="download" />
              {t('action.save')}
            </button>
            <button type="button" class="button" onClick={() => print()}>
              <Icon name="printer" />
              {t('secret.print')}
            </button>
          </>
        )}
        <button type="button" class="button button-primary" onClick={close} data-testid="secret-close">
          {t('secret.kept')}
        </button>
      </div>
    </Dialog>
  );
}
