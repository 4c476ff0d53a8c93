// Notes about what an action did, at the foot of the page.

import { dismiss, notes } from '../state/messages.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';

export function Notes() {
  return (
    <div class="notes" role="status" aria-live="polite">
      {notes.value.map((note) => (
        <div class={`toast toast-${note.kind}`} key={note.id} data-testid="note" data-state={note.kind}>
          <Icon name={note.kind === 'ok' ? 'check' : 'circle-alert'} />
          <div>
            <p>{note.text}</p>
            {note.errorId && <p class="code muted">{t('error.id', { id: note.errorId })}</p>}
          </div>
          <button type="button" class="icon-button" aria-label={t('action.close')} onClick={() => dismiss(note.id)}>
            <Icon name="x" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}
