// What went out, what waits, and what could not be delivered, which can be sent again. The content is never shown.

import { useEffect, useState } from 'preact/hooks';

import { notifications as api, type Delivery, type DeliveryState } from '../../api/notifications.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useEvery } from '../../components/use-every.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { failed, succeeded } from '../../state/messages.ts';
import { isMissing } from '../../state/devices.ts';
import { t } from '../../text/text.ts';
import { decimal, moment } from '../../time/show.ts';
import { kindName, matterName } from './words.ts';

// Nobody is told of a delivery; asking is cheap, but each question is a line in the audit log.
const EVERY_MS = 20_000;
const STATES = ['all', 'waiting', 'dead', 'sent'] as const;
type Shown = (typeof STATES)[number];

interface Page {
  list: Delivery[];
  next: string | null;
}

const stateOf = (shown: Shown): DeliveryState | null => (shown === 'all' ? null : shown);

export function Deliveries() {
  const [shown, setShown] = useState<Shown>('all');
  const [page, setPage] = useState<Page | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = (before: string | null): void => {
    api.deliveries(stateOf(shown), before).then(
      (answer) => {
        setError(null);
        setPage((now) => ({ list: before === null ? answer.deliveries : [...(now?.list ?? []), ...answer.deliveries], next: answer.next }));
      },
      setError,
    );
  };
  useEffect(() => {
    setPage(null);
    load(null);
  }, [shown]);
  // Who has asked for older ones reads them.
  useEvery(EVERY_MS, () => (page?.list.length ?? 0) <= 50 && load(null));
  const replay = async (delivery: Delivery): Promise<void> => {
    try {
      await api.replay(delivery.id);
      succeeded(t('deliveries.replayed'));
    } catch (failure) {
      failed(t('deliveries.not_replayed'), failure);
    }
    load(null);
  };
  return (
    <section class="card" aria-labelledby="deliveries" data-testid="deliveries">
      <h2 id="deliveries">{t('deliveries.title')}</h2>
      <div class="filter-chips" role="group" aria-label={t('deliveries.show')}>
        {STATES.map((state) => (
          <button key={state} type="button" class="filter-chip" aria-pressed={shown === state} onClick={() => setShown(state)} data-testid={`deliveries-${state}`}>
            {t(`deliveries.${state}`)}
          </button>
        ))}
      </div>
      {page === null && error === null && <Loading what={t('deliveries.title')} />}
      {page === null && error !== null && (isMissing(error) ? <p class="muted">{t('notify.missing')}</p> : <ErrorCard what={t('deliveries.failed')} error={error} retry={() => load(null)} />)}
      {page?.list.length === 0 && <p class="muted">{t('deliveries.none')}</p>}
      <ul class="face-list">
        {page?.list.map((delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} replay={() => void replay(delivery)} />
        ))}
      </ul>
      {page?.next && (
        <button type="button" class="button" onClick={() => load(page.next)}>
          {t('events.more')}
        </button>
      )}
    </section>
  );
}

const BADGES: Record<DeliveryState, string> = { waiting: 'badge-warn', sent: 'badge-ok', dead: 'badge-bad', acknowledged: '' };

function DeliveryRow({ delivery, replay }: { delivery: Delivery; replay: () => void }) {
  const { state } = delivery;
  const camera = delivery.camera ? cameraNamed(delivery.camera)?.name : undefined;
  const to = delivery.recipient_name ?? t('deliveries.gone');
  const how = state === 'sent' && delivery.seconds !== null ? t('deliveries.in', { seconds: decimal(delivery.seconds, 1) }) : state === 'waiting' ? t('deliveries.due', { time: moment(Date.parse(delivery.due_at), second.value) }) : '';
  return (
    <li data-testid="delivery" data-state={state} data-delivery={delivery.id}>
      <div class="grow">
        <p>
          <span class={`badge ${BADGES[state]}`}>{t(`delivery.${state}`)}</span> <span class="strong">{matterName(delivery.kind)}</span>
          {camera && <span dir="auto"> · {camera}</span>}
        </p>
        <p class="small muted" dir="auto">
          {[to, kindName(delivery.channel_kind), moment(Date.parse(delivery.created_at), second.value), how, delivery.step > 0 ? t('deliveries.step', { n: delivery.step }) : '', delivery.attempts > 1 ? t('deliveries.attempts', { n: delivery.attempts }) : ''].filter(Boolean).join(' · ')}
        </p>
        {delivery.error && <p class="small bad-text">{delivery.error}</p>}
      </div>
      {state === 'dead' && (
        <HubButton onClick={replay} label={t('deliveries.replay_of', { name: to })} testid="replay">
          <Icon name="rotate-cw" size={16} />
          {t('deliveries.replay')}
        </HubButton>
      )}
    </li>
  );
}
