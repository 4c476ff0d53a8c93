// Which account may do what with which camera: a table on wide screens, a list of groups on narrow ones.

import { useEffect, useState } from 'preact/hooks';

import { CAMERA_ACTIONS, type CameraAccess, type User } from '../../api/users.ts';
import { Switch } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { cameras } from '../../state/cameras.ts';
import { t, tCode } from '../../text/text.ts';
import { allowed, hasOwnRule, toggled, withoutRule } from './access.ts';
import type { SaveUser } from './user-page.tsx';

export function AccessMatrix({ user, save }: { user: User; save: SaveUser }) {
  const [access, setAccess] = useState<CameraAccess>(user.camera_access);
  const [error, setError] = useState<string | null>(null);
  const stored = JSON.stringify(user.camera_access);
  useEffect(() => setAccess(user.camera_access), [stored]);
  const isChanged = JSON.stringify(access) !== stored;
  const list = [...(cameras.value ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  const submit = async (): Promise<void> => setError(await save({ camera_access: access }, { camera_access: user.camera_access }, t('access.title')));
  return (
    <section class="card" aria-labelledby="access">
      <h2 id="access">{t('access.title')}</h2>
      <p class="muted">{t('access.text', { role: t(`role.${user.role}`) })}</p>
      <Switch label={t('access.only_listed')} hint={t('access.only_listed_hint')} on={access.only_listed} onChange={(on) => setAccess({ ...access, only_listed: on })} />
      {list.length === 0 ? (
        <p class="note">{t('home.no_camera')}</p>
      ) : (
        <div class="matrix" role="table" aria-label={t('access.title')} data-testid="matrix">
          <div class="matrix-row matrix-head" role="row">
            <span role="columnheader">{t('events.camera')}</span>
            {CAMERA_ACTIONS.map((action) => (
              <span key={action} role="columnheader">
                {tCode('may', action)}
              </span>
            ))}
            <span role="columnheader">
              <span class="visually-hidden">{t('access.rule')}</span>
            </span>
          </div>
          {list.map((camera) => (
            <div key={camera.id} class="matrix-row" role="row" data-testid="matrix-row" data-own={hasOwnRule(access, camera.id)}>
              <span role="rowheader" class="strong" dir="auto">
                {camera.name}
              </span>
              {CAMERA_ACTIONS.map((action) => (
                <span key={action} role="cell">
                  <label class="check">
                    <input
                      type="checkbox"
                      aria-label={`${camera.name}: ${tCode('may', action)}`}
                      checked={allowed(access, user.role, camera.id).includes(action)}
                      onChange={() => setAccess(toggled(access, user.role, camera.id, action))}
                    />
                    <span class="narrow-only">{tCode('may', action)}</span>
                  </label>
                </span>
              ))}
              <span role="cell" class="matrix-rule">
                {hasOwnRule(access, camera.id) ? (
                  <button type="button" class="button button-quiet" onClick={() => setAccess(withoutRule(access, camera.id))} title={t('access.follow_hint')}>
                    <Icon name="undo-2" size={16} />
                    {t('access.follow')}
                  </button>
                ) : (
                  <span class="muted small">{access.only_listed ? t('access.hidden') : t('access.by_role')}</span>
                )}
              </span>
            </div>
          ))}
        </div>
      )}
      <FormError text={error} />
      {isChanged && (
        <div class="row">
          <HubButton kind="primary" onClick={() => void submit()} testid="access-save">
            {t('access.save')}
          </HubButton>
          <button type="button" class="button button-quiet" onClick={() => setAccess(user.camera_access)}>
            {t('schedule.discard')}
          </button>
        </div>
      )}
    </section>
  );
}
