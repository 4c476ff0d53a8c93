// Back from the sign-in provider, with its answer in the address: it is handed on and then forgotten, so that no
// copied address or history entry carries it.

import { useEffect, useState } from 'preact/hooks';

import { provider } from '../../api/provider.ts';
import { FormError } from '../../components/form-error.tsx';
import { usePage } from '../../components/use-page.ts';
import { go, place, replace, safeReturn } from '../../router/router.ts';
import { takeWanted } from '../../state/provider.ts';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { arrive, sessionState } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { EntryFrame } from './entry-frame.tsx';

export function ProviderReturn() {
  const heading = usePage(t('entry.sign_in'));
  const [error, setError] = useState<string | null>(null);
  const isLinking = sessionState.value === 'in';
  const back = isLinking ? '/account' : '/signin';

  useEffect(() => {
    const { query } = place.value;
    const [state, code] = [query.get('state'), query.get('code')];
    replace('/signin/return');
    if (!state || !code) {
      setError(t('provider.declined'));
      return;
    }
    const answer = { state, code };
    const done = isLinking ? provider.finishLink(answer).then(linked) : provider.finishSignIn(answer).then((session) => arrive(session, safeReturn(takeWanted())));
    done.catch((failure: unknown) => setError(reasonOf(failure)));
  }, []);
  return (
    <EntryFrame title={t('entry.sign_in')} heading={heading}>
      {error === null ? <p data-testid="provider-busy">{t('entry.busy')}</p> : <FormError text={error} />}
      {error !== null && (
        <a class="button button-wide" href={back}>
          {t('provider.back')}
        </a>
      )}
    </EntryFrame>
  );
}

function linked(): void {
  succeeded(t('provider.linked'));
  go('/account');
}
