// A rule in words: what of it was understood and what was not is said before anything comes of it.

import { useId, useState } from 'preact/hooks';

import { rules as api, type Draft } from '../../api/rules.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { go } from '../../router/router.ts';
import { t } from '../../text/text.ts';
import { proposed } from './proposed.ts';

const LETTERS_MAX = 2_000;

export function SentenceInput() {
  const id = useId();
  const [text, setText] = useState('');
  const [draft, setDraft] = useState<Draft | null>(null);
  const { busy, error, run } = useAction();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    await run(async () => setDraft(await api.draft(text.trim())));
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
      <div role="status">{draft && <Answer draft={draft} open={open} />}</div>
    </section>
  );
}

function Answer({ draft, open }: { draft: Draft; open: () => void }) {
  return (
    <div class="sentence-answer" data-testid="sentence-answer" data-state={draft.rule ? (draft.not_understood.length > 0 ? 'partly' : 'understood') : 'not-understood'}>
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
      {draft.rule === null && <p>{t('sentence.not_enough')}</p>}
      {draft.rule && (
        <>
          {draft.not_understood.length > 0 && <p class="warn-text">{t('sentence.partly')}</p>}
          <HubButton kind="primary" onClick={open} testid="sentence-open">
            {t('sentence.open')}
          </HubButton>
        </>
      )}
    </div>
  );
}
