// Who is told what, by which way, when, and with how much in it.

import { Loading, ErrorCard } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { notifications as api } from '../../api/notifications.ts';
import { isMissing } from '../../state/devices.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { Channels } from './channels.tsx';
import { Deliveries } from './deliveries.tsx';
import { EscalationCard } from './escalation.tsx';
import { Matters } from './matters.tsx';
import { MuteCard } from './mute.tsx';
import { Recipients } from './recipients.tsx';
import { ThisBrowser } from './this-browser.tsx';

export function Notifications() {
  return (
    <section class="notifications" aria-label={t('notify.title')}>
      <div class="section-head">
        <p class="muted section-text">{t('notify.text')}</p>
      </div>
      <div class="device-grid">
        <div>
          {isAdmin.value && <Configuration />}
          {mayAs('operator') && <Deliveries />}
        </div>
        <div>
          {mayAs('operator') && <MuteCard />}
          {mayAs('operator') && <Matters />}
          <ThisBrowser />
        </div>
      </div>
    </section>
  );
}

function Configuration() {
  const [found, again] = useFetch(() => Promise.all([api.channels(), api.recipients(), api.escalation()]), 'notifications');
  if (found.data) {
    const [channels, recipients, escalation] = found.data;
    return (
      <>
        <Channels channels={channels} recipients={recipients} again={again} />
        <Recipients channels={channels} recipients={recipients} again={again} />
        <EscalationCard key={JSON.stringify(escalation)} escalation={escalation} recipients={recipients} again={again} />
      </>
    );
  }
  if (found.state === 'loading') return <Loading what={t('notify.title')} shape="form" />;
  if (isMissing(found.error)) return <p class="note">{t('notify.missing')}</p>;
  return <ErrorCard what={t('notify.failed')} error={found.error} retry={again} />;
}
