// Rules of a device as a list: each can be switched off, changed, and removed with undo.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { offline } from '../../state/contact.ts';
import { isMissing } from '../../state/devices.ts';
import { failed, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';

export interface Rules<Row extends { id: string; is_on: boolean }> {
  /** Names the section, and its test hooks. */
  name: 'schedules' | 'limits';
  title: string;
  hint: string;
  add: string;
  load: () => Promise<Row[]>;
  put: (row: Row) => Promise<unknown>;
  remove: (row: Row) => Promise<unknown>;
  /** Brings back one that was removed. */
  restore: (row: Row) => Promise<unknown>;
  text: (row: Row) => string;
  form: (row: Row | null, close: () => void, done: () => void) => ComponentChildren;
}

export function RuleCard<Row extends { id: string; is_on: boolean }>({ rules, id }: { rules: Rules<Row>; id: string }) {
  const [list, again] = useFetch(rules.load, id);
  const [open, setOpen] = useState<Row | 'new' | null>(null);
  const act = (action: () => Promise<unknown>, after?: () => void): void => {
    action().then(
      () => {
        again();
        after?.();
      },
      (error: unknown) => {
        failed(t('rule.not_saved'), error);
        again();
      },
    );
  };
  const remove = (row: Row): void => act(() => rules.remove(row), () => undoable(t('rule.removed', { rule: rules.text(row) }), () => act(() => rules.restore(row))));
  // A hub of an older version knows the device, but no rules for it.
  if (isMissing(list.error)) return null;
  return (
    <section class="card" aria-labelledby={rules.name} data-testid={rules.name}>
      <h2 id={rules.name}>{rules.title}</h2>
      <p class="hint">{rules.hint}</p>
      {!list.data && list.state === 'loading' && <Loading what={rules.title} />}
      {list.state === 'error' && <ErrorCard what={t('rule.failed')} error={list.error} retry={again} />}
      {list.data && (
        <ul class="rule-rows">
          {list.data.map((row) => (
            <li key={row.id} class="row rule-row" data-testid="rule-row" data-state={row.is_on ? 'on' : 'off'}>
              <input type="checkbox" role="switch" class="switch" checked={row.is_on} disabled={offline.value} aria-label={rules.text(row)} onChange={() => act(() => rules.put({ ...row, is_on: !row.is_on }))} />
              <span class={row.is_on ? 'grow' : 'grow muted'} dir="auto">
                {rules.text(row)}
              </span>
              <HubButton onClick={() => setOpen(row)} label={t('rule.change_of', { rule: rules.text(row) })}>
                {t('rule.change')}
              </HubButton>
              <button type="button" class="icon-button" disabled={offline.value} aria-label={t('rule.remove_of', { rule: rules.text(row) })} title={t('action.remove')} onClick={() => remove(row)}>
                <Icon name="trash-2" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <HubButton onClick={() => setOpen('new')} testid={`${rules.name}-add`}>
        <Icon name="plus" />
        {rules.add}
      </HubButton>
      {open !== null &&
        rules.form(open === 'new' ? null : open, () => setOpen(null), () => {
          setOpen(null);
          again();
        })}
    </section>
  );
}
