// What the hub made of the words: each as a chip that can be taken out, and those that it did not understand.

import type { Understood as Meaning } from '../../api/search.ts';
import { Icon } from '../../components/icon.tsx';
import { t, tCode } from '../../text/text.ts';

interface Properties {
  understood: readonly Meaning[];
  notUnderstood: readonly string[];
  /** Without it nothing can be taken out. */
  take?: ((words: string) => void) | undefined;
}

export function Understood({ understood, notUnderstood, take }: Properties) {
  if (understood.length === 0 && notUnderstood.length === 0) return null;
  return (
    <div class="understood" data-testid="understood-line">
      {understood.length > 0 && <span class="muted small">{t('search.understood')}</span>}
      {understood.map((one, index) => (
        <span key={index} class="meaning-chip" data-testid="meaning" data-meaning={one.meaning}>
          <span>
            <span class="muted">{tCode('meaning', one.meaning)}</span> <span dir="auto">{one.name}</span>
          </span>
          {take && (
            <button type="button" class="icon-button" aria-label={t('search.take_out', { what: one.name })} onClick={() => take(one.text)} data-testid="meaning-remove">
              <Icon name="x" size={16} />
            </button>
          )}
        </span>
      ))}
      {notUnderstood.length > 0 && (
        <span class="not-understood" data-testid="not-understood-words">
          <Icon name="triangle-alert" size={16} />
          <span>{t('search.not_understood')}</span>
          {notUnderstood.map((words) => (
            <q key={words} dir="auto">
              {words}
            </q>
          ))}
        </span>
      )}
    </div>
  );
}
