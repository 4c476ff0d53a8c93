// What a person searches for again and again, under a name; and what was asked before, which the hub forgets by itself.

import { useState } from 'preact/hooks';

import { SAVED_MAX, search, type Conversation, type SavedSearch } from '../../api/search.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch, type Fetched } from '../../components/use-fetch.ts';
import { hubNow, second } from '../../state/clock.ts';
import { failed, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { age, moment } from '../../time/show.ts';

const NAME_MAX = 64;

interface SavedProperties {
  fetched: Fetched<SavedSearch[]>;
  again: () => void;
  q: string;
  find: (q: string) => void;
}

export function SavedSearches({ fetched, again, q, find }: SavedProperties) {
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set());
  const list = (fetched.data ?? []).filter((one) => !leaving.has(one.id));
  const stay = (id: string): void => setLeaving((before) => new Set([...before].filter((other) => other !== id)));
  const remove = (one: SavedSearch): void => {
    setLeaving((before) => new Set(before).add(one.id));
    undoable(t('saved.removed', { name: one.name }), () => stay(one.id), () => {
      search.unsave(one.id).catch((error: unknown) => {
        failed(t('saved.not_removed', { name: one.name }), error);
        stay(one.id);
      }).finally(again);
    });
  };
  const isSaved = list.some((one) => one.q === q);
  if (list.length === 0 && q === '') return null;
  return (
    <div class="saved-searches" role="group" aria-label={t('saved.title')} data-testid="saved-searches">
      {list.map((one) => (
        <span key={one.id} class="meaning-chip">
          <button type="button" class="link" aria-pressed={one.q === q} title={one.q} onClick={() => find(one.q)} data-testid="saved-open">
            <Icon name="bookmark" size={16} />
            <span dir="auto">{one.name}</span>
          </button>
          <button type="button" class="icon-button" aria-label={t('saved.remove', { name: one.name })} onClick={() => remove(one)} data-testid="saved-remove">
            <Icon name="x" size={16} />
          </button>
        </span>
      ))}
      {q !== '' && !isSaved && list.length < SAVED_MAX && <SaveThis key={q} q={q} again={again} />}
    </div>
  );
}

function SaveThis({ q, again }: { q: string; again: () => void }) {
  const [name, setName] = useState<string | null>(null);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    search.save((name ?? '').trim(), q).then(
      () => {
        setName(null);
        again();
      },
      (error: unknown) => failed(t('saved.not_saved'), error),
    );
  };
  if (name === null) {
    return (
      <HubButton onClick={() => setName(q.slice(0, NAME_MAX))} testid="save-search">
        <Icon name="bookmark" size={16} />
        {t('saved.save')}
      </HubButton>
    );
  }
  return (
    <form class="row" onSubmit={submit}>
      <input class="small-input" name="saved-name" dir="auto" aria-label={t('saved.name')} value={name} maxLength={NAME_MAX} autocomplete="off" autoFocus onInput={(event) => setName(event.currentTarget.value)} />
      <HubButton type="submit" busy={name.trim() === ''} testid="save-search-submit">
        {t('action.save')}
      </HubButton>
      <button type="button" class="button button-quiet" onClick={() => setName(null)}>
        {t('action.cancel')}
      </button>
    </form>
  );
}

export function Conversations({ current, round, open, forgotten }: { current: string; round: number; open: (id: string) => void; forgotten: (id: string) => void }) {
  const [fetched, again] = useFetch(() => search.conversations(), `conversations ${round}`);
  const forget = async (one: Conversation): Promise<void> => {
    try {
      await search.forget(one.id);
      forgotten(one.id);
    } catch (error) {
      failed(t('asked.not_deleted'), error);
    }
    again();
  };
  return (
    <section class="card" aria-labelledby="asked" data-testid="conversations">
      <h2 id="asked">{t('asked.title')}</h2>
      {!fetched.data && fetched.state === 'loading' && <Loading what={t('asked.title')} />}
      {!fetched.data && fetched.state === 'error' && <ErrorCard what={t('asked.failed')} error={fetched.error} retry={again} />}
      {fetched.data?.length === 0 && <p class="muted">{t('asked.none')}</p>}
      <ul class="face-list">
        {(fetched.data ?? []).map((one) => (
          <li key={one.id} data-testid="conversation">
            <div class="grow">
              <button type="button" class="link" aria-current={one.id === current ? 'true' : undefined} onClick={() => open(one.id)} data-testid="conversation-open">
                <span dir="auto">{one.title}</span>
              </button>
              <p class="small muted tabular">
                {moment(Date.parse(one.started_at), second.peek())} · {t('asked.turns', { n: one.turns })} · {t('asked.expires', { age: age(Date.parse(one.expires_at) - hubNow()) })}
              </p>
            </div>
            <HubButton onClick={() => void forget(one)} label={t('asked.delete_of', { title: one.title })} title={t('asked.delete')} testid="conversation-delete">
              <Icon name="trash-2" size={16} />
            </HubButton>
          </li>
        ))}
      </ul>
      <p class="hint">{t('asked.text')}</p>
    </section>
  );
}
