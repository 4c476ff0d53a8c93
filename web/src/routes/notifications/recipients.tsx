// Who is told: what, when not, and with how much in it. Each can be tried, and the answer says how long it took.

import { useState } from 'preact/hooks';

import { notifications as api, type Channel, type Recipient, type Tested } from '../../api/notifications.ts';
import { Confirm } from '../../components/confirm.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { decimal, weekdayName } from '../../time/show.ts';
import { WEEKDAYS, clockOf } from '../settings/schedule.ts';
import { RecipientForm } from './recipient-form.tsx';
import { channelName, kindName, matterWords } from './words.ts';

interface Properties {
  channels: readonly Channel[];
  recipients: readonly Recipient[];
  again: () => void;
}

export function Recipients({ channels, recipients, again }: Properties) {
  const [edited, setEdited] = useState<Recipient | 'new' | null>(null);
  const [removed, setRemoved] = useState<Recipient | null>(null);
  // Browsers subscribe by themselves.
  const usable = channels.filter((channel) => channel.settings.kind !== 'web_push');
  return (
    <section class="card" aria-labelledby="recipients">
      <div class="section-head">
        <h2 id="recipients">{t('recipients.title')}</h2>
        <HubButton onClick={() => setEdited('new')} busy={usable.length === 0} title={usable.length === 0 ? t('recipients.no_channel') : undefined} testid="recipient-add">
          <Icon name="plus" />
          {t('recipients.add')}
        </HubButton>
      </div>
      {recipients.length === 0 && <p class="muted">{usable.length === 0 ? t('recipients.no_channel') : t('recipients.none')}</p>}
      <ul class="rows" data-testid="recipients">
        {recipients.map((recipient) => (
          <RecipientRow key={recipient.id} recipient={recipient} channels={channels} edit={() => setEdited(recipient)} remove={() => setRemoved(recipient)} again={again} />
        ))}
      </ul>
      {edited && (
        <RecipientForm
          recipient={edited === 'new' ? null : edited}
          channels={usable}
          close={() => setEdited(null)}
          done={(name) => {
            setEdited(null);
            succeeded(t('recipients.saved', { name }));
            again();
          }}
        />
      )}
      {removed && (
        <Confirm
          title={t('recipients.remove_question', { name: removed.name })}
          confirm={t('recipients.remove_of', { name: removed.name })}
          action={() => api.removeRecipient(removed.id)}
          close={() => setRemoved(null)}
          done={() => {
            setRemoved(null);
            again();
          }}
        >
          <p>{t('recipients.remove_text', { n: removed.waiting })}</p>
        </Confirm>
      )}
    </section>
  );
}

function quietWords({ quiet_hours: hours }: Recipient): string {
  return hours.map((one) => `${one.days.length === WEEKDAYS.length ? '' : `${one.days.map((day) => weekdayName(WEEKDAYS.indexOf(day), 'short')).join(' ')} `}${clockOf(one.from_minute)}–${clockOf(one.to_minute)}`).join(', ');
}

function RecipientRow({ recipient, channels, edit, remove, again }: { recipient: Recipient; channels: readonly Channel[]; edit: () => void; remove: () => void; again: () => void }) {
  const quiet = quietWords(recipient);
  return (
    <li class="list-row" data-testid="recipient" data-recipient={recipient.name}>
      <Icon name={recipient.channel_kind === 'web_push' ? 'smartphone' : 'user'} />
      <div class="grow">
        <p class="strong">
          <span dir="auto">{recipient.name}</span> <span class="badge">{t(`content.${recipient.content}`)}</span>
          {!recipient.enabled && <span class="badge badge-warn">{t('channels.off')}</span>}
          {recipient.waiting > 0 && <span class="badge badge-warn">{t('recipients.waiting', { n: recipient.waiting })}</span>}
        </p>
        <p class="small" dir="auto">
          {recipient.matters.length === 0 ? t('recipients.nothing') : recipient.matters.map(matterWords).join(' · ')}
        </p>
        <p class="small muted" dir="auto">
          {[recipient.user_name ?? channelName(channels, recipient.channel), kindName(recipient.channel_kind), recipient.address ?? '', quiet && t('recipients.quiet', { hours: quiet })].filter(Boolean).join(' · ')}
        </p>
        <Test recipient={recipient} again={again} />
      </div>
      <div class="row">
        <HubButton onClick={edit} label={t('recipients.change_of', { name: recipient.name })} testid="recipient-edit">
          {t('channels.change')}
        </HubButton>
        <HubButton onClick={remove} label={t('recipients.remove_of', { name: recipient.name })} testid="recipient-remove">
          <Icon name="trash-2" size={16} />
        </HubButton>
      </div>
    </li>
  );
}

function testWords({ delivered, seconds, code, message }: Tested): string {
  const time = decimal(seconds, seconds < 10 ? 1 : 0);
  if (delivered) return t('test.delivered', { seconds: time });
  return `${t('test.failed', { seconds: time })} ${message ?? ''} ${code === null ? '' : t(`test_code.${code}`)}`.trim();
}

/** A fixed text, past quiet hours and mute: what counts is whether it arrives, and how fast. */
function Test({ recipient, again }: { recipient: Recipient; again: () => void }) {
  const [state, setState] = useState<{ kind: 'idle' | 'busy' | 'ok' | 'bad'; text: string }>({ kind: 'idle', text: '' });
  const test = async (): Promise<void> => {
    setState({ kind: 'busy', text: t('test.running') });
    try {
      const tested = await api.test(recipient.id);
      setState({ kind: tested.delivered ? 'ok' : 'bad', text: testWords(tested) });
      again();
    } catch (error) {
      setState({ kind: 'bad', text: reasonOf(error) });
    }
  };
  return (
    <p class="row small">
      <HubButton onClick={() => void test()} busy={state.kind === 'busy'} label={t('test.of', { name: recipient.name })} testid="recipient-test">
        {t('test.send')}
      </HubButton>
      <span role="status" class={state.kind === 'bad' ? 'bad-text' : ''} data-testid="test-answer" data-state={state.kind}>
        {state.text}
      </span>
    </p>
  );
}
