// Questions and their answers: figures, what they rest on, and what to ask next. What was asked before comes from the
// hub with its words only.

import type { Figure, Reply, Turn } from '../../api/search.ts';
import type { EventView } from '../../api/types.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import type { IconName } from '../../components/icon-names.ts';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal, moment } from '../../time/show.ts';
import { EventRow } from '../../components/event-row.tsx';
import { RowActions, type RowAction } from './row-actions.tsx';
import { Understood } from './understood.tsx';

/** A turn of this visit to the page, or one that was kept. */
export interface Shown {
  at: number;
  text: string;
  reply: Reply | null;
  kept: Turn | null;
}

interface Properties {
  turns: readonly Shown[];
  expiresAt: string | null;
  busy: boolean;
  chosen: string | null;
  open: (event: EventView) => void;
  act: RowAction;
  ask: (text: string) => void;
  find: (q: string) => void;
}

export function Answers({ turns, expiresAt, busy, ask, ...more }: Properties) {
  return (
    <section class="card answers" aria-label={t('ask.title')} data-testid="answers">
      <ol>
        {turns.map((turn, index) => (
          <li key={index} class="turn">
            <p class="turn-question" dir="auto">
              {turn.text}
            </p>
            {turn.reply ? <Answer reply={turn.reply} busy={busy} ask={index === turns.length - 1 ? ask : null} {...more} /> : <Kept turn={turn} busy={busy} ask={ask} />}
          </li>
        ))}
      </ol>
      <div role="status">
        {busy && <p class="muted">{t('ask.thinking')}</p>}
      </div>
      {expiresAt && (
        <p class="small muted tabular">
          {t('ask.expires', { time: moment(Date.parse(expiresAt), second.peek()) })} {t('ask.untrusted')}
        </p>
      )}
    </section>
  );
}

const ICONS: Record<Reply['kind'], IconName> = { answer: 'message-square-text', clarification: 'circle-help', nothing_known: 'circle-slash' };

function Answer({ reply, busy, ask, chosen, open, act, find }: Omit<Properties, 'turns' | 'expiresAt' | 'ask'> & { reply: Reply; ask: ((text: string) => void) | null }) {
  return (
    <div data-testid="answer" data-state={reply.kind}>
      <p class="turn-answer">
        <Icon name={ICONS[reply.kind] ?? 'info'} />
        <span dir="auto" lang="en">
          {reply.answer}
        </span>
      </p>
      {reply.figures.length > 0 && (
        <dl class="figures">
          {reply.figures.map((figure, index) => (
            <FigureCell key={index} figure={figure} />
          ))}
        </dl>
      )}
      <Understood understood={reply.understood} notUnderstood={reply.not_understood} />
      {reply.evidence.length > 0 && (
        <>
          <h2>{t('ask.evidence', { n: reply.evidence.length })}</h2>
          <ul class="event-list evidence-events">
            {reply.evidence.map((event) => (
              <EventRow key={event.id} event={event} current={event.id === chosen} onOpen={open} actions={event.camera !== null && <RowActions event={event} act={act} />} />
            ))}
          </ul>
        </>
      )}
      <div class="row">
        {ask && reply.follow_ups.map((text) => (
          <HubButton key={text} busy={busy} onClick={() => ask(text)} testid="follow-up">
            <span dir="auto">{text}</span>
          </HubButton>
        ))}
        {reply.search !== '' && (
          <button type="button" class="button button-quiet" onClick={() => find(reply.search)} data-testid="answer-search">
            <Icon name="search" size={16} />
            {t('ask.show_all')}
          </button>
        )}
      </div>
    </div>
  );
}

function FigureCell({ figure }: { figure: Figure }) {
  const [from, to] = [Date.parse(figure.from), Date.parse(figure.to)];
  return (
    <div>
      <dt class="muted small">{tCode('figure', figure.name)}</dt>
      <dd>
        <span class="figure-value tabular">
          {decimal(figure.value, Number.isInteger(figure.value) ? 0 : 1)}
          {figure.unit && ` ${figure.unit}`}
        </span>
        <span class="muted small tabular">{t('ask.between', { from: moment(from, second.peek()), to: moment(to, second.peek()) })}</span>
      </dd>
    </div>
  );
}

function Kept({ turn, busy, ask }: { turn: Shown; busy: boolean; ask: (text: string) => void }) {
  return (
    <div data-testid="kept-turn">
      <p class="turn-answer">
        <Icon name="message-square-text" />
        <span dir="auto" lang="en">
          {turn.kept?.answer}
        </span>
      </p>
      <div class="row">
        <span class="muted small tabular">{moment(turn.at, second.peek())}</span>
        <HubButton busy={busy} onClick={() => ask(turn.text)} testid="ask-again">
          <Icon name="rotate-cw" size={16} />
          {turn.kept && turn.kept.evidence.length > 0 ? t('ask.again_with', { n: turn.kept.evidence.length }) : t('ask.again')}
          <span class="visually-hidden">: {turn.text}</span>
        </HubButton>
      </div>
    </div>
  );
}
