// Energy: what is drawn now, what was used today, and a chart by hour, day or month. Missing time is a gap.

import { useEffect } from 'preact/hooks';

import { energy as api, type Energy } from '../../api/energy.ts';
import { Icon } from '../../components/icon.tsx';
import { Choice } from '../../components/field.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useEvery } from '../../components/use-every.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { hubNow, second } from '../../state/clock.ts';
import { isMissing, learned } from '../../state/devices.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import { NotInHub } from '../devices/not-in-hub.tsx';
import { useFreshDevices } from '../devices/use-devices.ts';
import { UNKNOWN, quantity } from '../devices/words.ts';
import { EnergyChart } from './energy-chart.tsx';
import { money, periodName } from './energy-words.ts';
import { RANGES, periodOf, type Period, type Range } from './period.ts';
import { PlugRow } from './plug-row.tsx';
import { powerOf } from './power.ts';
import { total } from './slots.ts';
import { TariffCard } from './tariff.tsx';

// Buckets fill slowly; the power now comes with the devices.
const EVERY_MS = 60_000;

/** Which period is shown stands in the address. */
function periodOfAddress(query: URLSearchParams): Period {
  const range = RANGES.find((name) => name === query.get('r')) ?? 'day';
  const at = Number(query.get('t') ?? Number.NaN);
  return periodOf(range, Number.isFinite(at) && at > 0 ? at : hubNow(), houseZone());
}

const addressOf = (period: Period): string => (period.to > hubNow() && period.from <= hubNow() ? `/energy?r=${period.range}` : `/energy?r=${period.range}&t=${period.from}`);

/** What was asked for and what was answered belong together: bars of another time would look like gaps. */
type Shown = Energy & Pick<Period, 'range' | 'from'>;

const ask = async ({ range, from, to, step }: Period): Promise<Shown> => ({ ...(await api.get(from, to, step)), range, from });

export function EnergyPage() {
  useFreshDevices();
  const period = periodOfAddress(place.value.query);
  const [fetched, again, set] = useFetch(() => ask(period), `${period.range}${period.from}`);
  useEvery(EVERY_MS, again);
  useEffect(() => {
    if (fetched.state === 'ready') learned('energy', 'there');
    if (isMissing(fetched.error)) learned('energy', 'missing');
  }, [fetched]);
  if (isMissing(fetched.error)) return <NotInHub title={t('nav.energy')} icon="zap" />;
  return <Page period={period} data={fetched.data} error={fetched.state === 'error' ? fetched.error : null} again={again} set={set} />;
}

function Page({ period, data, error, again, set }: { period: Period; data: Shown | null; error: unknown; again: () => void; set: (data: Shown) => void }) {
  const heading = usePage(t('nav.energy'));
  return (
    <div class="measures">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.energy')}
        </h1>
      </header>
      {data === null && error === null && <Loading what={t('nav.energy')} />}
      {error !== null && <ErrorCard what={t('energy.failed')} error={error} retry={again} />}
      {data?.plugs.length === 0 && (
        <Empty icon="zap" title={t('energy.none')}>
          <p class="muted">{t('energy.none_text')}</p>
          {isAdmin.value && (
            <a class="button button-primary" href="/devices/add">
              <Icon name="plus" />
              {t('devices.add')}
            </a>
          )}
        </Empty>
      )}
      {data && data.plugs.length > 0 && (
        <>
          <Figures data={data} />
          <History data={data} period={period} />
          <section class="card" aria-labelledby="plugs">
            <h2 id="plugs">{t('energy.plugs')}</h2>
            <ul class="rows" data-testid="plugs">
              {data.plugs.map((plug) => (
                <PlugRow key={plug.device} plug={plug} tariff={data.tariff} again={again} />
              ))}
            </ul>
          </section>
          <TariffCard tariff={data.tariff} set={(tariff) => set({ ...data, tariff })} again={again} />
        </>
      )}
    </div>
  );
}

function Figures({ data }: { data: Energy }) {
  void second.value;
  const now = total(data.plugs.map((plug) => powerOf(plug).watts));
  const today = total(data.plugs.map((plug) => plug.today_wh));
  const cost = data.tariff && today.sum !== null ? (today.sum / 1000) * data.tariff.price_per_kwh : null;
  const missing = (n: number): string => (n > 0 ? t('energy.without', { n }) : '');
  return (
    <dl class="figures" data-testid="figures">
      <div>
        <dt>{t('energy.now')}</dt>
        <dd>
          <span class="figure tabular">{quantity(now.sum, 'watt')}</span>
          <span class="muted small">{missing(now.missing)}</span>
        </dd>
      </div>
      <div>
        <dt>{t('energy.today')}</dt>
        <dd>
          <span class="figure tabular">{quantity(today.sum, 'watt_hour')}</span>
          <span class="muted small">{missing(today.missing)}</span>
        </dd>
      </div>
      <div>
        <dt>{t('energy.cost_today')}</dt>
        <dd>
          <span class="figure tabular">{cost !== null && data.tariff ? money(cost, data.tariff.currency) : UNKNOWN}</span>
          <span class="muted small">{data.tariff ? missing(today.missing) : t('energy.no_tariff')}</span>
        </dd>
      </div>
    </dl>
  );
}

function History({ data, period }: { data: Shown; period: Period }) {
  const isOf = data.range === period.range && data.from === period.from;
  const kept = data.plugs.filter((plug) => plug.history === 'on');
  const zone = houseZone();
  const move = (step: -1 | 1): void => replace(addressOf(periodOf(period.range, period.from, zone, step)));
  const isLast = period.to > hubNow();
  const choose = (range: Range): void => replace(addressOf(periodOf(range, Math.min(period.from, hubNow()), zone)));
  return (
    <section class="card" aria-labelledby="history" data-testid="energy-history">
      <div class="section-head">
        <h2 id="history">{t('energy.used')}</h2>
        <div class="row">
          <button type="button" class="icon-button" aria-label={t('energy.before')} title={t('energy.before')} onClick={() => move(-1)}>
            <Icon name="chevron-left" />
          </button>
          <span class="strong tabular" data-testid="period">
            {periodName(period)}
          </span>
          <button type="button" class="icon-button" aria-label={t('energy.after')} title={t('energy.after')} disabled={isLast} onClick={() => move(1)}>
            <Icon name="chevron-right" />
          </button>
        </div>
      </div>
      <Choice label={t('energy.by')} value={period.range} options={RANGES.map((range) => [range, t(`energy.range.${range}`)])} onChoose={choose} testid="energy-range" />
      {kept.length === 0 && <p class="muted">{t('energy.no_history')}</p>}
      {kept.length > 0 && (isOf ? <EnergyChart plugs={kept} period={period} tariff={data.tariff} /> : <Loading what={t('nav.energy')} />)}
    </section>
  );
}
