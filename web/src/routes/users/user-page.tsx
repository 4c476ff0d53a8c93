// One account: role, end, rules about cameras, where it is signed in. Passwords are reset on the hub's own machine
// only, and the page says so.

import { useEffect, useState } from 'preact/hooks';

import { ApiError } from '../../api/request.ts';
import type { Role } from '../../api/types.ts';
import { users, type User, type UserChange } from '../../api/users.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Choice, Switch, TextField } from '../../components/field.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { SessionRows } from '../../components/session-rows.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { go } from '../../router/router.ts';
import { hubNow } from '../../state/clock.ts';
import { failed, reasonOf, succeeded, undoable } from '../../state/messages.ts';
import { NotProved, withProof } from '../../state/proof.ts';
import { session } from '../../state/session.ts';
import { t, tCode } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import { civil, timeOf } from '../../time/zone.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { AccessMatrix } from './access-matrix.tsx';
import { ServiceTokens } from './service-tokens.tsx';
import { ROLES, UserBadges } from './user-list.tsx';

export type SaveUser = (change: UserChange, back: UserChange, what: string) => Promise<string | null>;

export function UserPage({ params }: { params: Record<string, string> }) {
  const id = params['id'] ?? '';
  const [user, again] = useFetch(() => users.get(id), id);
  if (user.data) return <Loaded user={user.data} again={again} />;
  if (user.state === 'loading') return <Loading what={t('users.title')} shape="form" />;
  if (user.error instanceof ApiError && user.error.status === 404) return <NotFound />;
  return <ErrorCard what={t('users.failed')} error={user.error} retry={again} />;
}

