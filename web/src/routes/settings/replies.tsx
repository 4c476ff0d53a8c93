// What the house can say at a door: sound files with a name, added and removed.

import { useState } from 'preact/hooks';

import { REPLIES_MAX, replies as api, type Reply } from '../../api/replies.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { isMissing } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';

/** The hub takes no more. */
const BYTES_MAX = 4 * 1024 * 1024;
const NAME_MAX = 60;

export function Replies() {
  const [found, again] = useFetch(() => api.list(), 'replies');
  const [isAdding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Reply | null>(null);
  const list = found.data;
  // A hub of an older version cannot speak.
  if (isMissing(found.error)) return <Empty icon="megaphone" title={t('replies.none')} />;
  const done = (text: string): void => {
    setAdding(false);
    setLeaving(null);
    succeeded(text);
    again();
  };
  return (
    <section class="groups" aria-labelledby="replies" data-testid="replies">
      <div class="section-head">
        <h2 id="replies">{t('replies.title')}</h2>
        {list && (
          <HubButton onClick={() => setAdding(true)} busy={list.length >= REPLIES_MAX} title={list.length >= REPLIES_MAX ? t('replies.full', { max: REPLIES_MAX }) : undefined} testid="reply-add">
            <Icon name="plus" />
            {t('replies.add')}
          </HubButton>
        )}
      </div>
      <p class="muted section-text">{t('replies.text')}</p>
      {!list && found.state === 'loading' && <Loading what={t('replies.title')} />}
      {!list && found.state === 'error' && <ErrorCard what={t('replies.failed')} error={found.error} retry={again} />}
      {list && list.length === 0 && <p data-testid="replies-none">{t('replies.none')}</p>}
      {list && list.length > 0 && (
        <ul class="rows">
          {list.map((reply) => (
            <li key={reply.id} class="list-row" data-testid="reply" data-reply={reply.name}>
              <Icon name="megaphone" />
              <p class="grow strong" dir="auto">
                {reply.name}
              </p>
              <HubButton onClick={() => setLeaving(reply)} label={t('replies.remove_of', { name: reply.name })} testid="reply-remove">
                <Icon name="trash-2" size={16} />
              </HubButton>
            </li>
          ))}
        </ul>
      )}
      {isAdding && <AddDialog close={() => setAdding(false)} done={(name) => done(t('replies.added', { name }))} />}
      {leaving && (
        <Confirm title={t('replies.remove_question', { name: leaving.name })} confirm={t('replies.remove')} action={() => api.remove(leaving.id)} done={() => done(t('replies.removed', { name: leaving.name }))} close={() => setLeaving(null)}>
          <p>{t('replies.remove_text')}</p>
        </Confirm>
      )}
    </section>
  );
}

function AddDialog({ close, done }: { close: () => void; done: (name: string) => void }) {
  const [name, setName] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const { busy, error, run } = useAction();
  const isTooBig = file !== null && file.size > BYTES_MAX;
  const given = name.trim();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (file && (await run(() => api.add(given, file)))) done(given);
  };
  return (
    <Dialog title={t('replies.add')} onClose={close} testid="reply-dialog">
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t('replies.name')} hint={t('replies.name_hint')} name="reply-name" value={name} required maxLength={NAME_MAX} autocomplete="off" dir="auto" onInput={(event) => setName(event.currentTarget.value)} />
        <p class="row">
          <label class="button file-button">
            {t('replies.choose')}
            <input type="file" accept=".wav,audio/wav" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} data-testid="reply-file" />
          </label>
          <span dir="auto" data-testid="reply-chosen">
            {file?.name ?? t('replies.no_file')}
          </span>
        </p>
        <p class="hint">{t('replies.file_hint')}</p>
        <FormError text={error ?? (isTooBig ? t('replies.too_big') : null)} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || given === '' || file === null || isTooBig} testid="reply-submit">
            {t('action.save')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
