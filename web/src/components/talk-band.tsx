// While the microphone of this device is open: a band on every page that says so, and closes it.

import { cameraNamed } from '../state/cameras.ts';
import { closeTalk, isMicrophoneOpen, talk } from '../state/talk.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';

export function TalkBand() {
  const name = cameraNamed(talk.value?.camera ?? '')?.name ?? '';
  // The element is there from the start: what is put into it is announced.
  return (
    <div class="talk-region" role="status" data-testid="talk-region">
      {isMicrophoneOpen() && (
        <section class="band talk-band" aria-label={t('talk.open')} data-testid="talk-band">
          <Icon name="mic" />
          <p dir="auto">
            <strong>{t('talk.open')}</strong> {t(talk.value?.state === 'open' ? 'talk.heard_at' : 'talk.connecting_to', { name })}
          </p>
          <button type="button" class="button" onClick={closeTalk} data-testid="talk-close">
            {t('talk.close')}
          </button>
        </section>
      )}
    </div>
  );
}
