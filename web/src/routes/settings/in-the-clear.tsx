// A camera whose stream travels in the clear: whether it offers to send encrypted, and what to do then.

import { useEffect, useRef, useState } from 'preact/hooks';

import { hub } from '../../api/hub.ts';
import { security } from '../../api/security.ts';
import type { CameraDetail, CameraStatus } from '../../api/types.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { encryptedOffers, keepOffer } from '../../state/cameras.ts';
import { t } from '../../text/text.ts';
import { isInTheClear } from './is-in-the-clear.ts';

/** In the dialog that added the camera: what it offers, before anything else is done with it. */
export function OfferStep({ camera, url }: { camera: CameraStatus; url: string }) {
  const settings = useRef<HTMLAnchorElement>(null);
  // The button that had the focus went with the form.
  useEffect(() => settings.current?.focus(), []);
  return (
    <div class="in-the-clear" data-testid="offer-step">
      <p>{t('clear.offers', { camera: camera.name })}</p>
      <OfferAddress url={url} />
      <p>{t('clear.do')}</p>
      <div class="dialog-actions">
        <a class="button" href={`/cameras/${camera.id}`}>
          {t('clear.later')}
        </a>
        <a ref={settings} class="button button-primary" href={`/cameras/${camera.id}/settings`} data-testid="offer-settings">
          {t('clear.settings')}
        </a>
      </div>
    </div>
  );
}

/** In its settings: the offer that is known, or the way to ask for one. */
export function InTheClear({ detail, use }: { detail: CameraDetail; use: (url: string) => void }) {
  const { status, settings } = detail;
  const [answer, setAnswer] = useState<string | null>(null);
  const { busy, error, run } = useAction();
  if (!isInTheClear(status, settings.url)) return null;
  const url = encryptedOffers.value.get(status.id) ?? detail.rtsps_url ?? null;
  const ask = async (): Promise<void> => {
    const { checks } = await security.doctor();
    setAnswer(checks.find((one) => one.id === `camera.${status.id}.transport`)?.detail ?? null);
    const { rtsps_url: found } = await hub.camera(status.id);
    if (found) keepOffer(status.id, found);
  };
  return (
    <div class="in-the-clear note note-warn" data-testid="in-the-clear" data-state={url ? 'offered' : answer ? 'answered' : 'unknown'}>
      {url ? (
        <>
          <p>{t('clear.offers', { camera: settings.name })}</p>
          <OfferAddress url={url} />
          <p>{t('clear.do')}</p>
          <button type="button" class="button" onClick={() => use(url)} data-testid="offer-use">
            {t('clear.use')}
          </button>
        </>
      ) : (
        <>
          <p>{t('clear.text')}</p>
          {/* In the hub's own words: it says where it asked. */}
          {answer && <p lang="en">{answer}</p>}
          <FormError text={error} />
          <HubButton busy={busy} onClick={() => void run(ask)} testid="offer-ask">
            {t('clear.ask')}
          </HubButton>
        </>
      )}
    </div>
  );
}

function OfferAddress({ url }: { url: string }) {
  return (
    <p class="code fingerprint" dir="ltr" data-testid="offer-address">
      {url}
    </p>
  );
}
