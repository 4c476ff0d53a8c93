// What happened in the shown part of time, as a list: the text form of the strip.

import { useEffect, useRef, useState } from 'preact/hooks';

import { thumbnailAddress } from '../../api/hub.ts';
import { Icon, labelIcon } from '../../components/icon.tsx';
import { Empty } from '../../components/states.tsx';
import { hubNow } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { clockTime, hourMinute, length } from '../../time/show.ts';
import { viewEnd } from '../../timeline/geometry.ts';
import type { Activity } from '../../timeline/lanes.ts';
import type { TimelineState } from '../../timeline/use-timeline.ts';

// A week has more than a list can show; zooming in shows the rest.
const ROWS_MAX = 200;
const LEAD_MS = 2_000;

type Row = Activity & { camera: string };
type GapRow = { camera: string; from: number; to: number | null; cause: string };

export function ActivityList({ line, nameOf }: { line: TimelineState; nameOf: (id: string) => string }) {
  const view = line.view.value;
  const [label, setLabel] = useState<string | null>(null);
  const isShown = (row: { from: number; to: number | null }): boolean => row.from < viewEnd(view) && (row.to ?? hubNow()) > view.from;
  const all = line.activities().filter(isShown);
  const gaps = line.lanes.rows.value.flatMap((lane) => lane.gaps.map((gap) => ({ ...gap, camera: lane.camera }))).filter(isShown);
  const labels = [...new Set(all.map((row) => row.label))].sort();
  const rows = label === null ? all : all.filter((row) => row.label === label);
  const isReady = line.lanes.rows.value.every((lane) => lane.state !== 'loading');
  const go = (row: { from: number }): void => line.goTo(row.from - LEAD_MS);
  return (
    <aside class="activity-list list-card" aria-labelledby="activities">
      <header class="list-head">
        <h2 id="activities">{t('nav.events')}</h2>
        <span class="muted tabular">
          {hourMinute(view.from)}–{hourMinute(Math.min(viewEnd(view), hubNow()))}
        </span>
      </header>
      {labels.length > 1 && (
        <div class="filter-chips" role="group" aria-label={t('events.label')}>
          {labels.map((name) => (
            <button key={name} type="button" class="filter-chip" aria-pressed={label === name} onClick={() => setLabel(label === name ? null : name)}>
              <Icon name={labelIcon(name)} size={16} />
              {tCode('label', name)}
            </button>
          ))}
        </div>
      )}
      {isReady && rows.length === 0 && gaps.length === 0 && <Empty icon="history" title={label === null ? t('timeline.no_activity') : t('timeline.no_label', { n: all.length, label: tCode('label', label) })} filtered={label !== null} />}
      <ul class="event-list">
        {gaps.map((gap) => (
          <GapItem key={`${gap.camera}${gap.from}`} gap={gap} name={nameOf(gap.camera)} />
        ))}
        {rows.slice(0, ROWS_MAX).map((row) => (
          <ActivityItem key={row.id} row={row} name={nameOf(row.camera)} isCurrent={isAt(row, line.playhead.at.value)} open={() => go(row)} />
        ))}
      </ul>
      {rows.length > ROWS_MAX && <p class="list-foot muted">{t('timeline.more', { n: rows.length - ROWS_MAX })}</p>}
    </aside>
  );
}

const isAt = (row: Row, at: number): boolean => at >= row.from - LEAD_MS && at <= (row.to ?? hubNow());

function ActivityItem({ row, name, isCurrent, open }: { row: Row; name: string; isCurrent: boolean; open: () => void }) {
  const item = useRef<HTMLLIElement>(null);
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const list = item.current?.closest('.activity-list');
    if (!isCurrent || !item.current || !list || list.matches(':hover, :focus-within')) return;
    const [box, outer] = [item.current.getBoundingClientRect(), list.getBoundingClientRect()];
    if (box.top < outer.top || box.bottom > outer.bottom) list.scrollTop += box.top - outer.top - outer.height / 3;
  }, [isCurrent]);
  return (
    <li ref={item} class="event-row" data-testid="activity-row">
      <button type="button" class="event-open" aria-current={isCurrent ? 'true' : undefined} onClick={open}>
        <span class="thumbnail">{row.thumbnail && !isBroken ? <img src={thumbnailAddress(row.id)} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} /> : <Icon name={labelIcon(row.label)} />}</span>
        <span class="event-what">
          <span class="event-title">
            <Icon name={labelIcon(row.label)} size={16} />
            {tCode('label', row.label)}
          </span>
          <span class="event-where muted" dir="auto">
            {name}
          </span>
        </span>
        <span class="event-when">
          <time dateTime={new Date(row.from).toISOString()}>{clockTime(row.from)}</time>
          <span class="muted">{row.to === null ? t('event.now') : length(row.to - row.from)}</span>
        </span>
      </button>
    </li>
  );
}

function GapItem({ gap, name }: { gap: GapRow; name: string }) {
  return (
    <li class="event-row gap-row">
      <Icon name="triangle-alert" size={16} />
      <span>
        <span dir="auto">{name}</span>: {t('timeline.gap', { from: hourMinute(gap.from), to: gap.to === null ? t('event.now') : hourMinute(gap.to), cause: tCode('cause', gap.cause) })}
      </span>
    </li>
  );
}
