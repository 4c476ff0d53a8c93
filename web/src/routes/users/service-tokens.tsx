// A service has no password: it has tokens, which are made here and listed with all others.

import { useState } from 'preact/hooks';

import type { MadeToken } from '../../api/tokens.ts';
import type { User } from '../../api/users.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { t } from '../../text/text.ts';
import { TokenForm } from '../account/token-form.tsx';

export function ServiceTokens({ user }: { user: User }) {
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeToken | null>(null);
  const done = (next: MadeToken): void => {
    setAdding(false);
    setMade(next);
  };
  return (
    <section class="card" aria-labelledby="tokens">
      <h2 id="tokens">{t('account.tokens')}</h2>
      <p class="muted">{t('users.service_text')}</p>
      <div class="row">
        <HubButton kind="primary" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          {t('tokens.add')}
        </HubButton>
        <a class="button" href="/account/tokens">
          {t('users.all_tokens')}
        </a>
      </div>
      {isAdding && <TokenForm user={user.id} close={() => setAdding(false)} done={done} />}
      {made && <SecretOnce title={t('tokens.secret', { name: made.token.name })} text={t('tokens.secret_text')} lines={[made.secret]} close={() => setMade(null)} />}
    </section>
  );
}
