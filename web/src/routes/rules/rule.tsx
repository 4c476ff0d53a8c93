// One rule: its sentence of chips, what the hub says about it before it is saved, and what it did.

import { useState } from 'preact/hooks';

import { rules as api, type Rule, type RuleView, type Vocabulary } from '../../api/rules.ts';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { NumberChip } from '../../components/word-chip.tsx';
import { go, place } from '../../router/router.ts';
import { isMissing } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { ActionEditor } from './action-editor.tsx';
import { CheckPanel } from './check-panel.tsx';
import { ConditionEditor } from './condition-editor.tsx';
import { DurationChip } from './duration-chip.tsx';
import { FindingNote } from './finding-note.tsx';
import { proposed } from './proposed.ts';
import { removeRule } from './remove.ts';
import { Runs } from './runs.tsx';
import { Suspended } from './suspended.tsx';
import { TEMPLATES, templateOf } from './templates.ts';
import { gapOf, isMomentary, newRule, newTest } from './tree.ts';
import { useCheck } from './use-check.ts';

const NAME_MAX = 200;
const PRIORITY_MAX = 100;
const RUNS_SHOWN = 20;
const NEW = 'new';

interface Found {
  vocabulary: Vocabulary;
  all: RuleView[];
  own: RuleView | null;
}

/** What a new rule begins with: a sentence that was read, a template, or something that is seen. */
function begin(vocabulary: Vocabulary): Rule {
  const wanted = TEMPLATES.find((name) => name === place.peek().query.get('template'));
  const template = wanted && templateOf(wanted, vocabulary).build(t(`template.${wanted}`));
  return proposed.peek() ?? template ?? newRule('', newTest('happens', vocabulary), []);
}

export function RulePage({ params }: { params: Record<string, string> }) {
  const id = params['id'] === NEW ? null : (params['id'] ?? '');
  const [found, again] = useFetch(async (): Promise<Found> => {
    const [vocabulary, all] = await Promise.all([api.vocabulary(), api.list()]);
    return { vocabulary, all, own: all.find((rule) => rule.id === id) ?? null };
  }, `rule ${id}`);
  const name = id === null ? t('rules.new') : (found.data?.own?.rule.name ?? t('rules.rule'));
  const heading = usePage(`${name} – ${t('nav.rules')}`);
  if (found.data && id !== null && found.data.own === null) return <NotFound />;
  return (
    <div class="rule-page">
      <header class="page-head">
        <div>
          <a class="back-link" href="/rules">
            <Icon name="chevron-left" size={16} />
            {t('nav.rules')}
          </a>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {name}
          </h1>
        </div>
      </header>
      {!found.data && found.state === 'loading' && <Loading what={t('nav.rules')} shape="form" />}
      {!found.data && found.state === 'error' && (isMissing(found.error) ? <p class="note">{t('rules.missing')}</p> : <ErrorCard what={t('rules.failed')} error={found.error} retry={again} />)}
      {found.data && <Editor found={found.data} again={again} />}
    </div>
  );
}

