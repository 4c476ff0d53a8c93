// The accounts of the house: who has one, what it may do, until when; and a new one.

import { useState } from 'preact/hooks';

import type { Role } from '../../api/types.ts';
import { users, type MadeUser, type User } from '../../api/users.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { go } from '../../router/router.ts';
import { hubNow } from '../../state/clock.ts';
import { session } from '../../state/session.ts';
import { t, tCode } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { PasswordField } from '../entry/password-field.tsx';

export const ROLES: readonly Role[] = ['admin', 'operator', 'viewer', 'guest', 'service'];
const DAY_MS = 86_400_000;
const GUEST_DAYS = ['1', '7', '30'] as const;

export function UserList() {
  const [list, again] = useFetch(() => users.list(), 'users');
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeUser | null>(null);
  const done = (next: MadeUser): void => {
    setAdding(false);
    if (next.password === null) go(`/settings/users/${next.user.id}`);
    else setMade(next);
    again();
  };
  return (
    <section class="narrow" aria-label={t('users.title')}>
      <div class="section-head">
        <p class="muted section-text">{t('users.text')}</p>
        <HubButton kind="primary" onClick={() => setAdding(true)} testid="user-add">
          <Icon name="plus" />
          {t('users.add')}
        </HubButton>
      </div>
      {!list.data && list.state === 'loading' && <Loading what={t('users.title')} />}
      {list.state === 'error' && <ErrorCard what={t('users.failed')} error={list.error} retry={again} />}
      <ul class="rows" data-testid="users">
        {(list.data ?? []).map((user) => (
          <UserRow key={user.id} user={user} />
        ))}
      </ul>
      {isAdding && <AddUser close={() => setAdding(false)} done={done} />}
      {made?.password && (
        <SecretOnce
          title={t('users.password_of', { name: made.user.name })}
          text={t('users.password_text')}
          lines={[made.password]}
          close={() => {
            const { id } = made.user;
            setMade(null);
            go(`/settings/users/${id}`);
          }}
        />
      )}
    </section>
  );
}

/** What is special about an account, as words with a shape. */
export function UserBadges({ user }: { user: User }) {
  const now = hubNow();
  const end = user.expires_at ? Date.parse(user.expires_at) : null;
  const limits = Object.keys(user.camera_access.cameras).length;
  return (
    <>
      {user.disabled_at && (
        <span class="badge badge-warn">
          <Icon name="circle-slash" size={12} />
          {t('users.disabled')}
        </span>
      )}
      {end !== null && end <= now && <span class="badge badge-warn">{t('users.expired')}</span>}
      {end !== null && end > now && <span class="badge">{t('users.until', { time: moment(end, now) })}</span>}
      {(limits > 0 || user.camera_access.only_listed) && user.role !== 'admin' && <span class="badge">{t('users.own_rules')}</span>}
      {user.second_factor && <span class="badge badge-ok">{t('users.second_factor')}</span>}
      {user.must_change_password && <span class="badge">{t('users.must_change')}</span>}
    </>
  );
}

function UserRow({ user }: { user: User }) {
  return (
    <li class="settings-row" data-testid="user-row">
      <a href={`/settings/users/${user.id}`}>
        <Icon name={user.role === 'service' ? 'key-round' : 'user'} />
        <span class="grow">
          <span class="strong" dir="auto">
            {user.name}
            {user.id === session.value?.user.id && <span class="badge">{t('users.you')}</span>}
          </span>
          <span class="muted">{t(`role.${user.role}`)}</span>
        </span>
        <span class="row badges">
          <UserBadges user={user} />
        </span>
        <Icon name="chevron-right" />
      </a>
    </li>
  );
}

function AddUser({ close, done }: { close: () => void; done: (made: MadeUser) => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState<(typeof GUEST_DAYS)[number]>('7');
  const [source, setSource] = useState<'made' | 'chosen'>('made');
  const [password, setPassword] = useState('');
  const { busy, error, run } = useAction();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const isChosen = source === 'chosen' && role !== 'service';
    void run(async () =>
      done(
        await users.add({
          name: name.trim(),
          role,
          ...(isChosen ? { password } : {}),
          ...(role === 'guest' ? { expires_at: new Date(hubNow() + Number(days) * DAY_MS).toISOString() } : {}),
        }),
      ),
    );
  };
  return (
    <Dialog title={t('users.add')} onClose={close} testid="user-dialog">
      <form onSubmit={submit}>
        <TextField label={t('entry.name')} value={name} required autoFocus maxLength={64} autocomplete="off" name="new-user" onInput={(event) => setName(event.currentTarget.value)} />
        <Choice label={t('users.role')} value={role} options={ROLES.map((one) => [one, t(`role.${one}`)])} hint={tCode('role_hint', role)} onChoose={setRole} testid="user-role" />
        {role === 'guest' && <Choice label={t('users.ends_in')} value={days} options={GUEST_DAYS.map((count) => [count, t('time.d', { n: Number(count) })])} onChoose={setDays} />}
        {role !== 'service' && (
          <Choice
            label={t('entry.password')}
            value={source}
            options={[['made', t('users.password_made')], ['chosen', t('users.password_chosen')]]}
            hint={source === 'made' ? t('users.password_made_hint') : undefined}
            onChoose={setSource}
          />
        )}
        {role !== 'service' && source === 'chosen' && <PasswordField isNew value={password} onInput={setPassword} hint={t('claim.password_hint')} />}
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy} testid="user-submit">
            {t('users.add')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
