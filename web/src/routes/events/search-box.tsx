// One box for words and questions: Enter searches, or asks where the words are a question; both can be chosen.

import { useEffect, useRef, useState } from 'preact/hooks';

import { QUESTION_MAX } from '../../api/search.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useKeys } from '../../state/keys.ts';
import { wantsSearch } from '../../state/search-focus.ts';
import { t } from '../../text/text.ts';
import { isQuestion } from './words.ts';

interface Properties {
  q: string;
  busy: boolean;
  find: (q: string) => void;
  ask: (text: string) => void;
}

export function SearchBox({ q, busy, find, ask }: Properties) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  const wanted = wantsSearch.value;
  useEffect(() => {
    if (!wanted) return;
    wantsSearch.value = false;
    // After the page has put the focus on its heading.
    requestAnimationFrame(() => input.current?.focus());
  }, [wanted]);
  useKeys({ '/': () => { input.current?.focus(); input.current?.select(); } });
  const words = text.trim();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (isQuestion(words)) ask(words);
    else find(words);
  };
  return (
    <form class="search-box" role="search" onSubmit={submit}>
      <label class="visually-hidden" for="search-words">
        {t('search.label')}
      </label>
      <div class="search-field">
        <Icon name="search" />
        <input ref={input} id="search-words" type="search" name="q" dir="auto" value={text} maxLength={QUESTION_MAX} autocomplete="off" placeholder={t('search.placeholder')} title={`${t('search.label')} (/)`} onInput={(event) => setText(event.currentTarget.value)} />
      </div>
      <div class="row">
        <HubButton type="submit" kind="primary" busy={busy} testid="search-go">
          {isQuestion(words) ? t('search.ask') : t('search.go')}
        </HubButton>
        {words !== '' && (
          <HubButton busy={busy} onClick={() => (isQuestion(words) ? find(words) : ask(words))} testid="search-other">
            {isQuestion(words) ? t('search.go') : t('search.ask')}
          </HubButton>
        )}
      </div>
    </form>
  );
}
