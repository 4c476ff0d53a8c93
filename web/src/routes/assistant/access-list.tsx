// Which assistants have access: to which cameras, what they may do, until when, and how much they did today.

import { useState } from 'preact/hooks';

import type { Access, AssistantView, Tool } from '../../api/assistant.ts';
import { tokens } from '../../api/tokens.ts';
import { Confirm } from '../../components/confirm.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty } from '../../components/states.tsx';
import { reloadAssistant } from '../../state/assistant.ts';
import { cameraNamed, cameras } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { succeeded } from '../../state/messages.ts';
import { t, tCode } from '../../text/text.ts';
import { age, hourMinute, moment, whole } from '../../time/show.ts';
import { isReadOnly } from './presets.ts';

const COLUMNS = ['name', 'cameras', 'may', 'until', 'today', 'last'] as const;

export function AccessList({ view }: { view: AssistantView }) {
  const [revoking, setRevoking] = useState<Access | null>(null);
  if (view.access.length === 0) {
    return (
      <Empty icon="bot" title={t('access.none')}>
        <p class="muted">{t('access.none_text')}</p>
      </Empty>
    );
  }
  return (
    <>
      <div class="table-scroll" tabIndex={0} role="group" aria-label={t('access.list')}>
        <table class="access-table" data-testid="access">
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col">
                  {t(`access_column.${name}`)}
                </th>
              ))}
              <th scope="col">
                <span class="visually-hidden">{t('tokens.revoke')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {view.access.map((access) => (
              <Row key={access.token} access={access} tools={view.tools} revoke={() => setRevoking(access)} />
            ))}
          </tbody>
        </table>
      </div>
      {revoking && (
        <Confirm
          title={t('tokens.revoke_question', { name: revoking.name })}
          confirm={t('tokens.revoke_of', { name: revoking.name })}
          action={() => tokens.remove(revoking.token)}
          close={() => setRevoking(null)}
          done={() => {
            setRevoking(null);
            succeeded(t('tokens.revoked', { name: revoking.name }));
            void reloadAssistant();
          }}
        >
          <p>{t('tokens.revoke_text')}</p>
        </Confirm>
      )}
    </>
  );
}

function Row({ access, tools, revoke }: { access: Access; tools: readonly Tool[]; revoke: () => void }) {
  const now = second.value;
  const ends = access.expires_at === null ? null : Date.parse(access.expires_at);
  const isOver = ends !== null && ends <= now;
  const isFull = access.calls_per_day !== null && access.calls_today >= access.calls_per_day;
  const all = cameras.value?.length ?? 0;
  const where = access.cameras === null ? t('access.all', { n: all }) : access.cameras.map((id) => cameraNamed(id)?.name ?? t('event.removed_camera')).join(', ');
  const granted = access.allowed_until.filter((one) => Date.parse(one.until) > now);
  return (
    <tr data-testid="access-row" data-name={access.name} data-state={isOver ? 'expired' : 'usable'}>
      <th scope="row">
        <span class="strong" dir="auto">
          {access.name}
        </span>
        <span class="small muted" dir="auto">
          {t('access.of', { name: access.owner })}
        </span>
      </th>
      <td data-label={t('access_column.cameras')} dir="auto">
        {where}
      </td>
      <td data-label={t('access_column.may')}>
        {isReadOnly(access.actions, tools) ? t('preset.read') : t(access.asks === 'never' ? 'access.changes_unasked' : 'preset.ask')}
        <details>
          <summary class="small">{t('access.actions', { n: access.actions.length })}</summary>
          <p class="small muted">{access.actions.map((action) => tCode('may', action)).join(', ')}</p>
        </details>
        {granted.map((one) => (
          <span key={one.tool} class="badge badge-warn">
            {t('access.allowed', { tool: one.tool, time: hourMinute(Date.parse(one.until)) })}
          </span>
        ))}
      </td>
      <td data-label={t('access_column.until')} class="tabular">
        {ends === null ? t('access.open_end') : moment(ends, now)}
        {isOver && <span class="badge badge-warn">{t('tokens.expired')}</span>}
      </td>
      <td data-label={t('access_column.today')} class={isFull ? 'tabular warn-text' : 'tabular'}>
        {access.calls_per_day === null ? whole(access.calls_today) : t('access.today', { n: access.calls_today, of: access.calls_per_day })}
      </td>
      <td data-label={t('access_column.last')} class="tabular">
        {access.last_call_at === null ? t('tokens.unused') : t('facts.age', { age: age(now - Date.parse(access.last_call_at)) })}
      </td>
      <td>
        <HubButton onClick={revoke} label={t('tokens.revoke_of', { name: access.name })} testid="access-revoke">
          <Icon name="trash-2" size={16} />
          {t('tokens.revoke')}
        </HubButton>
      </td>
    </tr>
  );
}
