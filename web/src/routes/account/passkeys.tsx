// Passkeys: made on this device, bound to the hub's name, each with when it was used last.

import { useState } from 'preact/hooks';

import { account, type Passkey } from '../../api/account.ts';
import { isDeclined, makePasskey, passkeyObstacle } from '../../api/webauthn.ts';
import { agentName } from '../../components/agent-name.ts';
import { Confirm } from '../../components/confirm.tsx';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { hubNow } from '../../state/clock.ts';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';

const wordsOf = (error: unknown): string => {
  if (isDeclined(error)) return t('passkey.declined');
  if (error instanceof DOMException && error.name === 'InvalidStateError') return t('passkey.known');
  return reasonOf(error);
};

export function Passkeys() {
  const [list, again] = useFetch(() => account.passkeys(), 'passkeys');
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const obstacle = passkeyObstacle();
  return (
    <section class="card" aria-labelledby="passkeys">
      <h2 id="passkeys">{t('passkey.title')}</h2>
      <p class="muted">{t('passkey.text')}</p>
      {!list.data && list.state === 'loading' && <Loading what={t('passkey.title')} shape="form" />}
      {list.state === 'error' && <ErrorCard what={t('passkey.failed')} error={list.error} retry={again} />}
      {list.data && list.data.length > 0 && (
        <ul class="rows" data-testid="passkeys">
          {list.data.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} remove={() => setRemoving(passkey)} />
          ))}
        </ul>
      )}
      {obstacle ? (
        <p class="note" data-testid="passkey-obstacle">
          {t(`passkey_obstacle.${obstacle}`)}
        </p>
      ) : (
        <AddPasskey again={again} />
      )}
      {removing && (
        <Confirm
          title={t('passkey.remove_question', { name: removing.name })}
          confirm={t('passkey.remove', { name: removing.name })}
          action={() => account.removePasskey(removing.id)}
          close={() => setRemoving(null)}
          done={() => {
            setRemoving(null);
            succeeded(t('passkey.removed', { name: removing.name }));
            again();
          }}
        >
          <p>{t('passkey.remove_text')}</p>
        </Confirm>
      )}
    </section>
  );
}

function PasskeyRow({ passkey, remove }: { passkey: Passkey; remove: () => void }) {
  const now = hubNow();
  const used = passkey.used_at ? t('passkey.used', { time: moment(Date.parse(passkey.used_at), now) }) : t('passkey.unused');
  return (
    <li class="list-row" data-testid="passkey-row">
      <Icon name="fingerprint" />
      <div class="grow">
        <p class="strong" dir="auto">
          {passkey.name}
        </p>
        <p class="muted small">
          {passkey.site} · {t('passkey.made', { time: moment(Date.parse(passkey.created_at), now) })} · {used}
        </p>
      </div>
      <HubButton onClick={remove} label={t('passkey.remove', { name: passkey.name })}>
        {t('action.remove')}
      </HubButton>
    </li>
  );
}

function AddPasskey({ again }: { again: () => void }) {
  const [name, setName] = useState(() => agentName(navigator.userAgent).text);
  const { busy, error, run } = useAction(wordsOf);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const isDone = await run(async () => {
      const options = await account.beginPasskey();
      await account.finishPasskey(name.trim(), await makePasskey(options));
    });
    if (!isDone) return;
    succeeded(t('passkey.added', { name: name.trim() }));
    again();
  };
  return (
    <form onSubmit={(event) => void submit(event)} data-testid="passkey-form">
      <TextField label={t('passkey.name')} value={name} required maxLength={64} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)}>
        <HubButton type="submit" kind="primary" busy={busy} testid="passkey-add">
          <Icon name="fingerprint" />
          {t('passkey.add')}
        </HubButton>
      </TextField>
      <FormError text={error} />
    </form>
  );
}
