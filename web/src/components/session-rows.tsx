// Sign-ins as a list: with what, from where, when last, and a way to end each.

import type { SessionInfo } from '../api/account.ts';
import { second } from '../state/clock.ts';
import { t } from '../text/text.ts';
import { age, moment } from '../time/show.ts';
import { agentName } from './agent-name.ts';
import { HubButton } from './hub-button.tsx';
import { Icon } from './icon.tsx';

export function SessionRows({ sessions, end }: { sessions: readonly SessionInfo[]; end: (session: SessionInfo) => void }) {
  const now = second.value;
  return (
    <ul class="rows" data-testid="sessions">
      {sessions.map((session) => (
        <li key={session.id} class="list-row" data-testid="session-row">
          <Icon name={agentName(session.agent).isPhone ? 'smartphone' : 'monitor'} />
          <div class="grow">
            <p class="strong" title={session.agent} dir="auto">
              {agentName(session.agent).text || t('sessions.unknown')}
              {session.current && <span class="badge badge-ok">{t('sessions.this')}</span>}
            </p>
            <p class="muted small tabular">
              {session.address} · {t('sessions.since', { time: moment(Date.parse(session.created_at), now) })} · {t('sessions.seen', { age: age(now - Date.parse(session.last_seen_at)) })}
            </p>
          </div>
          {!session.current && (
            <HubButton onClick={() => end(session)} label={t('sessions.end_of', { what: agentName(session.agent).text })} testid="session-end">
              {t('sessions.end')}
            </HubButton>
          )}
        </li>
      ))}
    </ul>
  );
}
