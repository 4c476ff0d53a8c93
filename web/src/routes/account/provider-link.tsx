// The link between one's account and oneself at the house's sign-in provider.

import { useState } from 'preact/hooks';

import { provider } from '../../api/provider.ts';
import { Confirm } from '../../components/confirm.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { hubNow } from '../../state/clock.ts';
import { succeeded } from '../../state/messages.ts';
import { leaveFor } from '../../state/provider.ts';
import { welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';

export function ProviderLink() {
  const name = welcome.value?.sign_in_provider;
  return name ? <LinkCard name={name} /> : null;
}

function LinkCard({ name }: { name: string }) {
  const [link, again] = useFetch(() => provider.link(), 'provider-link');
  const [isEnding, setEnding] = useState(false);
  const { busy, error, run } = useAction();
  const begin = (): void => void run(async () => leaveFor(await provider.beginLink(), null));
  return (
    <section class="card" aria-labelledby="provider">
      <h2 id="provider" dir="auto">
        {name}
      </h2>
      <p class="muted">{t('provider.text', { name })}</p>
      {link.state === 'loading' && <Loading what={name} shape="form" />}
      {link.state === 'error' && <ErrorCard what={t('provider.failed')} error={link.error} retry={again} />}
      {link.state === 'ready' && link.data !== null && (
        <div class="list-row" data-testid="provider-linked">
          <div class="grow">
            <p class="strong" dir="auto">
              {link.data.label ?? name}
            </p>
            <p class="muted small">{t('provider.since', { time: moment(Date.parse(link.data.linked_at), hubNow()) })}</p>
          </div>
          <HubButton onClick={() => setEnding(true)} testid="provider-unlink">
            {t('provider.unlink')}
          </HubButton>
        </div>
      )}
      <FormError text={error} />
      {link.state === 'ready' && link.data === null && (
        <HubButton kind="primary" busy={busy} onClick={begin} testid="provider-link">
          {t('provider.link', { name })}
        </HubButton>
      )}
      {isEnding && (
        <Confirm
          title={t('provider.unlink_question')}
          confirm={t('provider.unlink')}
          action={() => provider.unlink()}
          close={() => setEnding(false)}
          done={() => {
            setEnding(false);
            succeeded(t('provider.unlinked'));
            again();
          }}
        >
          <p>{t('provider.unlink_text', { name })}</p>
        </Confirm>
      )}
    </section>
  );
}
