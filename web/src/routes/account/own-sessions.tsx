// Where one is signed in, and how to end that.

import { account, type SessionInfo } from '../../api/account.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { SessionRows } from '../../components/session-rows.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { failed, succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';

export function OwnSessions() {
  const [list, again] = useFetch(() => account.sessions(), 'sessions');
  const others = (list.data ?? []).filter((session) => !session.current).length;
  const end = (session: SessionInfo): void => {
    account.endSession(session.id).then(
      () => {
        succeeded(t('sessions.ended', { n: 1 }));
        again();
      },
      (error: unknown) => failed(t('sessions.not_ended'), error),
    );
  };
  const endOthers = (): void => {
    account.endOtherSessions().then(
      (ended) => {
        succeeded(t('sessions.ended', { n: ended }));
        again();
      },
      (error: unknown) => failed(t('sessions.not_ended'), error),
    );
  };
  return (
    <section aria-label={t('account.sessions')}>
      <div class="section-head">
        <p class="muted">{t('sessions.text')}</p>
        {others > 0 && (
          <HubButton onClick={endOthers} testid="sessions-end-others">
            {t('sessions.end_others', { n: others })}
          </HubButton>
        )}
      </div>
      {!list.data && list.state === 'loading' && <Loading what={t('account.sessions')} />}
      {list.state === 'error' && <ErrorCard what={t('sessions.failed')} error={list.error} retry={again} />}
      {list.data && <SessionRows sessions={list.data} end={end} />}
    </section>
  );
}
