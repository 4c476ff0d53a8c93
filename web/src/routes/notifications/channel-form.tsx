// One way out of the house: where it leads, and what proves that the hub may use it.

import { useState } from 'preact/hooks';

import { CHANNEL_KINDS, notifications as api, type Channel, type ChannelKind } from '../../api/notifications.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { t } from '../../text/text.ts';
import { channelOf, draftOf, isChannelWhole, newChannelDraft, type ChannelDraft } from './draft.ts';
import { kindName } from './words.ts';

type Change = (change: Partial<ChannelDraft>) => void;

export function ChannelForm({ channel, hasPush, close, done }: { channel: Channel | null; hasPush: boolean; close: () => void; done: (name: string) => void }) {
  const [draft, setDraft] = useState(() => (channel ? draftOf(channel) : newChannelDraft('telegram')));
  const { busy, error, run } = useAction();
  const change: Change = (next) => setDraft((before) => ({ ...before, ...next }));
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const body = channelOf(draft);
    if (await run(() => (channel ? api.setChannel(channel.id, body) : api.addChannel(body)))) done(body.name);
  };
  const kinds = CHANNEL_KINDS.filter((kind) => kind !== 'web_push' || !hasPush);
  return (
    <Dialog title={channel ? t('channels.change_of', { name: channel.name }) : t('channels.add')} onClose={close} testid="channel-dialog">
      <form onSubmit={(event) => void submit(event)}>
        {!channel && (
          <div class="field">
            <label for="channel-kind">{t('channels.kind')}</label>
            <select id="channel-kind" value={draft.kind} onChange={(event) => setDraft({ ...newChannelDraft(event.currentTarget.value as ChannelKind), name: draft.name })}>
              {kinds.map((kind) => (
                <option key={kind} value={kind}>
                  {kindName(kind)}
                </option>
              ))}
            </select>
            <p class="hint">{t(`channel_hint.${draft.kind}`)}</p>
          </div>
        )}
        <TextField label={t('channels.name')} name="channel-name" value={draft.name} required maxLength={60} autocomplete="off" dir="auto" onInput={(event) => change({ name: event.currentTarget.value })} />
        <Settings draft={draft} change={change} />
        {draft.kind !== 'web_push' && (
          <TextField
            label={t(`channel_secret.${draft.kind}`)}
            hint={channel?.has_secret ? t('channels.secret_kept') : t('channels.secret_hint')}
            name="channel-secret"
            type="password"
            value={draft.secret}
            autocomplete="off"
            onInput={(event) => change({ secret: event.currentTarget.value })}
          />
        )}
        {draft.kind !== 'web_push' && <Switch label={t('channels.private')} hint={t('channels.private_hint')} on={draft.privateNetwork} onChange={(privateNetwork) => change({ privateNetwork })} />}
        {draft.privateNetwork && <TextField label={t('channels.certificate')} hint={t('channels.certificate_hint')} name="channel-certificate" value={draft.certificate} autocomplete="off" spellcheck={false} onInput={(event) => change({ certificate: event.currentTarget.value })} />}
        <Switch label={t('channels.on')} on={draft.enabled} onChange={(enabled) => change({ enabled })} />
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isChannelWhole(draft, channel?.has_secret === true)} testid="channel-submit">
            {t('action.save')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}

function Settings({ draft, change }: { draft: ChannelDraft; change: Change }) {
  const { kind } = draft;
  if (kind === 'web_push') return <TextField label={t('channels.contact')} hint={t('channels.contact_hint')} name="channel-contact" value={draft.contact} placeholder="mailto:me@example.org" required autocomplete="off" onInput={(event) => change({ contact: event.currentTarget.value })} />;
  if (kind !== 'email' && kind !== 'mqtt') {
    const isOptional = kind === 'telegram';
    return <TextField label={t('channels.url')} hint={isOptional ? t('channels.url_usual') : undefined} name="channel-url" type="url" value={draft.url} placeholder={isOptional ? 'https://api.telegram.org' : kind === 'ntfy' ? 'https://ntfy.sh' : 'https://example.org/hook'} required={!isOptional} autocomplete="off" spellcheck={false} onInput={(event) => change({ url: event.currentTarget.value })} />;
  }
  return (
    <>
      <div class="field-pair">
        <TextField label={t('channels.host')} name="channel-host" value={draft.host} required autocomplete="off" spellcheck={false} onInput={(event) => change({ host: event.currentTarget.value })} />
        <TextField label={t('channels.port')} name="channel-port" inputMode="numeric" value={draft.port} required autocomplete="off" onInput={(event) => change({ port: event.currentTarget.value })} />
      </div>
      {kind === 'email' && <Choice label={t('channels.security')} value={draft.security} options={[['starttls', 'STARTTLS'], ['tls', 'TLS']]} onChoose={(security) => change({ security, port: security === 'tls' ? '465' : '587' })} />}
      {kind === 'email' && <TextField label={t('channels.from')} name="channel-from" type="email" value={draft.from} required autocomplete="off" onInput={(event) => change({ from: event.currentTarget.value })} />}
      <TextField label={t('channels.username')} name="channel-username" value={draft.username} autocomplete="off" spellcheck={false} onInput={(event) => change({ username: event.currentTarget.value })} />
    </>
  );
}
