// What the hub says about a draft: the rule as a sentence, what is wrong with it, which rules are at odds with it, and
// what it would have done in the last seven days.

import type { Conflict, RuleView, Vocabulary } from '../../api/rules.ts';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard } from '../../components/states.tsx';
import { second } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { dateTime, moment, whole } from '../../time/show.ts';
import { FindingNote } from './finding-note.tsx';
import type { Gap } from './tree.ts';
import type { CheckState } from './use-check.ts';
import { testWords } from './words.ts';

const HITS_SHOWN = 12;

interface Properties {
  check: CheckState;
  gap: Gap | null;
  others: readonly RuleView[];
  own: string | null;
  vocabulary: Vocabulary;
  again: () => void;
}

export function CheckPanel({ check, gap, others, own, vocabulary, again }: Properties) {
  const { checked } = check;
  return (
    <section class="card" aria-labelledby="rule-check" data-testid="rule-check" data-state={gap ? 'incomplete' : check.state}>
      <h2 id="rule-check">{t('check.title')}</h2>
      <p class="muted small" role="status">
        {gap ? t(`gap.${gap}`) : check.state === 'checking' ? t('check.running') : check.state === 'ready' && checked ? t('check.done', { n: checked.findings.length + checked.conflicts.length }) : ''}
      </p>
      {check.state === 'error' && <ErrorCard what={t('check.failed')} error={check.error} retry={again} />}
      {!gap && checked && (
        <div class={check.state === 'checking' ? 'is-stale' : ''}>
          <p class="rule-sentence" dir="auto" data-testid="check-sentence">
            {checked.sentence}
          </p>
          {checked.findings.map((finding) => (
            <FindingNote key={finding.at + finding.code} finding={finding} />
          ))}
          {checked.conflicts.map((conflict, index) => (
            <ConflictNote key={index} conflict={conflict} others={others} own={own} />
          ))}
          <History history={checked.history} vocabulary={vocabulary} />
        </div>
      )}
    </section>
  );
}

function ConflictNote({ conflict, others, own }: { conflict: Conflict; others: readonly RuleView[]; own: string | null }) {
  const against = conflict.rules.filter((id) => id !== own).flatMap((id) => others.filter((rule) => rule.id === id));
  const isDecided = conflict.conflict === 'opposed' && conflict.is_decided;
  const words = conflict.conflict === 'opposed' ? (isDecided ? t('conflict.decided') : conflict.is_proved ? t('conflict.opposed') : t('conflict.maybe_opposed')) : t(`conflict.${conflict.conflict}`);
  return (
    <p class={isDecided ? 'finding small muted' : 'finding small warn-text'} data-testid="conflict" data-kind={conflict.conflict}>
      <Icon name={isDecided ? 'info' : 'triangle-alert'} size={16} />
      <span>
        {words}{' '}
        {against.map((rule, index) => (
          <span key={rule.id}>
            {index > 0 && ', '}
            <a href={`/rules/${rule.id}`} dir="auto">
              {rule.rule.name}
            </a>
          </span>
        ))}
      </span>
    </p>
  );
}

type Dry = NonNullable<CheckState['checked']>['history'];

function History({ history, vocabulary }: { history: Dry; vocabulary: Vocabulary }) {
  const newest = history.told.slice(-HITS_SHOWN).reverse();
  return (
    <div class="dry-run" data-testid="dry-run" data-runs={history.runs}>
      <h3>{t('dry.title', { n: history.runs })}</h3>
      <p class="muted small">
        {t('dry.facts', { n: whole(history.facts) })} {history.from !== null && t('dry.from', { time: moment(Date.parse(history.from), second.peek()) })} {history.is_cut && t('dry.cut')}
      </p>
      <ul class="face-list">
        {newest.map((hit, index) => {
          const at = Date.parse(hit.at);
          const cause = hit.because.find((one) => one.event !== null) ?? hit.because[0];
          return (
            <li key={index} class="alarm-change">
              <a href={`/timeline?t=${new Date(at).toISOString()}`} title={dateTime(at)} class="tabular">
                {moment(at, second.peek())}
              </a>
              <span class="grow small muted" dir="auto">
                {cause ? testWords(cause.condition, vocabulary) : ''}
              </span>
            </li>
          );
        })}
      </ul>
      {history.told.length > newest.length && <p class="muted small">{t('dry.more', { n: history.runs - newest.length })}</p>}
    </div>
  );
}
