// Climate: the air of each room, its set point, and how its temperature went. Missing time is a gap.

import { useEffect } from 'preact/hooks';

import { climate as api, type Room } from '../../api/climate.ts';
import { Icon } from '../../components/icon.tsx';
import { Choice } from '../../components/field.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useEvery } from '../../components/use-every.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { hubNow } from '../../state/clock.ts';
import { isMissing, learned } from '../../state/devices.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { NotInHub } from '../devices/not-in-hub.tsx';
import { useFreshDevices } from '../devices/use-devices.ts';
import { RoomCard } from './room-card.tsx';

const EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
const RANGES = { day: 24, week: 7 * 24, month: 30 * 24 } as const;
type Range = keyof typeof RANGES;
const NAMES = Object.keys(RANGES) as Range[];

interface Shown {
  rooms: Room[];
  from: number;
  to: number;
}

async function ask(range: Range): Promise<Shown> {
  const to = hubNow();
  const from = to - RANGES[range] * HOUR_MS;
  return { rooms: await api.get(from, to), from, to };
}

export function ClimatePage() {
  useFreshDevices();
  const range = NAMES.find((name) => name === place.value.query.get('r')) ?? 'day';
  const [fetched, again] = useFetch(() => ask(range), range);
  useEvery(EVERY_MS, again);
  useEffect(() => {
    if (fetched.state === 'ready') learned('climate', 'there');
    if (isMissing(fetched.error)) learned('climate', 'missing');
  }, [fetched]);
  if (isMissing(fetched.error)) return <NotInHub title={t('nav.climate')} icon="thermometer" />;
  return <Page range={range} shown={fetched.data} error={fetched.state === 'error' ? fetched.error : null} again={again} />;
}

function Page({ range, shown, error, again }: { range: Range; shown: Shown | null; error: unknown; again: () => void }) {
  const heading = usePage(t('nav.climate'));
  return (
    <div class="measures">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.climate')}
        </h1>
      </header>
      {shown === null && error === null && <Loading what={t('nav.climate')} />}
      {error !== null && <ErrorCard what={t('climate.failed')} error={error} retry={again} />}
      {shown?.rooms.length === 0 && (
        <Empty icon="thermometer" title={t('climate.none')}>
          <p class="muted">{t('climate.none_text')}</p>
          {isAdmin.value && (
            <a class="button button-primary" href="/devices/add">
              <Icon name="plus" />
              {t('devices.add')}
            </a>
          )}
        </Empty>
      )}
      {shown && shown.rooms.length > 0 && (
        <>
          <Choice label={t('events.range')} value={range} options={NAMES.map((name) => [name, t(`climate.range.${name}`)])} onChoose={(next) => replace(next === 'day' ? '/climate' : `/climate?r=${next}`)} testid="climate-range" />
          <div class="climate-grid">
            {shown.rooms.map((room) => (
              <RoomCard key={room.device} room={room} from={shown.from} to={shown.to} again={again} />
            ))}
          </div>
        </>
      )}
    </div>
  );
}
