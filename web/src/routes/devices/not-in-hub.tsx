// A page for which this hub has no routes says so, instead of looking empty.

import { Empty } from '../../components/states.tsx';
import type { IconName } from '../../components/icon-names.ts';
import { usePage } from '../../components/use-page.ts';
import { welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';

export function NotInHub({ title, icon }: { title: string; icon: IconName }) {
  const heading = usePage(title);
  return (
    <div data-testid="not-in-hub">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </header>
      <Empty icon={icon} title={t('absent.title')}>
        <p class="muted">{t('absent.text', { version: welcome.value?.version ?? '—' })}</p>
      </Empty>
    </div>
  );
}
