// Whether this page can be an app on this device, and why not.

import { installPrompt, installable } from '../../state/install.ts';
import { t } from '../../text/text.ts';

export function Install() {
  const question = installPrompt.value;
  return (
    <div class="card" data-testid="install" data-state={installable.value}>
      <h2>{t('install.title')}</h2>
      <p>{t(`install.${installable.value}`)}</p>
      {installable.value === 'ready' &&
        (question ? (
          <button type="button" class="button" onClick={() => void question.prompt()}>
            {t('install.button')}
          </button>
        ) : (
          <p class="hint">{t('install.menu')}</p>
        ))}
    </div>
  );
}
