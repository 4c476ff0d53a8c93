// Assistants: what waits for a person first, then who has access, and what they called. All can be paused at once.

import { useEffect, useState } from 'preact/hooks';

import { assistant as api, type AssistantView } from '../../api/assistant.ts';
import { ApprovalCard } from '../../components/approval-card.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { DeniedPage, ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useEvery } from '../../components/use-every.ts';
import { usePage } from '../../components/use-page.ts';
import { assistantError, assistantView, loadAssistant, reloadAssistant } from '../../state/assistant.ts';
import { presence } from '../../state/devices.ts';
import { failed } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { NotInHub } from '../devices/not-in-hub.tsx';
import { AccessDialog, type Made } from './access-dialog.tsx';
import { AccessList } from './access-list.tsx';
import { CallLog } from './call-log.tsx';
import { SnippetDialog } from './snippet-dialog.tsx';

const EVERY_MS = 2_000;

export function AssistantPage() {
  if (presence.value.assistant === 'missing') return <NotInHub title={t('nav.assistant')} icon="bot" />;
  if (presence.value.assistant === 'refused') return <DeniedPage role={t('role.admin')} />;
  return <Page />;
}

function Page() {
  const view = assistantView.value;
  const heading = usePage(t('nav.assistant'));
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  useEffect(() => void loadAssistant(), []);
  useEvery(EVERY_MS, () => void loadAssistant());
  return (
    <div class="assistant-page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.assistant')}
        </h1>
        {view && (
          <div class="row">
            <Pause view={view} />
            <HubButton kind="primary" onClick={() => setAdding(true)} testid="access-new">
              <Icon name="plus" />
              {t('access.new')}
            </HubButton>
          </div>
        )}
      </header>
      <p class="muted section-text">{t('assistant.text')}</p>
      {!view && assistantError.value === null && <Loading what={t('nav.assistant')} />}
      {!view && assistantError.value !== null && <ErrorCard what={t('assistant.failed')} error={assistantError.value} retry={() => void loadAssistant()} />}
      {view?.is_paused && (
        <p class="note note-warn" role="status" data-testid="assistant-paused">
          {t('assistant.is_paused')}
        </p>
      )}
      {view && <Waiting view={view} />}
      {view && (
        <section class="card" aria-labelledby="access">
          <h2 id="access">{t('access.list')}</h2>
          <AccessList view={view} />
        </section>
      )}
      {view && <CallLog calls={view.calls} />}
      {isAdding && view && (
        <AccessDialog
          tools={view.tools}
          close={() => setAdding(false)}
          done={(next) => {
            setAdding(false);
            setMade(next);
            void reloadAssistant();
          }}
        />
      )}
      {made && <SnippetDialog made={made} close={() => setMade(null)} />}
    </div>
  );
}

function Waiting({ view }: { view: AssistantView }) {
  const { approvals } = view;
  return (
    <section class="card" aria-labelledby="waiting" data-testid="approvals">
      <h2 id="waiting">
        {t('approval.waiting')} {approvals.length > 0 && <span class="count">{approvals.length}</span>}
      </h2>
      {approvals.length === 0 && <p class="muted">{t('approval.none')}</p>}
      <ul class="approval-list" aria-live="polite">
        {approvals.map((approval) => (
          <li key={approval.id}>
            <ApprovalCard approval={approval} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Pause({ view }: { view: AssistantView }) {
  const { busy, run } = useAction((error) => {
    failed(t('assistant.not_paused'), error);
    return '';
  });
  const toggle = (): void => {
    void run(async () => {
      await api.pause(!view.is_paused);
      await reloadAssistant();
    });
  };
  return (
    <HubButton busy={busy} onClick={toggle} pressed={view.is_paused} testid="assistant-pause">
      <Icon name={view.is_paused ? 'play' : 'pause'} />
      {view.is_paused ? t('assistant.go_on') : t('assistant.pause')}
    </HubButton>
  );
}
