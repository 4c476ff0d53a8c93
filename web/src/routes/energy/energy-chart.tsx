// What the plugs used in a period, stacked, with the same numbers as a table.

import type { PlugEnergy, Tariff } from '../../api/energy.ts';
import { BarChart, type Bar } from '../../charts/bar-chart.tsx';
import { DataTable } from '../../charts/data-table.tsx';
import { hubNow } from '../../state/clock.ts';
import { deviceOf } from '../../state/devices.ts';
import { t } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import { decimal } from '../../time/show.ts';
import { UNKNOWN, quantity } from '../devices/words.ts';
import { money, periodName, slotLabel, slotTitle } from './energy-words.ts';
import { slotsOf, type Period } from './period.ts';
import { intoSlots, total, type Slot } from './slots.ts';

// More series cannot be told apart by their colours; the rest is one.
const SERIES_MAX = 6;
const KILO = 1000;

const nameOf = (plug: PlugEnergy): string => deviceOf(plug.device)?.name ?? t('energy.removed');
const used = (plug: PlugEnergy): number => plug.buckets.reduce((sum, bucket) => sum + (bucket.wh ?? 0), 0);

interface Series {
  name: string;
  plugs: readonly PlugEnergy[];
}

/** The plugs that used most each by itself, and the others together. */
function seriesOf(plugs: readonly PlugEnergy[]): Series[] {
  const sorted = [...plugs].sort((a, b) => used(b) - used(a));
  const single = sorted.length > SERIES_MAX ? sorted.slice(0, SERIES_MAX - 1) : sorted;
  const rest = sorted.slice(single.length);
  return [...single.map((plug) => ({ name: nameOf(plug), plugs: [plug] })), ...(rest.length > 0 ? [{ name: t('energy.others', { n: rest.length }), plugs: rest }] : [])];
}

export function EnergyChart({ plugs, period, tariff }: { plugs: readonly PlugEnergy[]; period: Period; tariff: Tariff | null }) {
  const begins = slotsOf(period, houseZone());
  const series = seriesOf(plugs);
  const slots = intoSlots(series.map((row) => row.plugs.flatMap((plug) => plug.buckets)), begins, period.to, hubNow());
  const endOf = (index: number): number => begins[index + 1] ?? period.to;
  const bars: Bar[] = slots.map((slot, index) => ({ state: slot.state, values: slot.values, label: slotLabel(period, slot.at), title: slotTitle(period, slot.at, endOf(index)) }));
  const gaps = slots.filter((slot) => slot.state === 'gap' || slot.state === 'part').length;
  const whole = total(slots.filter((slot) => slot.state !== 'ahead').flatMap((slot) => slot.values));
  const costs = total(plugs.map((plug) => plug.cost));
  const past = slots.map((slot, index) => ({ slot, index })).filter(({ slot }) => slot.state !== 'ahead');
  const sumOf = (slot: Slot): number | null => total(slot.values).sum;
  const most = Math.max(...slots.map((slot) => sumOf(slot) ?? 0));
  const scale = most >= KILO ? { unit: 'kWh', divide: KILO, digits: most >= 10 * KILO ? 0 : 1 } : { unit: 'Wh', divide: 1, digits: 0 };
  return (
    <figure class="energy-figure">
      <BarChart
        bars={bars}
        names={series.map((row) => row.name)}
        unit={scale.unit}
        write={(value) => decimal(value / scale.divide, scale.digits)}
        quantity={(value) => quantity(value, 'watt_hour')}
        label={t('energy.chart', { period: periodName(period), sum: quantity(whole.sum, 'watt_hour'), n: gaps })}
        hint={t('chart.hint')}
      />
      <figcaption>
        <ul class="chart-legend">
          {series.map((row, index) => (
            <li key={index}>
              <svg class="swatch" width="12" height="12" aria-hidden="true">
                <rect class={`series-${index + 1}`} width="12" height="12" rx="3" />
              </svg>
              <span dir="auto">{row.name}</span>
            </li>
          ))}
          {gaps > 0 && (
            <li data-testid="gaps">
              <i class="swatch-gap" />
              {t('energy.gaps', { n: gaps })}
            </li>
          )}
        </ul>
        <p class="strong tabular" data-testid="energy-sum">
          {t('energy.sum', { sum: quantity(whole.sum, 'watt_hour') })}
          {tariff && costs.sum !== null && <span> · {t('energy.cost', { cost: money(costs.sum, tariff.currency), price: money(tariff.price_per_kwh, tariff.currency) })}</span>}
        </p>
        {gaps > 0 && <p class="muted small">{t('energy.incomplete')}</p>}
      </figcaption>
      <DataTable
        caption={t('energy.chart', { period: periodName(period), sum: quantity(whole.sum, 'watt_hour'), n: gaps })}
        head={[t('events.range'), ...series.map((row) => row.name), t('energy.all')]}
        rows={past.map(({ slot, index }) => [bars[index]?.title ?? '', ...slot.values.map((value) => quantity(value, 'watt_hour')), slot.state === 'whole' ? quantity(sumOf(slot), 'watt_hour') : slot.state === 'gap' ? UNKNOWN : t('energy.part', { value: quantity(sumOf(slot), 'watt_hour') })])}
        raw={past.map(({ slot }) => [new Date(slot.at).toISOString(), ...slot.values, slot.state === 'whole' ? sumOf(slot) : null])}
        file={`hearthwatch-energy-${new Date(period.from).toISOString().slice(0, 10)}.csv`}
      />
    </figure>
  );
}
