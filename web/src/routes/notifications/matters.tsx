// What waits for somebody: acknowledged once, it is told to nobody more.

import { notifications as api, type Matter } from '../../api/notifications.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { useEvery } from '../../components/use-every.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { failed, succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { matterName } from './words.ts';

const EVERY_MS = 20_000;

export function Matters() {
  const [list, again] = useFetch(() => api.matters(), 'matters');
  useEvery(EVERY_MS, again);
  const acknowledge = async (matter: Matter): Promise<void> => {
    try {
      await api.acknowledge(matter.id);
      succeeded(t('matters.acknowledged'));
    } catch (error) {
      failed(t('matters.not_acknowledged'), error);
    }
    again();
  };
  return (
    <section class="card" aria-labelledby="matters" data-testid="matters">
      <h2 id="matters">{t('matters.title')}</h2>
      {list.data?.length === 0 && <p class="muted">{t('matters.none')}</p>}
      {list.state === 'error' && !list.data && <p class="muted">{t('matters.failed')}</p>}
      <ul class="face-list">
        {(list.data ?? []).map((matter) => (
          <li key={matter.id} data-testid="matter" data-matter={matter.id}>
            <div class="grow">
              <p class="strong">
                <span class={`severity-word severity-${matter.severity}`}>{t(`severity_from.${matter.severity}`)}</span> {matterName(matter.kind)}
                {matter.camera && <span dir="auto"> · {cameraNamed(matter.camera)?.name ?? t('event.removed_camera')}</span>}
              </p>
              <p class="small muted">
                {moment(Date.parse(matter.opened_at), second.value)} · {t('matters.told', { sent: matter.sent, waiting: matter.waiting })}
              </p>
            </div>
            <HubButton onClick={() => void acknowledge(matter)} testid="acknowledge" label={t('matters.acknowledge_of', { kind: matterName(matter.kind) })}>
              {t('matters.acknowledge')}
            </HubButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
