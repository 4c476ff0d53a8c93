// The token of a new access, once, inside what is put into the settings of a program.

import { useState } from 'preact/hooks';

import { Dialog } from '../../components/dialog.tsx';
import { Choice } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import type { Made } from './access-dialog.tsx';
import { snippet, type Transport } from './presets.ts';

export function SnippetDialog({ made: { made, preset }, close }: { made: Made; close: () => void }) {
  const [transport, setTransport] = useState<Transport>('stdio');
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no');
  const text = snippet(transport, made.secret, preset, { origin: location.origin, certificate: welcome.value?.certificate_sha256 ?? null });
  const copy = (): void => {
    // Without a trusted certificate browsers have no clipboard for pages.
    if (!navigator.clipboard) return setCopied('failed');
    navigator.clipboard.writeText(text).then(() => setCopied('yes'), () => setCopied('failed'));
  };
  const choose = (next: Transport): void => {
    setTransport(next);
    setCopied('no');
  };
  return (
    <Dialog title={t('snippet.title', { name: made.token.name })} onClose={close} testid="snippet-dialog" wide>
      <p>{t('snippet.text')}</p>
      <Choice label={t('snippet.how')} hint={t(`snippet_hint.${transport}`)} value={transport} options={[['stdio', t('snippet.stdio')], ['http', t('snippet.http')]]} onChoose={choose} testid="snippet-transport" />
      <pre class="secret code snippet" dir="ltr" tabIndex={0} role="region" aria-label={t('snippet.title', { name: made.token.name })} data-testid="snippet">
        {text}
      </pre>
      <p class="hint" role="status">
        {copied === 'yes' && t('secret.copied')}
        {copied === 'failed' && t('secret.not_copied')}
      </p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={copy} data-testid="snippet-copy">
          <Icon name="copy" />
          {t('secret.copy')}
        </button>
        <button type="button" class="button button-primary" onClick={close} data-testid="snippet-close">
          {t('secret.kept')}
        </button>
      </div>
    </Dialog>
  );
}
