// Another name for a person; what the house knows of them stays.

import { useState } from 'preact/hooks';

import { people as api, type Person } from '../../api/people.ts';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { failed, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { isName } from './person-name.ts';

export function RenameDialog({ person, close, done }: { person: Person; close: () => void; done: () => void }) {
  const [name, setName] = useState(person.name);
  const { busy, error, run } = useAction();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const before = person.name;
    if (!(await run(() => api.change(person.id, { name: name.trim() })))) return;
    undoable(t('people.renamed', { name: name.trim() }), () => void api.change(person.id, { name: before }).then(done, (failure: unknown) => failed(t('people.not_changed'), failure)));
    done();
    close();
  };
  return (
    <Dialog title={t('people.rename')} onClose={close} testid="rename-dialog">
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t('people.name')} hint={t('people.name_hint')} name="person-name" value={name} error={error ?? (isName(name) ? null : t('people.bad_name'))} required autocomplete="off" dir="auto" autoFocus onInput={(event) => setName(event.currentTarget.value)} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isName(name) || name.trim() === person.name} testid="rename-submit">
            {t('action.save')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
