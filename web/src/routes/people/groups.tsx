// Groups of people: a name for several, so that rules can speak of them together.

import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';

import { GROUPS_MAX, MEMBERS_MAX, groups as api, type Group, type Person } from '../../api/people.ts';
import { rules, type RuleView } from '../../api/rules.ts';
import { Checks } from '../../components/checks.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { isMissing } from '../../state/devices.ts';
import { failed, succeeded, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { isGroupName } from './person-name.ts';
import { usePeople } from './use-people.ts';

/** Groups that are about to be removed: the list leaves them out. */
const leaving = signal<ReadonlySet<string>>(new Set());

/** Removing waits until it cannot be taken back any more: a new group of that name would be another one for the rules. */
function remove(group: Group, again: () => void): void {
  const back = (): void => {
    leaving.value = new Set([...leaving.peek()].filter((one) => one !== group.id));
  };
  leaving.value = new Set([...leaving.peek(), group.id]);
  const commit = (): void => {
    api.remove(group.id).then(again, (error: unknown) => {
      back();
      failed(t('groups.not_removed', { name: group.name }), error);
    });
  };
  const values = { name: group.name, n: group.rules.length };
  undoable(values.n > 0 ? t('groups.removed_used', values) : t('groups.removed', values), back, commit);
}

export function Groups({ people }: { people: readonly Person[] }) {
  // Who is erased leaves the groups too, and facts about people tell of that.
  const [found, again] = usePeople(() => api.list(), 'groups');
  const [named] = useFetch(() => rules.list(), 'rules of groups');
  const [edited, setEdited] = useState<Group | 'new' | null>(null);
  // A hub of an older version has no groups.
  if (isMissing(found.error)) return null;
  const list = found.data?.filter((group) => !leaving.value.has(group.id)).sort((a, b) => a.name.localeCompare(b.name));
  const done = (name: string): void => {
    setEdited(null);
    succeeded(t('groups.saved', { name }));
    again();
  };
  return (
    <section class="groups" aria-labelledby="groups" data-testid="groups">
      <div class="section-head">
        <h2 id="groups">{t('groups.title')}</h2>
        {list && (
          <HubButton onClick={() => setEdited('new')} busy={list.length >= GROUPS_MAX} title={list.length >= GROUPS_MAX ? t('groups.full', { max: GROUPS_MAX }) : undefined} testid="group-add">
            <Icon name="plus" />
            {t('groups.add')}
          </HubButton>
        )}
      </div>
      <p class="muted section-text">{t('groups.text')}</p>
      {!list && found.state === 'loading' && <Loading what={t('groups.title')} />}
      {!list && found.state === 'error' && <ErrorCard what={t('groups.failed')} error={found.error} retry={again} />}
      {list && list.length > 0 && (
        <ul class="rows">
          {list.map((group) => (
            <GroupRow key={group.id} group={group} people={people} rules={named.data ?? []} edit={() => setEdited(group)} remove={() => remove(group, again)} />
          ))}
        </ul>
      )}
      {edited && <GroupDialog group={edited === 'new' ? null : edited} people={people} close={() => setEdited(null)} done={done} />}
    </section>
  );
}

interface RowProperties {
  group: Group;
  people: readonly Person[];
  rules: readonly RuleView[];
  edit: () => void;
  remove: () => void;
}

function GroupRow({ group, people, rules: named, edit, remove: take }: RowProperties) {
  const members = group.members.flatMap((id) => people.find((person) => person.id === id)?.name ?? []).sort((a, b) => a.localeCompare(b));
  return (
    <li class="list-row" data-testid="group" data-group={group.name}>
      <Icon name="users" />
      <div class="grow">
        <p class="strong" dir="auto">
          {group.name}
        </p>
        <p class="small" dir="auto" data-testid="group-members">
          {members.length === 0 ? t('groups.nobody') : members.join(', ')}
        </p>
        <p class="row small muted" data-testid="group-rules">
          <span>{group.rules.length === 0 ? t('groups.no_rules') : t('groups.rules')}</span>
          {group.rules.map((id) => (
            <a key={id} href={`/rules/${id}`} dir="auto">
              {named.find((rule) => rule.id === id)?.rule.name ?? t('groups.a_rule')}
            </a>
          ))}
        </p>
      </div>
      <div class="row">
        <HubButton onClick={edit} label={t('groups.change_of', { name: group.name })} testid="group-edit">
          {t('groups.change')}
        </HubButton>
        <HubButton onClick={take} label={t('groups.remove_of', { name: group.name })} testid="group-remove">
          <Icon name="trash-2" size={16} />
        </HubButton>
      </div>
    </li>
  );
}

function GroupDialog({ group, people, close, done }: { group: Group | null; people: readonly Person[]; close: () => void; done: (name: string) => void }) {
  const [name, setName] = useState(group?.name ?? '');
  const [members, setMembers] = useState<readonly string[]>(group?.members ?? []);
  const { busy, error, run } = useAction();
  const options = [...people].sort((a, b) => a.name.localeCompare(b.name)).map((person) => [person.id, person.name] as const);
  const isFull = members.length > MEMBERS_MAX;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const body = { name: name.trim(), members: [...members] };
    if (await run(() => (group ? api.change(group.id, body) : api.add(body)))) done(body.name);
  };
  return (
    <Dialog title={group ? t('groups.change_of', { name: group.name }) : t('groups.add')} onClose={close} testid="group-dialog">
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t('groups.name')} hint={t('groups.name_hint')} name="group-name" value={name} error={name === '' || isGroupName(name) ? null : t('groups.bad_name')} required autocomplete="off" dir="auto" onInput={(event) => setName(event.currentTarget.value)} />
        {options.length === 0 ? <p>{t('groups.no_people')}</p> : <Checks label={t('groups.members')} options={options} chosen={members} onChange={setMembers} />}
        <p class="hint">{t('groups.members_hint')}</p>
        <FormError text={error ?? (isFull ? t('groups.too_many', { max: MEMBERS_MAX }) : null)} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || isFull || !isGroupName(name)} testid="group-submit">
            {t('action.save')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
