// A rule in words: what of it was understood and what was not is said before anything comes of it.

import { useId, useState } from 'preact/hooks';

import { rules as api, type Draft, type Drafting } from '../../api/rules.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { go } from '../../router/router.ts';
import { t } from '../../text/text.ts';
import { hostOf } from './endpoint.ts';
import { modelFailure } from './model-failure.ts';
import { proposed } from './proposed.ts';

const LETTERS_MAX = 2_000;

export function SentenceInput() {
  const id = useId();
  const [text, setText] = useState('');
  const [draft, setDraft] = useState<Draft | null>(null);
  // A hub of an older version knows no models: nothing is offered then.
  const [drafting] = useFetch(() => api.drafting(), 'drafting');
  const { busy, error, run } = useAction();
  const read = (improve: boolean): Promise<boolean> => run(async () => setDraft(await api.draft(text.trim(), improve)));
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    await read(false);
  };
  const open = (): void => {
    if (!draft?.rule) return;
    proposed.value = draft.rule;
    go('/rules/new');
  };
  return (
    <section class="card" aria-labelledby="sentence" data-testid="sentence">
      <h2 id="sentence">{t('sentence.title')}</h2>
      <form onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for={id}>{t('sentence.label')}</label>
          <textarea id={id} name="sentence" rows={2} value={text} maxLength={LETTERS_MAX} required aria-describedby={`${id}-hint`} onInput={(event) => { setText(event.currentTarget.value); setDraft(null); }} />
          <p class="hint" id={`${id}-hint`}>
            {t('sentence.hint')}
          </p>
        </div>
        <FormError text={error} />
        <HubButton type="submit" busy={busy || text.trim() === ''} testid="sentence-read">
          {t('sentence.read')}
        </HubButton>
      </form>
      <div role="status">
        {draft && <Answer draft={draft} open={open} />}
        {draft && drafting.data?.is_on && mayImprove(draft) && <Improve drafting={drafting.data} busy={busy} improve={() => void read(true)} />}
      </div>
      {drafting.data && (
        <p class="row small drafting-line">
          <span class="muted">{drafting.data.is_on ? t('drafting.is_on', { host: hostOf(drafting.data.url) }) : t('drafting.is_off')}</span>
          <a href="/rules/drafting" data-testid="drafting-link">
            {t('drafting.set_up')}
          </a>
        </p>
      )}
    </section>
  );
}

/** A model is asked for what is left of a sentence, and once. */
const mayImprove = (draft: Draft): boolean => draft.by !== 'model' && !draft.model_error && (draft.rule === null || draft.not_understood.length > 0);

function Improve({ drafting, busy, improve }: { drafting: Drafting; busy: boolean; improve: () => void }) {
  return (
    <div class="note improve" data-testid="improve">
      <p>{drafting.may_name_people ? t('improve.sends_with_people', { host: hostOf(drafting.url) }) : t('improve.sends', { host: hostOf(drafting.url) })}</p>
      <HubButton onClick={improve} busy={busy} testid="sentence-improve">
        <Icon name="send" size={16} />
        {t('improve.ask', { model: drafting.model })}
      </HubButton>
    </div>
  );
}

function Answer({ draft, open }: { draft: Draft; open: () => void }) {
  return (
    <div class="sentence-answer" data-testid="sentence-answer" data-by={draft.by} data-state={draft.rule ? (draft.not_understood.length > 0 ? 'partly' : 'understood') : 'not-understood'}>
      <ul class="plain-rows">
        {draft.understood.map((one, index) => (
          <li key={`u${index}`} class="row" data-testid="understood">
            <Icon name="check" size={16} />
            <span dir="auto">
              <q>{one.text}</q> <span class="muted">{one.meaning}</span>
            </span>
          </li>
        ))}
        {draft.not_understood.map((one, index) => (
          <li key={`n${index}`} class="row bad-text" data-testid="not-understood">
            <Icon name="circle-help" size={16} />
            <span dir="auto">
              <q>{one.text}</q> {t('sentence.not_understood', { reason: one.reason })}
            </span>
          </li>
        ))}
      </ul>
      {draft.by === 'model' && (
        <p class="row" data-testid="by-model">
          <span class="badge badge-warn">{t('improve.by_model')}</span>
          <span dir="auto">{draft.sentence}</span>
        </p>
      )}
      {draft.by === 'grammar' && <p class="small muted">{t('improve.by_grammar')}</p>}
      {draft.model_error && (
        <p class="bad-text" data-testid="model-error">
          {modelFailure(draft.model_error) ?? t('improve.failed')}
        </p>
      )}
      {draft.rule === null && <p>{t('sentence.not_enough')}</p>}
      {draft.rule && (
        <>
          {draft.by === 'model' ? <p class="warn-text">{t('improve.look')}</p> : draft.not_understood.length > 0 && <p class="warn-text">{t('sentence.partly')}</p>}
          <HubButton kind="primary" onClick={open} testid="sentence-open">
            {t('sentence.open')}
          </HubButton>
        </>
      )}
    </div>
  );
}
