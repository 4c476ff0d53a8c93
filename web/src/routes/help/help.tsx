// Help: what the signs mean and which keys there are.

import { KeyList } from '../../components/key-list.tsx';
import { Icon } from '../../components/icon.tsx';
import { usePage } from '../../components/use-page.ts';
import { welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';

export function Help() {
  const heading = usePage(t('nav.help'));
  return (
    <div class="narrow">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.help')}
        </h1>
      </header>
      <section class="card" aria-labelledby="signs">
        <h2 id="signs">{t('help.signs')}</h2>
        <dl class="sign-list">
          <div>
            <dt>
              <span class="badge record-recording">
                <span class="dot" />
                {t('record.recording')}
              </span>
            </dt>
            <dd>{t('help.recording')}</dd>
          </div>
          <div>
            <dt>
              <span class="badge record-armed">
                <span class="ring" />
                {t('record.armed')}
              </span>
            </dt>
            <dd>{t('help.armed')}</dd>
          </div>
          <div>
            <dt>
              <span class="badge record-live-only">
                <Icon name="circle-slash" size={12} />
                {t('record.live_only')}
              </span>
            </dt>
            <dd>{t('help.live_only')}</dd>
          </div>
          <div>
            <dt>
              <span class="badge record-stopped">
                <Icon name="triangle-alert" size={12} />
                {t('record.stopped')}
              </span>
            </dt>
            <dd>{t('help.stopped')}</dd>
          </div>
        </dl>
      </section>
      <section class="card" aria-labelledby="times">
        <h2 id="times">{t('help.times')}</h2>
        <p>{t('help.times_text')}</p>
      </section>
      <section class="card" aria-labelledby="keys">
        <h2 id="keys">{t('help.keys')}</h2>
        <p class="muted">{t('help.keys_text')}</p>
        <KeyList />
      </section>
      <p class="muted small">{t('help.version', { version: welcome.value?.version ?? '—' })}</p>
    </div>
  );
}