function Loaded({ user, again }: { user: User; again: () => void }) {
  const heading = usePage(`${user.name} – ${t('users.title')}`);
  const [isRemoving, setRemoving] = useState(false);
  const isSelf = user.id === session.value?.user.id;
  const save: SaveUser = async (change, back, what) => {
    try {
      await withProof(() => users.change(user.id, change));
      again();
      undoable(t('users.saved', { name: user.name, what }), () => {
        users.change(user.id, back).then(again, (error: unknown) => failed(t('settings.not_saved', { what }), error));
      });
      return null;
    } catch (error) {
      return error instanceof NotProved ? null : reasonOf(error);
    }
  };
  return (
    <div class="narrow">
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/settings/users" aria-label={t('users.back')} title={t('users.back')}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {user.name}
          </h1>
          <UserBadges user={user} />
        </div>
      </header>
      <Basics user={user} save={save} isSelf={isSelf} />
      {user.role === 'admin' ? (
        <section class="card" aria-labelledby="access">
          <h2 id="access">{t('access.title')}</h2>
          <p class="muted">{t('access.admin')}</p>
        </section>
      ) : (
        <AccessMatrix user={user} save={save} />
      )}
      {user.role === 'service' ? <ServiceTokens user={user} /> : <Sessions user={user} />}
      {user.role !== 'service' && (
        <section class="card" aria-labelledby="reset">
          <h2 id="reset">{t('users.reset')}</h2>
          <p>{t('users.reset_text')}</p>
          <p class="code fingerprint">hearthwatch user reset-password {user.id}</p>
        </section>
      )}
      {!isSelf && (
        <section class="card danger-card" aria-labelledby="remove">
          <h2 id="remove">{t('remove.title')}</h2>
          <p>{t('users.remove_text')}</p>
          <HubButton kind="danger" onClick={() => setRemoving(true)} testid="user-remove">
            <Icon name="trash-2" />
            {t('users.remove')}
          </HubButton>
        </section>
      )}
      {isRemoving && (
        <Confirm
          title={t('users.remove_question', { name: user.name })}
          confirm={t('users.remove_of', { name: user.name })}
          action={() => users.remove(user.id)}
          close={() => setRemoving(false)}
          done={() => {
            succeeded(t('users.removed', { name: user.name }));
            go('/settings/users');
          }}
        >
          <p>{t('users.remove_text')}</p>
        </Confirm>
      )}
    </div>
  );
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The day of the house on which a time lies, as a date field takes it. */
function dayOf(time: number): string {
  const { year, month, day } = civil(time, houseZone());
  return `${year}-${two(month)}-${two(day)}`;
}

/** The last second of a day. */
function endOf(day: string): string | null {
  const [year, month, date] = day.split('-').map(Number);
  return year && month && date ? new Date(timeOf({ year, month, day: date, hour: 23, minute: 59, second: 59 }, houseZone())).toISOString() : null;
}

function Basics({ user, save, isSelf }: { user: User; save: SaveUser; isSelf: boolean }) {
  const [error, setError] = useState<string | null>(null);
  const [name, setName] = useState(user.name);
  useEffect(() => setName(user.name), [user.name]);
  const change = async (next: UserChange, back: UserChange, what: string): Promise<void> => setError(await save(next, back, what));
  const rename = (): void => {
    if (name.trim() !== user.name && name.trim() !== '') void change({ name: name.trim() }, { name: user.name }, t('entry.name'));
  };
  const setRole = (role: Role): void => void change({ role }, { role: user.role }, t('users.role'));
  const setEnd = (day: string): void => void change({ expires_at: day === '' ? null : endOf(day) }, { expires_at: user.expires_at }, t('users.ends'));
  return (
    <section class="card" aria-labelledby="basics">
      <h2 id="basics">{t('users.account')}</h2>
      <TextField label={t('entry.name')} value={name} maxLength={64} required autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} onBlur={rename} />
      <Choice label={t('users.role')} value={user.role} options={ROLES.map((role) => [role, t(`role.${role}`)])} hint={isSelf ? t('users.self') : tCode('role_hint', user.role)} onChoose={setRole} disabled={isSelf} testid="role" />
      {user.role !== 'admin' && (
        <TextField
          label={t('users.ends')}
          hint={user.role === 'guest' ? t('users.ends_guest') : t('users.ends_hint')}
          type="date"
          class="short date"
          required={user.role === 'guest'}
          min={dayOf(hubNow())}
          value={user.expires_at ? dayOf(Date.parse(user.expires_at)) : ''}
          onChange={(event) => setEnd(event.currentTarget.value)}
        />
      )}
      {!isSelf && <Switch label={t('users.usable')} hint={t('users.usable_hint')} on={user.disabled_at === null} onChange={(on) => void change({ disabled: !on }, { disabled: on }, t('users.usable'))} />}
      {error && (
        <p class="field-error" role="alert" data-testid="form-error">
          {error}
        </p>
      )}
    </section>
  );
}

function Sessions({ user }: { user: User }) {
  const [list, again] = useFetch(() => users.sessions(user.id), `${user.id}${user.disabled_at ?? ''}${user.role}`);
  const told = (action: Promise<unknown>): void => {
    action.then(
      () => {
        succeeded(t('users.sessions_ended', { name: user.name }));
        again();
      },
      (error: unknown) => failed(t('sessions.not_ended'), error),
    );
  };
  return (
    <section class="section" aria-labelledby="sessions">
      <div class="section-head">
        <h2 id="sessions">{t('account.sessions')}</h2>
        {list.data && list.data.length > 0 && <HubButton onClick={() => told(users.endSessions(user.id))}>{t('users.end_all')}</HubButton>}
      </div>
      {!list.data && list.state === 'loading' && <Loading what={t('account.sessions')} />}
      {list.state === 'error' && <ErrorCard what={t('sessions.failed')} error={list.error} retry={again} />}
      {list.data?.length === 0 && <p class="note">{t('users.no_session')}</p>}
      {list.data && list.data.length > 0 && <SessionRows sessions={list.data} end={(row) => told(users.endSession(user.id, row.id))} />}
    </section>
  );
}
