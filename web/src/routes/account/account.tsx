// One's own account: how one signs in, where one is signed in, and the tokens of one's programs.

import type { ComponentType } from 'preact';

import { Tabs } from '../../components/tabs.tsx';
import { usePage } from '../../components/use-page.ts';
import { mayAs, session } from '../../state/session.ts';
import { t, type Key } from '../../text/text.ts';
import type { Role } from '../../api/types.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { OwnSessions } from './own-sessions.tsx';
import { SignInWays } from './sign-in-ways.tsx';
import { Tokens } from './tokens.tsx';

const SECTIONS: readonly { name: string; key: Key; role: Role; Page: ComponentType }[] = [
  { name: 'sign-in', key: 'account.sign_in', role: 'guest', Page: SignInWays },
  { name: 'sessions', key: 'account.sessions', role: 'guest', Page: OwnSessions },
  { name: 'tokens', key: 'account.tokens', role: 'operator', Page: Tokens },
];

export function Account({ params }: { params: Record<string, string> }) {
  const mine = SECTIONS.filter((section) => mayAs(section.role));
  const section = mine.find((row) => row.name === (params['section'] ?? 'sign-in'));
  const heading = usePage(section ? `${t(section.key)} – ${t('account.title')}` : t('account.title'));
  if (!section) return <NotFound />;
  return (
    <div class="narrow">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('account.title')}
        </h1>
        <p class="muted">
          <span dir="auto">{session.value?.user.name}</span>, {t(`role.${session.value?.user.role ?? 'guest'}`)}
        </p>
      </header>
      <Tabs label={t('account.title')} rows={mine.map((row) => ({ path: `/account/${row.name}`, text: t(row.key), current: row === section }))} />
      <section.Page />
    </div>
  );
}
