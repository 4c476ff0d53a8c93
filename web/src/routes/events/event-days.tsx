// Events under a heading a day, each with what can be done about it; more are fetched when the end comes into sight.

import { useEffect, useMemo, useRef } from 'preact/hooks';

import type { EventView } from '../../api/types.ts';
import { EventRow } from '../../components/event-row.tsx';
import { t } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import { longDay } from '../../time/show.ts';
import { startOfDay } from '../../time/zone.ts';
import { RowActions, type RowAction } from './row-actions.tsx';

export interface DayProperties {
  /** In order of time, newest first. */
  events: readonly (EventView & { text?: string })[];
  chosen: string | null;
  open: (event: EventView) => void;
  act: RowAction;
}

/** Rows are in order of time, so the calendar is asked once a day, not once a row. */
function byDay<T extends EventView>(events: readonly T[]): [number, T[]][] {
  const days: [number, T[]][] = [];
  for (const event of events) {
    const at = Date.parse(event.at);
    const last = days.at(-1);
    if (last && at >= last[0]) last[1].push(event);
    else days.push([startOfDay(at, houseZone()), [event]]);
  }
  return days;
}

export function EventDays({ events, chosen, open, act }: DayProperties) {
  const days = useMemo(() => byDay(events), [events]);
  return (
    <>
      {days.map(([day, rows]) => (
        <section key={day} class="day" aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`} class="day-head">
            {longDay(day)} <span class="muted">{t('events.count', { n: rows.length })}</span>
          </h2>
          <ul class="event-list event-list-wide">
            {rows.map((event) => (
              <EventRow key={event.id} event={event} current={event.id === chosen} onOpen={open} note={event.text} actions={event.camera !== null && <RowActions event={event} act={act} />} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** Fetches older rows when the end of the list comes into sight; the button does the same. */
export function More({ load, busy }: { load: () => void; busy: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && latest.current(), { rootMargin: '600px' });
    if (button.current) observer.observe(button.current);
    return () => observer.disconnect();
  }, []);
  return (
    <button ref={button} type="button" class="button list-foot" onClick={load} disabled={busy}>
      {busy ? t('events.loading_more') : t('events.more')}
    </button>
  );
}
