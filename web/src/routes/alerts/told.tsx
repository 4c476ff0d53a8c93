// Who was told of an alert, and whether that arrived.

import type { Incident } from '../../api/incidents.ts';
import { notifications, type DeliveryState } from '../../api/notifications.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { moment } from '../../time/show.ts';

const BADGES: Record<DeliveryState, string> = { waiting: 'badge badge-warn', sent: 'badge badge-ok', dead: 'badge badge-bad', acknowledged: 'badge' };

export function ToldCard({ incident }: { incident: Incident }) {
  // What changes an incident is what may have been told, or stopped.
  const [told] = useFetch(() => notifications.told(incident.id), `${incident.id}${incident.state}${incident.timeline.length}`);
  if (!told.data) return null;
  return (
    <section class="card" aria-labelledby="told">
      <h2 id="told">{t('alert.told')}</h2>
      {told.data.length === 0 ? (
        <p class="muted">{t('alert.told_nobody')}</p>
      ) : (
        <ul class="face-list" data-testid="told">
          {told.data.map((delivery) => (
            <li key={delivery.id}>
              <span class={BADGES[delivery.state]}>{tCode('delivery', delivery.state)}</span>
              <span class="grow" dir="auto">
                {delivery.recipient_name ?? t('deliveries.gone')}
              </span>
              <span class="muted small tabular">
                {delivery.channel_kind && `${tCode('channel', delivery.channel_kind)} · `}
                {moment(Date.parse(delivery.sent_at ?? delivery.created_at), second.value)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
