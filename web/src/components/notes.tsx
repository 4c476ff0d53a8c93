// Notes about what an action did, at the foot of the page.

import { dismiss, notes, pause, resume, undo, type Note } from '../state/messages.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-names.ts';

const ICONS: Record<Note['kind'], IconName> = { ok: 'check', bad: 'circle-alert', undo: 'check' };

export function Notes() {
  return (
    <div class="notes" role="status" aria-live="polite">
      {notes.value.map((note) => (
        <div
          class={`toast toast-${note.kind}`}
          key={note.id}
          data-testid="note"
          data-state={note.kind}
          onPointerEnter={() => pause(note.id)}
          onPointerLeave={() => resume(note.id)}
          onFocusIn={() => pause(note.id)}
          onFocusOut={() => resume(note.id)}
        >
          <Icon name={ICONS[note.kind]} />
          <div>
            <p>{note.text}</p>
            {note.errorId && <p class="code muted">{t('error.id', { id: note.errorId })}</p>}
          </div>
          {note.kind === 'undo' && (
            <button type="button" class="button" title={`${t('action.undo')} (U)`} onClick={() => undo(note.id)} data-testid="undo">
              <Icon name="undo-2" />
              {t('action.undo')}
            </button>
          )}
          <button type="button" class="icon-button" aria-label={t('action.close')} onClick={() => dismiss(note.id)}>
            <Icon name="x" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}