function Editor({ found, again }: { found: Found; again: () => void }) {
  const { vocabulary, all, own } = found;
  const [draft, setDraft] = useState<Rule>(() => own?.rule ?? begin(vocabulary));
  const { busy, error, run, clear } = useAction();
  const gap = gapOf(draft);
  const [check, checkAgain] = useCheck(own?.id ?? null, gap === null ? draft : null);
  const change = (next: Partial<Rule>): void => {
    clear();
    setDraft((before) => ({ ...before, ...next }));
  };
  const findings = check.checked && gap === null ? check.checked.findings : [];
  const isWrong = findings.some((finding) => finding.level === 'error');
  const mayLast = !isMomentary(draft.when);
  const save = async (): Promise<void> => {
    let kept: RuleView | null = null;
    const keep = async (): Promise<void> => {
      kept = own ? await api.change(own.id, draft) : await api.add(draft);
    };
    if (!(await run(keep))) return;
    proposed.value = null;
    succeeded(t('rules.saved', { name: draft.name }));
    const view = kept as RuleView | null;
    if (own) again();
    else if (view) go(`/rules/${view.id}`);
  };
  const remove = (view: RuleView): void => {
    go('/rules');
    removeRule(view, () => go(`/rules/${view.id}`), () => undefined);
  };
  const blocked = isWrong ? t('rules.has_errors') : gap !== null ? t(`gap.${gap}`) : undefined;
  return (
    <div class="rule-grid">
      <div>
        {own?.is_suspended && <Suspended rule={own} again={again} />}
        <section class="card" aria-labelledby="rule-name">
          <h2 id="rule-name" class="visually-hidden">
            {t('rules.rule')}
          </h2>
          <TextField label={t('rule.name')} name="rule-name" value={draft.name} required maxLength={NAME_MAX} autocomplete="off" dir="auto" onInput={(event) => change({ name: event.currentTarget.value })} />
          <Switch label={t('rule.on')} hint={t('rule.on_hint')} on={draft.is_on} onChange={(is_on) => change({ is_on })} />
        </section>
        <section class="card" aria-labelledby="rule-when">
          <h2 id="rule-when">{t('rule.when')}</h2>
          <ConditionEditor condition={draft.when} vocabulary={vocabulary} findings={findings} onChange={(when) => change({ when, ...(isMomentary(when) ? { for_seconds: 0 } : {}) })} />
          {findings.filter((finding) => finding.at === 'when').map((finding) => (
            <FindingNote key={finding.code} finding={finding} />
          ))}
          {mayLast && (
            <p class="sentence">
              <span>{t('word.holding')}</span>
              <DurationChip label={t('rule.holding')} seconds={draft.for_seconds} none={t('rule.no_wait')} onChange={(for_seconds) => change({ for_seconds })} testid="holding-chip" />
            </p>
          )}
        </section>
        <section class="card" aria-labelledby="rule-then">
          <h2 id="rule-then">{t('rule.then')}</h2>
          <ActionEditor actions={draft.then} name={draft.name} vocabulary={vocabulary} findings={findings} onChange={(then) => change({ then })} />
        </section>
        <section class="card" aria-labelledby="rule-options">
          <h2 id="rule-options">{t('rule.options')}</h2>
          <p class="sentence">
            <span>{t('word.once_every')}</span>
            <DurationChip label={t('rule.cooldown')} seconds={draft.cooldown_seconds} none={t('rule.each_time')} onChange={(cooldown_seconds) => change({ cooldown_seconds })} testid="cooldown-chip" />
            <span>{t('word.priority')}</span>
            <NumberChip label={t('rule.priority')} value={draft.priority} min={0} max={PRIORITY_MAX} onInput={(priority) => change({ priority })} />
          </p>
          <p class="hint">{t('rule.priority_hint')}</p>
        </section>
        <FormError text={error} />
        <div class="save-bar">
          {own && (
            <HubButton onClick={() => remove(own)} testid="rule-remove">
              <Icon name="trash-2" size={16} />
              {t('action.remove')}
            </HubButton>
          )}
          <span class="grow small muted">{blocked ?? (draft.is_on ? '' : t('rules.saved_off'))}</span>
          <a class="button" href="/rules">
            {t('action.cancel')}
          </a>
          <HubButton kind="primary" busy={busy || blocked !== undefined || check.state !== 'ready'} title={blocked} onClick={() => void save()} testid="rule-save">
            {t('action.save')}
          </HubButton>
        </div>
      </div>
      <div>
        <CheckPanel check={check} gap={gap} others={all} own={own?.id ?? null} vocabulary={vocabulary} again={checkAgain} />
        {own && <Runs rule={own.id} vocabulary={vocabulary} limit={RUNS_SHOWN} />}
      </div>
    </div>
  );
}
