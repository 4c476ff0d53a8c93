// The ways out of the house: how each stands, and its secret, which goes in and never comes out.

import { useState } from 'preact/hooks';

import { notifications as api, type Channel, type Recipient } from '../../api/notifications.ts';
import { Confirm } from '../../components/confirm.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { second } from '../../state/clock.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { age } from '../../time/show.ts';
import { ChannelForm } from './channel-form.tsx';
import { kindName, whereTo } from './words.ts';

interface Properties {
  channels: readonly Channel[];
  recipients: readonly Recipient[];
  again: () => void;
}

export function Channels({ channels, recipients, again }: Properties) {
  const [edited, setEdited] = useState<Channel | 'new' | null>(null);
  const [removed, setRemoved] = useState<Channel | null>(null);
  const done = (name: string): void => {
    setEdited(null);
    succeeded(t('channels.saved', { name }));
    again();
  };
  return (
    <section class="card" aria-labelledby="channels">
      <div class="section-head">
        <h2 id="channels">{t('channels.title')}</h2>
        <HubButton kind={channels.length === 0 ? 'primary' : 'plain'} onClick={() => setEdited('new')} testid="channel-add">
          <Icon name="plus" />
          {t('channels.add')}
        </HubButton>
      </div>
      {channels.length === 0 && <p class="muted">{t('channels.none')}</p>}
      <ul class="rows" data-testid="channels">
        {channels.map((channel) => (
          <ChannelRow key={channel.id} channel={channel} isUsed={recipients.some((one) => one.channel === channel.id)} edit={() => setEdited(channel)} remove={() => setRemoved(channel)} />
        ))}
      </ul>
      {edited && <ChannelForm channel={edited === 'new' ? null : edited} hasPush={channels.some((one) => one.settings.kind === 'web_push')} close={() => setEdited(null)} done={done} />}
      {removed && (
        <Confirm
          title={t('channels.remove_question', { name: removed.name })}
          confirm={t('channels.remove_of', { name: removed.name })}
          action={() => api.removeChannel(removed.id)}
          close={() => setRemoved(null)}
          done={() => {
            setRemoved(null);
            again();
          }}
        >
          <p>{t('channels.remove_text')}</p>
        </Confirm>
      )}
    </section>
  );
}

const KINDS: Record<Channel['state'], string> = { unused: '', working: 'badge-ok', failing: 'badge-warn', misconfigured: 'badge-bad' };

function ChannelRow({ channel, isUsed, edit, remove }: { channel: Channel; isUsed: boolean; edit: () => void; remove: () => void }) {
  const sent = channel.last_sent_at ? t('channels.sent', { age: age(second.value - Date.parse(channel.last_sent_at)) }) : t('channels.never_sent');
  return (
    <li class="list-row" data-testid="channel" data-channel={channel.name} data-state={channel.state}>
      <Icon name="send" />
      <div class="grow">
        <p class="strong">
          <span dir="auto">{channel.name}</span> <span class={`badge ${KINDS[channel.state]}`}>{t(`channel_state.${channel.state}`)}</span>
          {!channel.enabled && <span class="badge badge-warn">{t('channels.off')}</span>}
        </p>
        <p class="small muted" dir="auto">
          {[kindName(channel.settings.kind), whereTo(channel.settings), sent].filter(Boolean).join(' · ')}
        </p>
        {channel.last_error && <p class="small bad-text">{channel.last_error}</p>}
      </div>
      <div class="row">
        <HubButton onClick={edit} label={t('channels.change_of', { name: channel.name })} testid="channel-edit">
          {t('channels.change')}
        </HubButton>
        <HubButton onClick={remove} busy={isUsed} title={isUsed ? t('channels.in_use') : undefined} label={t('channels.remove_of', { name: channel.name })} testid="channel-remove">
          <Icon name="trash-2" size={16} />
        </HubButton>
      </div>
    </li>
  );
}
