// Settings: cameras and the state of the hub for administrators, appearance and keys for everyone.

import type { ComponentType } from 'preact';

import { Denied } from '../../components/states.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { usePage } from '../../components/use-page.ts';
import { presence } from '../../state/devices.ts';
import { isAdmin } from '../../state/session.ts';
import { t, type Key } from '../../text/text.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { Notifications } from '../notifications/notifications.tsx';
import { Appearance } from './appearance.tsx';
import { CameraList } from './camera-list.tsx';
import { UserList } from '../users/user-list.tsx';
import { FaceSettingsPage } from './faces.tsx';
import { Replies } from './replies.tsx';
import { SignInProvider } from './sign-in-provider.tsx';
import { System } from './system.tsx';

interface Section {
  name: string;
  key: Key;
  admin: boolean;
  Page: ComponentType;
}

const SECTIONS: readonly Section[] = [
  { name: 'cameras', key: 'nav.cameras', admin: true, Page: CameraList },
  { name: 'faces', key: 'faces.title', admin: true, Page: FaceSettingsPage },
  { name: 'replies', key: 'replies.title', admin: true, Page: Replies },
  { name: 'notifications', key: 'notify.title', admin: false, Page: Notifications },
  { name: 'users', key: 'users.title', admin: true, Page: UserList },
  { name: 'provider', key: 'provider.title', admin: true, Page: SignInProvider },
  { name: 'system', key: 'settings.system', admin: true, Page: System },
  { name: 'appearance', key: 'settings.appearance', admin: false, Page: Appearance },
];

export function Settings({ params }: { params: Record<string, string> }) {
  const mine = SECTIONS.filter((section) => (isAdmin.value || !section.admin) && !(section.name === 'faces' && presence.value.visits === 'missing'));
  const name = params['section'] ?? mine[0]?.name;
  const section = SECTIONS.find((row) => row.name === name);
  const title = section ? `${t(section.key)} – ${t('nav.settings')}` : t('nav.settings');
  const heading = usePage(title);
  if (!section) return <NotFound />;
  return (
    <div class="settings">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.settings')}
        </h1>
      </header>
      <Tabs label={t('nav.settings')} rows={mine.map((row) => ({ path: `/settings/${row.name}`, text: t(row.key), current: row === section }))} />
      {section.admin && !isAdmin.value ? <Denied role={t('role.admin')} /> : <section.Page />}
    </div>
  );
}
