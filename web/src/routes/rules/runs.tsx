// What rules did: why each ran, and what came of everything it does.

import { useEffect, useState } from 'preact/hooks';

import { rules as api, type Outcome, type RuleRun, type Vocabulary } from '../../api/rules.ts';
import { Icon } from '../../components/icon.tsx';
import type { IconName } from '../../components/icon-names.ts';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { second } from '../../state/clock.ts';
import { missed, onEvent } from '../../state/contact.ts';
import { t } from '../../text/text.ts';
import { clockTime, dateTime, moment } from '../../time/show.ts';
import { actionWords, testWords } from './words.ts';

interface Properties {
  /** Only of this one. */
  rule: string | null;
  vocabulary: Vocabulary;
  limit: number;
}

interface Page {
  list: RuleRun[];
  hasMore: boolean;
}

// What a rule does is acknowledged a moment after it ran.
const ANSWERS_MS = 1_500;

export function Runs({ rule, vocabulary, limit }: Properties) {
  const [page, setPage] = useState<Page | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = (before: number | null): void => {
    api.runs(rule, before, limit).then(
      (list) => {
        setError(null);
        setPage((now) => ({ list: before === null ? list : [...(now?.list ?? []), ...list], hasMore: list.length === limit }));
      },
      setError,
    );
  };
  useEffect(() => load(null), [rule, missed.value]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onEvent((event) => {
      if (event.kind !== 'rule_ran' || (rule !== null && event.detail['rule'] !== rule)) return;
      load(null);
      clearTimeout(timer);
      timer = setTimeout(() => load(null), ANSWERS_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [rule]);
  return (
    <section class="card" aria-labelledby="runs" data-testid="runs">
      <h2 id="runs">{rule === null ? t('runs.all') : t('runs.title')}</h2>
      {page === null && error === null && <Loading what={t('runs.title')} />}
      {page === null && error !== null && <ErrorCard what={t('runs.failed')} error={error} retry={() => load(null)} />}
      {page?.list.length === 0 && <p class="muted">{t('runs.none')}</p>}
      <ul class="face-list run-list">
        {page?.list.map((run) => (
          <Run key={run.id} run={run} vocabulary={vocabulary} hasName={rule === null} />
        ))}
      </ul>
      {page?.hasMore && (
        <button type="button" class="button" onClick={() => load(page.list.at(-1)?.id ?? null)}>
          {t('runs.more')}
        </button>
      )}
    </section>
  );
}

type OutcomeKind = 'pending' | 'overruled' | 'done' | 'failed';
const kindOf = (outcome: Outcome): OutcomeKind => (typeof outcome === 'string' ? outcome : 'done' in outcome ? 'done' : 'failed');
const ICONS: Record<OutcomeKind, IconName> = { pending: 'clock', overruled: 'minus', done: 'check', failed: 'triangle-alert' };

function Run({ run, vocabulary, hasName }: { run: RuleRun; vocabulary: Vocabulary; hasName: boolean }) {
  const at = Date.parse(run.at);
  return (
    <li data-testid="run" data-run={run.id}>
      <div class="grow">
        <p class="row">
          <a href={`/timeline?t=${new Date(at).toISOString()}`} class="tabular strong" title={dateTime(at)}>
            {moment(at, second.peek())}
          </a>
          {hasName &&
            (run.name === null ? (
              <span class="muted">{t('runs.removed')}</span>
            ) : (
              <a href={`/rules/${run.rule}`} dir="auto">
                {run.name}
              </a>
            ))}
        </p>
        <ul class="run-part" aria-label={t('runs.because')}>
          {run.because.map((one) => (
            <li key={one.test} class="small muted" dir="auto">
              {!one.was && `${t('word.not')} `}
              {testWords(one.condition, vocabulary)} <span class="tabular">({t('runs.since', { time: clockTime(Date.parse(one.since)) })})</span>
            </li>
          ))}
        </ul>
        <ul class="run-part" aria-label={t('runs.did')}>
          {run.actions.map(({ action, outcome }, index) => {
            const kind = kindOf(outcome);
            return (
              <li key={index} class={kind === 'failed' ? 'row small bad-text' : 'row small'} data-testid="run-action" data-outcome={kind}>
                <Icon name={ICONS[kind]} size={16} />
                <span dir="auto">{actionWords(action, vocabulary)}</span>
                <span class="muted">
                  {t(`rule_outcome.${kind}`)}
                  {typeof outcome !== 'string' && 'failed' in outcome && `: ${outcome.failed.reason}`}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
    </li>
  );
}
