// Speaks to whoever stands at a door: a menu of what the house can say, and what became of it.

import { useId, useState } from 'preact/hooks';

import { replies as api, type Reply } from '../api/replies.ts';
import { offline } from '../state/contact.ts';
import { reasonOf } from '../state/messages.ts';
import { mayAs } from '../state/session.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';
import { useFetch } from './use-fetch.ts';

type Outcome = { state: 'speaking' | 'spoken'; name: string } | { state: 'failed'; name: string; reason: string };

/** Only for those who may control the camera, and only where there is something to say. */
export function AnswerMenu({ camera }: { camera: string }) {
  return mayAs('operator') ? <Menu key={camera} camera={camera} /> : null;
}

function words(outcome: Outcome): string {
  if (outcome.state === 'failed') return t('replies.not_said', { name: outcome.name, reason: outcome.reason });
  return outcome.state === 'spoken' ? t('replies.said', { name: outcome.name }) : t('replies.speaking', { name: outcome.name });
}

function Menu({ camera }: { camera: string }) {
  const id = useId();
  // A hub of an older version has none, and says so.
  const [found] = useFetch(() => api.list(), 'replies');
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const busy = outcome?.state === 'speaking';
  if (!found.data || found.data.length === 0) return null;
  const say = async (reply: Reply, event: Event): Promise<void> => {
    (event.currentTarget as Element).closest<HTMLElement>('[popover]')?.hidePopover();
    setOutcome({ state: 'speaking', name: reply.name });
    try {
      await api.say(camera, reply.id);
      setOutcome({ state: 'spoken', name: reply.name });
    } catch (error) {
      setOutcome({ state: 'failed', name: reply.name, reason: reasonOf(error) });
    }
  };
  return (
    <span class="answer-menu">
      <button type="button" class="button" popovertarget={id} disabled={busy || offline.value} title={offline.value ? t('offline.disabled') : undefined} data-testid="answer">
        <Icon name="megaphone" />
        {t('replies.answer')}
      </button>
      <div id={id} popover="auto" class="menu chip-menu" role="group" aria-label={t('replies.answer')}>
        {found.data.map((reply) => (
          <button key={reply.id} type="button" class="menu-item" dir="auto" onClick={(event) => void say(reply, event)} data-testid="answer-with">
            {reply.name}
          </button>
        ))}
      </div>
      <span role="status" class={outcome?.state === 'failed' ? 'answer-outcome small answer-failed' : 'answer-outcome small muted'} dir="auto" data-testid="answer-outcome" data-state={outcome?.state ?? 'none'}>
        {outcome && words(outcome)}
      </span>
    </span>
  );
}
