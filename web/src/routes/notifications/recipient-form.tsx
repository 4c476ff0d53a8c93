// One recipient: address, matters, content, quiet hours and limits.

import { useState } from 'preact/hooks';

import { CONTENTS, notifications as api, type Channel, type NewRecipient, type Recipient } from '../../api/notifications.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { t } from '../../text/text.ts';
import { hasAddress, isRecipientWhole, newRecipientDraft, recipientDraftOf } from './draft.ts';
import { MatterFields } from './matter-fields.tsx';
import { QuietFields } from './quiet-fields.tsx';

const PER_HOUR_MAX = 600;

export function RecipientForm({ recipient, channels, close, done }: { recipient: Recipient | null; channels: readonly Channel[]; close: () => void; done: (name: string) => void }) {
  const [draft, setDraft] = useState<NewRecipient>(() => (recipient ? recipientDraftOf(recipient) : newRecipientDraft(channels[0]?.id ?? '')));
  const { busy, error, run } = useAction();
  const change = (next: Partial<NewRecipient>): void => setDraft((before) => ({ ...before, ...next }));
  const kind = recipient?.channel_kind === 'web_push' ? 'web_push' : (channels.find((channel) => channel.id === draft.channel)?.settings.kind ?? 'webhook');
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const body = { ...draft, name: draft.name.trim(), address: hasAddress(kind) ? (draft.address ?? '').trim() : null, commands: kind === 'telegram' && draft.commands };
    if (await run(() => (recipient ? api.setRecipient(recipient.id, body) : api.addRecipient(body)))) done(body.name);
  };
  return (
    <Dialog title={recipient ? t('recipients.change_of', { name: recipient.name }) : t('recipients.add')} onClose={close} testid="recipient-dialog" wide>
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t('recipients.name')} name="recipient-name" value={draft.name} required maxLength={60} autocomplete="off" dir="auto" onInput={(event) => change({ name: event.currentTarget.value })} />
        {kind !== 'web_push' && (
          <div class="field">
            <label for="recipient-channel">{t('recipients.channel')}</label>
            <select id="recipient-channel" value={draft.channel} onChange={(event) => change({ channel: event.currentTarget.value })}>
              {channels.map((channel) => (
                <option key={channel.id} value={channel.id}>
                  {channel.name}
                </option>
              ))}
            </select>
          </div>
        )}
        {hasAddress(kind) && <TextField label={t(`address.${kind as 'telegram' | 'email' | 'ntfy' | 'mqtt'}`)} name="recipient-address" value={draft.address ?? ''} required autocomplete="off" spellcheck={false} onInput={(event) => change({ address: event.currentTarget.value })} />}
        <MatterFields matters={draft.matters} onChange={(matters) => change({ matters })} />
        <div class="field">
          <label for="recipient-content">{t('recipients.content')}</label>
          <select id="recipient-content" value={draft.content} onChange={(event) => change({ content: event.currentTarget.value as NewRecipient['content'] })}>
            {CONTENTS.map((content) => (
              <option key={content} value={content}>
                {t(`content.${content}`)}
              </option>
            ))}
          </select>
          <p class="hint">{t(`content_hint.${draft.content}`)}</p>
        </div>
        <QuietFields hours={draft.quiet_hours} onChange={(quiet_hours) => change({ quiet_hours })} />
        <TextField label={t('recipients.per_hour')} name="per-hour" type="number" min={1} max={PER_HOUR_MAX} class="short" value={draft.per_hour} required onInput={(event) => change({ per_hour: Number(event.currentTarget.value) })} />
        {kind === 'telegram' && <Switch label={t('recipients.commands')} hint={t('recipients.commands_hint')} on={draft.commands} onChange={(commands) => change({ commands })} />}
        <Switch label={t('recipients.on')} on={draft.enabled} onChange={(enabled) => change({ enabled })} />
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isRecipientWhole(draft, kind)} testid="recipient-submit">
            {t('action.save')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
