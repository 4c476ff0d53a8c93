// Removing a rule waits until it cannot be taken back any more: with the rule goes its history.

import { signal } from '@preact/signals';

import { rules as api, type RuleView } from '../../api/rules.ts';
import { failed, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';

/** Rules that are about to be removed: lists leave them out. */
export const leaving = signal<ReadonlySet<string>>(new Set());

const without = (id: string): void => {
  leaving.value = new Set([...leaving.peek()].filter((one) => one !== id));
};

export function removeRule(view: RuleView, undone: () => void, done: () => void): void {
  leaving.value = new Set([...leaving.peek(), view.id]);
  const commit = (): void => {
    api.remove(view.id).then(done, (error: unknown) => {
      without(view.id);
      failed(t('rules.not_removed', { name: view.rule.name }), error);
    });
  };
  const back = (): void => {
    without(view.id);
    undone();
  };
  undoable(t('rules.removed', { name: view.rule.name }), back, commit);
}
