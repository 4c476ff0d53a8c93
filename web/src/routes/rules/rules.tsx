// Rules of the house: what is in force, how to make one, and what they did last.

import { useEffect } from 'preact/hooks';

import { rules as api, type RuleView, type Vocabulary } from '../../api/rules.ts';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { missed, onEvent } from '../../state/contact.ts';
import { isMissing } from '../../state/devices.ts';
import { t } from '../../text/text.ts';
import { proposed } from './proposed.ts';
import { leaving } from './remove.ts';
import { RuleRow } from './rule-row.tsx';
import { Runs } from './runs.tsx';
import { SentenceInput } from './sentence-input.tsx';
import { TemplateList } from './template-list.tsx';
import { STARTERS, TEMPLATES } from './templates.ts';

const RUNS_SHOWN = 10;

export function RulesPage() {
  const heading = usePage(t('nav.rules'));
  const [found, again] = useFetch(() => Promise.all([api.list(), api.vocabulary()]), `rules ${missed.value}`);
  useEffect(() => onEvent((event) => {
    if (event.kind === 'rule_ran') again();
  }), []);
  return (
    <div class="rules-page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.rules')}
        </h1>
        {found.data && (
          <a class="button button-primary" href="/rules/new" onClick={() => (proposed.value = null)} data-testid="rule-new">
            <Icon name="plus" />
            {t('rules.new')}
          </a>
        )}
      </header>
      {!found.data && found.state === 'loading' && <Loading what={t('nav.rules')} />}
      {!found.data && found.state === 'error' && (isMissing(found.error) ? <p class="note">{t('rules.missing')}</p> : <ErrorCard what={t('rules.failed')} error={found.error} retry={again} />)}
      {found.data && <Page list={found.data[0].filter((rule) => !leaving.value.has(rule.id))} vocabulary={found.data[1]} again={again} />}
    </div>
  );
}

function Page({ list, vocabulary, again }: { list: readonly RuleView[]; vocabulary: Vocabulary; again: () => void }) {
  return (
    <div class="rule-grid">
      <div>
        {list.length === 0 ? (
          <section class="card" aria-labelledby="starters">
            <Empty icon="list-checks" title={t('rules.none')}>
              <p class="muted">{t('rules.none_text')}</p>
            </Empty>
            <h2 id="starters">{t('rules.starters')}</h2>
            <TemplateList names={STARTERS} vocabulary={vocabulary} />
          </section>
        ) : (
          <ul class="rows" data-testid="rules">
            {list.map((view) => (
              <RuleRow key={view.id} view={view} again={again} />
            ))}
          </ul>
        )}
        <SentenceInput />
      </div>
      <div>
        <section class="card" aria-labelledby="templates">
          <h2 id="templates">{t('templates.title')}</h2>
          <p class="muted">{t('templates.text')}</p>
          <TemplateList names={list.length === 0 ? TEMPLATES.filter((name) => !STARTERS.includes(name)) : TEMPLATES} vocabulary={vocabulary} />
        </section>
        <Runs rule={null} vocabulary={vocabulary} limit={RUNS_SHOWN} />
      </div>
    </div>
  );
}
