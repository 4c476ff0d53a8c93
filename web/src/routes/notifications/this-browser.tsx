// Messages on this device while no page is open. Off until somebody switches it on; everything else works without.

import { useEffect, useState } from 'preact/hooks';

import { CONTENTS, type Content } from '../../api/notifications.ts';
import { webPush, type OwnPush } from '../../api/web-push.ts';
import { agentName } from '../../components/agent-name.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { second } from '../../state/clock.ts';
import { isMissing } from '../../state/devices.ts';
import { installable } from '../../state/install.ts';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { pushState, subscribe, unsubscribe, type PushState } from '../../state/push.ts';
import { ApiError } from '../../api/request.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';

/** What the browser itself refuses has no words of the hub. */
const words = (error: unknown): string => (error instanceof ApiError ? reasonOf(error) : t('push.browser_failed'));

export function ThisBrowser() {
  const [own, again] = useFetch(() => webPush.get(), 'web-push');
  const [state, setState] = useState<PushState | null>(null);
  const [content, setContent] = useState<Content>('no_picture');
  const { busy, error, run } = useAction(words);
  const look = (): void => void pushState().then(setState, () => setState('unsupported'));
  useEffect(look, [installable.value]);
  const isAvailable = own.data?.available === true && own.data.public_key !== null;
  const shown = own.data && !isAvailable ? 'unavailable' : state;
  const switchOn = (): Promise<boolean> =>
    run(async () => {
      const given = await subscribe(own.data?.public_key ?? '');
      if (given) {
        await webPush.add(agentName(navigator.userAgent).text, given, content);
        succeeded(t('push.switched_on'));
      }
      look();
      again();
    });
  const remove = (subscription: OwnPush): Promise<boolean> =>
    run(async () => {
      await webPush.remove(subscription.id);
      // The browser's own part goes with the last one of this account, which may be it.
      if (own.data?.subscriptions.length === 1) await unsubscribe();
      look();
      again();
    });
  return (
    <section class="card" aria-labelledby="push" data-testid="push" data-state={shown ?? 'asking'}>
      <h2 id="push">{t('push.title')}</h2>
      <p class="muted">{t('push.text')}</p>
      {own.state === 'error' && <p>{isMissing(own.error) ? t('notify.missing') : reasonOf(own.error)}</p>}
      {own.data && shown && <p class="strong">{t(`push.${shown}`)}</p>}
      {own.data && (shown === 'off' || shown === 'on') && (
        <>
          <div class="field">
            <label for="push-content">{t('recipients.content')}</label>
            <select id="push-content" value={content} onChange={(event) => setContent(event.currentTarget.value as Content)}>
              {CONTENTS.filter((one) => one !== 'full').map((one) => (
                <option key={one} value={one}>
                  {t(`content.${one}`)}
                </option>
              ))}
            </select>
          </div>
          <HubButton kind={shown === 'off' ? 'primary' : 'plain'} busy={busy} onClick={() => void switchOn()} testid="push-on">
            {shown === 'off' ? t('push.switch_on') : t('push.again')}
          </HubButton>
        </>
      )}
      <FormError text={error} />
      <ul class="face-list">
        {(own.data?.subscriptions ?? []).map((subscription) => (
          <li key={subscription.id} data-testid="push-row">
            <Icon name="smartphone" />
            <span class="grow">
              <span dir="auto">{subscription.name}</span>{' '}
              <span class="small muted">
                {t(`content.${subscription.content}`)} · {moment(Date.parse(subscription.created_at), second.value)}
              </span>
            </span>
            <HubButton onClick={() => void remove(subscription)} busy={busy} label={t('push.remove_of', { name: subscription.name })} testid="push-remove">
              {t('push.remove')}
            </HubButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
