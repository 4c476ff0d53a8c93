// The alarm: how it stands and what changed last; for administrators also what it watches, and who has a PIN.

import type { ComponentType } from 'preact';

import { Denied } from '../../components/states.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { usePage } from '../../components/use-page.ts';
import { isAdmin } from '../../state/session.ts';
import { t, type Key } from '../../text/text.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { AlarmPins } from './pins.tsx';
import { AlarmSettingsPage } from './settings.tsx';
import { AlarmNow } from './state.tsx';

const SECTIONS: readonly { name: string; path: string; key: Key; Page: ComponentType }[] = [
  { name: 'now', path: '/alarm', key: 'alarm.now', Page: AlarmNow },
  { name: 'settings', path: '/alarm/settings', key: 'alarm.settings', Page: AlarmSettingsPage },
  { name: 'pins', path: '/alarm/pins', key: 'alarm.pins', Page: AlarmPins },
];

export function AlarmPage({ params }: { params: Record<string, string> }) {
  const section = SECTIONS.find((row) => row.name === (params['section'] ?? 'now'));
  const heading = usePage(section && section.name !== 'now' ? `${t(section.key)} – ${t('nav.alarm')}` : t('nav.alarm'));
  if (!section) return <NotFound />;
  const isMine = isAdmin.value || section.name === 'now';
  return (
    <div class="alarm-page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.alarm')}
        </h1>
      </header>
      {isAdmin.value && <Tabs label={t('nav.alarm')} rows={SECTIONS.map((row) => ({ path: row.path, text: t(row.key), current: row === section }))} />}
      {isMine ? <section.Page /> : <Denied role={t('role.admin')} />}
    </div>
  );
}
