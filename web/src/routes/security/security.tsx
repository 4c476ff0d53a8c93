// The security centre: facts with counts, no score. What is broken or waits for a person stands first.

import type { ComponentType } from 'preact';

import { Tabs } from '../../components/tabs.tsx';
import { usePage } from '../../components/use-page.ts';
import { t, type Key } from '../../text/text.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { Audit } from './audit.tsx';
import { Overview } from './overview.tsx';
import { Promises } from './promises.tsx';

const SECTIONS: readonly { name: string; key: Key; Page: ComponentType }[] = [
  { name: 'overview', key: 'security.overview', Page: Overview },
  { name: 'promises', key: 'security.promises', Page: Promises },
  { name: 'audit', key: 'security.audit', Page: Audit },
];

export function Security({ params }: { params: Record<string, string> }) {
  const section = SECTIONS.find((row) => row.name === (params['section'] ?? 'overview'));
  const heading = usePage(section ? `${t(section.key)} – ${t('nav.security')}` : t('nav.security'));
  if (!section) return <NotFound />;
  return (
    <div class="security">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.security')}
        </h1>
      </header>
      <Tabs
        label={t('nav.security')}
        rows={SECTIONS.map((row) => ({
          path: row.name === 'overview' ? '/security' : `/security/${row.name}`,
          text: t(row.key),
          current: row === section,
        }))}
      />
      <section.Page />
    </div>
  );
}
