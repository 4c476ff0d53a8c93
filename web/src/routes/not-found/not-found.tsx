// An address with nothing behind it, or nothing this person may see: the same words for both.

import { Empty } from '../../components/states.tsx';
import { usePage } from '../../components/use-page.ts';
import { t } from '../../text/text.ts';

export function NotFound() {
  const heading = usePage(t('not_found.title'));
  return (
    <div data-testid="not-found">
      <h1 ref={heading} tabIndex={-1} class="visually-hidden">
        {t('not_found.title')}
      </h1>
      <Empty icon="circle-help" title={t('not_found.title')}>
        <p class="muted">{t('not_found.text')}</p>
        <a class="button button-primary" href="/">
          {t('not_found.home')}
        </a>
      </Empty>
    </div>
  );
}
