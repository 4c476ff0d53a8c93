// What is unlike other days, with the figures it is compared with, and what to expect of tomorrow.

import { search, type Forecast, type Insight } from '../../api/search.ts';
import { Icon } from '../../components/icon.tsx';
import { momentAddress } from '../../components/moment-address.ts';
import { ErrorCard } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { isMissing } from '../../state/devices.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { dayMonth, decimal, moment, shortDay } from '../../time/show.ts';

const SHOWN = 3;

export function InsightStrip({ camera, label }: { camera: string; label: string }) {
  const [fetched, again] = useFetch(() => search.insights(), 'insights');
  // It is an extra: without it the list below is whole, and while it loads nothing moves for it.
  if (fetched.state === 'error') return isMissing(fetched.error) ? null : <ErrorCard what={t('insights.failed')} error={fetched.error} retry={again} />;
  if (!fetched.data) return <div class="insights-place" data-state="loading" />;
  const { insights, looked_at: looked } = fetched.data;
  const rows = insights.filter((insight) => (camera === '' || insight.camera === camera) && (label === '' || insight.label === null || insight.label === label));
  return (
    <section class="insights" aria-labelledby="insights" data-testid="insights">
      <header class="section-head">
        <h2 id="insights">{t('insights.title')}</h2>
        <p class="small muted tabular">{t('insights.looked', { n: looked.days, from: dayMonth(Date.parse(looked.from)), to: dayMonth(Date.parse(looked.to)) })}</p>
      </header>
      {rows.length === 0 ? (
        <p class="muted">{t('insights.none')}</p>
      ) : (
        <ul class="insight-list">
          {rows.slice(0, SHOWN).map((insight, index) => (
            <InsightCard key={index} insight={insight} />
          ))}
        </ul>
      )}
      {rows.length > SHOWN && (
        <details>
          <summary>{t('insights.more', { n: rows.length - SHOWN })}</summary>
          <ul class="insight-list">
            {rows.slice(SHOWN).map((insight, index) => (
              <InsightCard key={index} insight={insight} />
            ))}
          </ul>
        </details>
      )}
      <Expected camera={camera} label={label} />
    </section>
  );
}

const plain = (value: number): string => decimal(value, Number.isInteger(value) ? 0 : 1);

function InsightCard({ insight }: { insight: Insight }) {
  const at = Date.parse(insight.at);
  const { baseline } = insight;
  const where = insight.camera ? (cameraNamed(insight.camera)?.name ?? t('event.removed_camera')) : t('event.house');
  return (
    <li class="insight" data-testid="insight" data-kind={insight.kind} data-state={insight.severity}>
      <p class="row">
        <span class={insight.severity === 'warning' ? 'badge badge-warn' : 'badge'}>{t(insight.severity === 'warning' ? 'severity.warning' : 'severity.info')}</span>
        <span class="strong">{tCode('insight', insight.kind)}</span>
      </p>
      <p class="small">
        <span dir="auto">{where}</span>
        {insight.label && ` · ${tCode('label', insight.label)}`}
      </p>
      <p class="small muted" dir="auto" lang="en">
        {insight.text}
      </p>
      <p class="insight-figures tabular">
        <span class="figure-value">{plain(insight.value)}</span>
        <span class="small muted">{t('insights.baseline', { low: plain(baseline.low), high: plain(baseline.high), median: plain(baseline.median), n: baseline.days })}</span>
      </p>
      {insight.camera && (
        <a class="small" href={momentAddress(insight.camera, at)}>
          <Icon name="history" size={16} />
          {t('insights.look', { time: moment(at, second.peek()) })}
        </a>
      )}
    </li>
  );
}

function Expected({ camera, label }: { camera: string; label: string }) {
  const wanted = label === '' ? 'person' : label;
  const [fetched] = useFetch(() => search.forecast(camera, wanted), `${camera} ${wanted}`);
  if (!fetched.data) return null;
  const where = camera === '' ? t('event.house') : (cameraNamed(camera)?.name ?? t('event.removed_camera'));
  return (
    <p class="small forecast" data-testid="forecast" data-state={fetched.data.state}>
      <Icon name="trending-up" size={16} />
      <span>
        <span class="strong">
          {tCode('label', wanted)} · <span dir="auto">{where}</span>:
        </span>{' '}
        {forecastText(fetched.data)}
      </span>
    </p>
  );
}

function forecastText(forecast: Forecast): string {
  if (forecast.state === 'insufficient_data') return t('forecast.not_enough', { n: forecast.days, needed: forecast.needed });
  const day = shortDay(Date.parse(`${forecast.for_day}T12:00:00Z`));
  return t('forecast.expected', { day, expected: plain(forecast.expected), low: plain(forecast.low), high: plain(forecast.high), n: forecast.days });
}
