// One room: what its sensor says with its age, the set point as a command, and the temperature over time.

import type { Room } from '../../api/climate.ts';
import { devices as api, type LevelControl, type Reading } from '../../api/devices.ts';
import { DataTable } from '../../charts/data-table.tsx';
import { LineChart } from '../../charts/line-chart.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { second } from '../../state/clock.ts';
import { deviceOf, keepDevice } from '../../state/devices.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { t, tCode } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import { age, dateTime, dayMonth, decimal, hourMinute } from '../../time/show.ts';
import { civil, startOfDay, timeOf } from '../../time/zone.ts';
import { LevelInput } from '../devices/control.tsx';
import { quantity, readingName, valueText } from '../devices/words.ts';

const DAY_MS = 86_400_000;
const MARKS_MAX = 4;
// These stand by themselves above the others.
const SHOWN = ['temperature', 'set_point'];
// A battery that should be replaced soon.
const BATTERY_LOW = 15;

/** The set point as a control, where the device lets it be set. */
function setPointOf(room: Room): LevelControl | null {
  const control = deviceOf(room.device)?.controls.find((one) => one.key === 'set_point');
  return control?.kind === 'level' ? control : null;
}

export function RoomCard({ room, from, to, again }: { room: Room; from: number; to: number; again: () => void }) {
  const device = deviceOf(room.device);
  const live = device?.readings.find((reading) => reading.key === 'temperature');
  const temperature = live ? live.value : room.temperature;
  const others = (device?.readings ?? room.readings).filter((reading) => !SHOWN.includes(reading.key));
  const set = setPointOf(room);
  const isGone = device !== undefined && device.state !== 'answering';
  const asOf = live?.as_of ?? device?.answered_at ?? null;
  const id = `room-${room.device}`;
  return (
    <section class="card room-card" aria-labelledby={id} data-testid="room" data-room={room.name} data-state={isGone ? 'stale' : 'ok'}>
      <h2 id={id} dir="auto">
        {mayAs('operator') ? <a href={`/devices/${room.device}`}>{room.name}</a> : room.name}
      </h2>
      <p>
        <span class={isGone ? 'figure tabular muted' : 'figure tabular'}>{quantity(temperature, 'celsius')}</span>{' '}
        <span class="muted small">
          {isGone && `${tCode('device_state', device.state)}. `}
          {temperature === null ? t('control.not_said') : asOf && t('facts.age', { age: age(second.value - Date.parse(asOf)) })}
        </span>
      </p>
      <Air readings={others} />
      {!set && room.set_point !== null && (
        <p data-testid="set-point">
          {t('climate.set_point')} <span class="strong tabular">{quantity(room.set_point, 'celsius')}</span>
        </p>
      )}
      {set && (
        <div class="set-point" data-testid="set-point">
          <p>
            {t('climate.set_point')} <span class="strong tabular">{valueText(set)}</span>
          </p>
          {mayAs('operator') && <LevelInput device={{ id: room.device }} control={set} label={t('climate.set_point_of', { room: room.name })} />}
        </div>
      )}
      <Course room={room} from={from} to={to} again={again} />
    </section>
  );
}

function Air({ readings }: { readings: readonly Reading[] }) {
  if (readings.length === 0) return null;
  return (
    <dl class="air">
      {readings.map((reading) => (
        <div key={reading.key}>
          <dt>{readingName(reading.key)}</dt>
          <dd class={reading.key === 'battery' && reading.value !== null && reading.value <= BATTERY_LOW ? 'tabular warn-text' : 'tabular'}>
            {quantity(reading.value, reading.unit)}
            {reading.value === null && <span class="muted small"> {t('control.not_said')}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Times under the axis: every six hours of a day, else midnights that leave room for their names. */
function marksOf(from: number, to: number): { at: number; label: string }[] {
  const zone = houseZone();
  const days = Math.round((to - from) / DAY_MS);
  const marks: { at: number; label: string }[] = [];
  for (let day = 0; day <= days; day += Math.ceil(days / MARKS_MAX)) {
    const midnight = startOfDay(from, zone, day);
    const hours = days > 1 ? [0] : [0, 6, 12, 18];
    for (const hour of hours) {
      const at = hour === 0 ? midnight : timeOf({ ...civil(midnight + DAY_MS / 2, zone), hour, minute: 0, second: 0 }, zone);
      marks.push({ at, label: days > 1 ? dayMonth(at) : hourMinute(at) });
    }
  }
  return marks.filter((mark) => mark.at > from && mark.at < to);
}

function Course({ room, from, to, again }: { room: Room; from: number; to: number; again: () => void }) {
  const { busy, error, run } = useAction();
  if (room.history === 'off') {
    const keep = async (): Promise<void> => {
      if (await run(async () => keepDevice(await api.change(room.device, { history: 'on' })))) again();
    };
    return (
      <div class="row history-off" data-testid="history-off">
        <span class="badge">{t('history.off')}</span>
        <span class="muted small grow">{t('history.off_text')}</span>
        {isAdmin.value && (
          <HubButton busy={busy} onClick={() => void keep()} label={t('history.switch_on_of', { device: room.name })} testid="history-on">
            {t('history.switch_on')}
          </HubButton>
        )}
        {error && <p class="field-error">{error}</p>}
      </div>
    );
  }
  const points = room.points.map((point) => ({ at: Date.parse(point.at), value: point.celsius }));
  const values = points.flatMap((point) => point.value ?? []);
  const label = values.length > 0 ? t('climate.chart', { room: room.name, min: quantity(Math.min(...values), 'celsius'), max: quantity(Math.max(...values), 'celsius') }) : t('climate.chart_empty', { room: room.name });
  return (
    <>
      <LineChart points={points} from={from} to={to} unit="°C" write={(value) => decimal(value, 1)} tell={(point) => `${dateTime(point.at)} · ${point.value === null ? t('climate.not_measured') : quantity(point.value, 'celsius')}`} marks={marksOf(from, to)} label={label} hint={values.length > 0 ? t('chart.hint') : t('climate.nothing')} />
      <DataTable
        caption={label}
        head={[t('events.range'), t('reading.temperature')]}
        rows={points.map((point) => [dateTime(point.at), point.value === null ? t('climate.not_measured') : quantity(point.value, 'celsius')])}
        raw={points.map((point) => [new Date(point.at).toISOString(), point.value])}
        file="hearthwatch-climate.csv"
      />
    </>
  );
}
