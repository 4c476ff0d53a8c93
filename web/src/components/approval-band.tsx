// An assistant waits for a person, on every page of those who may answer. Its own page shows all that wait.

import { useEffect } from 'preact/hooks';

import { ASSISTANT_ROLE } from '../api/assistant.ts';
import { path } from '../router/router.ts';
import { assistantView, loadAssistant } from '../state/assistant.ts';
import { presence } from '../state/devices.ts';
import { mayAs } from '../state/session.ts';
import { t } from '../text/text.ts';
import { ApprovalCard } from './approval-card.tsx';
import { useEvery } from './use-every.ts';

// An approval waits for a minute; pictures come first.
const EVERY_MS = 5_000;
const FIRST_MS = 2_000;

export const ASSISTANT_PATH = '/assistant';

export function ApprovalBand() {
  if (!mayAs(ASSISTANT_ROLE) || presence.value.assistant === 'missing' || presence.value.assistant === 'refused') return null;
  return <Asking />;
}

function Asking() {
  const isHere = path.value === ASSISTANT_PATH;
  useEffect(() => {
    const timer = setTimeout(() => void loadAssistant(), FIRST_MS);
    return () => clearTimeout(timer);
  }, []);
  useEvery(EVERY_MS, () => path.peek() !== ASSISTANT_PATH && void loadAssistant());
  const [first, ...rest] = isHere ? [] : (assistantView.value?.approvals ?? []);
  // The element is there from the start: what is put into it is announced.
  return (
    <div class="approval-region" role="alert" data-testid="approval-region">
      {first && (
        <section class="approval-band" aria-label={t('approval.waiting')} data-testid="approval-band">
          <ApprovalCard key={first.id} approval={first} />
          <a href={ASSISTANT_PATH}>{rest.length > 0 ? t('approval.more', { n: rest.length }) : t('approval.page')}</a>
        </section>
      )}
    </div>
  );
}
