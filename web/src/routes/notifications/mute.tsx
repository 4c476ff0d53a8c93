// Silence for a while: nothing but what is critical goes out.

import { notifications as api, type Mute } from '../../api/notifications.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { useEvery } from '../../components/use-every.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { hubNow, second } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';

const HOURS = [1, 4, 12] as const;
const HOUR_MS = 3_600_000;
const EVERY_MS = 30_000;

export function MuteCard() {
  const [mute, again, set] = useFetch(() => api.mute(), 'mute');
  const { busy, error, run } = useAction();
  useEvery(EVERY_MS, again);
  const until = mute.data?.until && Date.parse(mute.data.until) > second.value ? Date.parse(mute.data.until) : null;
  const put = (next: string | null): Promise<boolean> => run(async () => set((await api.setMute(next)) satisfies Mute));
  return (
    <section class="card" aria-labelledby="mute" data-testid="mute" data-state={until === null ? 'off' : 'on'}>
      <h2 id="mute">{t('mute.title')}</h2>
      <p class={until === null ? 'muted' : 'strong'}>{until === null ? t('mute.off') : t('mute.on', { time: moment(until, second.value) })}</p>
      <div class="row">
        {until === null ? (
          HOURS.map((hours) => (
            <HubButton key={hours} busy={busy} onClick={() => void put(new Date(hubNow() + hours * HOUR_MS).toISOString())} label={t('mute.for_of', { n: hours })} testid={`mute-${hours}`}>
              {t('mute.for', { n: hours })}
            </HubButton>
          ))
        ) : (
          <HubButton busy={busy} onClick={() => void put(null)} testid="mute-end">
            {t('mute.end')}
          </HubButton>
        )}
      </div>
      <FormError text={error} />
    </section>
  );
}
