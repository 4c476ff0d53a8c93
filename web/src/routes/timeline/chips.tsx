// What the time line shows: the day, and which cameras.

import type { CameraStatus } from '../../api/types.ts';
import { hubNow } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import { civil, startOfDay, timeOf } from '../../time/zone.ts';
import type { TimelineState } from '../../timeline/use-timeline.ts';
import { Icon } from '../../components/icon.tsx';

function dayText(time: number): string {
  const { year, month, day } = civil(time, houseZone());
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** The same time of another day. */
export function DayPicker({ line }: { line: TimelineState }) {
  const at = line.playhead.at.value;
  const zone = houseZone();
  const move = (days: number): void => {
    const day = civil(startOfDay(at, zone, days) + 1000, zone);
    line.goTo(timeOf({ ...civil(at, zone), year: day.year, month: day.month, day: day.day }, zone));
  };
  const choose = (text: string): void => {
    const [year, month, day] = text.split('-').map(Number);
    if (year && month && day) line.goTo(timeOf({ ...civil(at, zone), year, month, day }, zone));
  };
  const isToday = dayText(at) === dayText(hubNow());
  return (
    <div class="day-picker">
      <button type="button" class="icon-button" aria-label={t('timeline.day_before')} title={t('timeline.day_before')} onClick={() => move(-1)}>
        <Icon name="chevron-left" />
      </button>
      <label class="visually-hidden" for="day">
        {t('timeline.day')}
      </label>
      <input id="day" type="date" class="small-input tabular" value={dayText(at)} max={dayText(hubNow())} onChange={(event) => choose(event.currentTarget.value)} />
      <button type="button" class="icon-button" aria-label={t('timeline.day_after')} title={t('timeline.day_after')} disabled={isToday} onClick={() => move(1)}>
        <Icon name="chevron-right" />
      </button>
    </div>
  );
}

interface Properties {
  list: readonly CameraStatus[];
  ids: readonly string[];
  toggle: (id: string) => void;
  /** One camera at a time, as on phones. */
  single: boolean;
}

export function CameraChips({ list, ids, toggle, single }: Properties) {
  return (
    <div class="filter-chips" role="group" aria-label={t('timeline.cameras')}>
      {list.map((camera, index) => (
        <button key={camera.id} type="button" class="filter-chip" aria-pressed={ids.includes(camera.id)} title={index < 9 && !single ? t('timeline.solo', { n: index + 1 }) : undefined} onClick={() => toggle(camera.id)} dir="auto">
          {camera.name}
        </button>
      ))}
    </div>
  );
}
