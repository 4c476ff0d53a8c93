// Home: is everything recording, what happened, what needs somebody; without a click.

import { useMemo, useState } from 'preact/hooks';

import type { CameraStatus, EventView } from '../../api/types.ts';
import { CameraTile } from '../../components/camera-tile.tsx';
import { ClipPanel } from '../../components/clip-panel.tsx';
import { EventRow } from '../../components/event-row.tsx';
import { Icon } from '../../components/icon.tsx';
import { NewRows } from '../../components/new-rows.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFeed } from '../../components/use-feed.ts';
import { usePage } from '../../components/use-page.ts';
import { useSystem } from '../../components/use-system.ts';
import { cameras, camerasFailed, loadCameras } from '../../state/cameras.ts';
import { hubNow, second } from '../../state/clock.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { bytes, decimal, moment } from '../../time/show.ts';
import { statusLine } from './status-line.ts';

const BACK_MS = 24 * 3_600_000;
// Fits the column beside the tiles; the rest is one click away.
const ROWS = 40;
const KINDS = 'activity_noticed,visit_began,recording_stopped,recording_resumed,camera_state_changed,eyes_stopped,sign_in_failed,clock_stepped,space_reclaimed';

/** Cameras with something in the last hour first, then by name; decided when the page opens and then fixed. */
function useOrder(list: readonly CameraStatus[], events: readonly EventView[], isReady: boolean): CameraStatus[] {
  const order = useMemo(() => {
    const hourAgo = hubNow() - 3_600_000;
    const busy = new Set(events.filter((event) => event.kind === 'activity_noticed' && Date.parse(event.at) > hourAgo).map((event) => event.camera));
    const rank = (camera: CameraStatus): number => (busy.has(camera.id) ? 0 : 1);
    return [...list].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)).map((camera) => camera.id);
  }, [isReady, list.length]);
  const place = (camera: CameraStatus): number => (order.indexOf(camera.id) + list.length + 1) % (list.length + 1);
  return [...list].sort((a, b) => place(a) - place(b));
}

function StatusLine() {
  const line = statusLine(cameras.value ?? [], second.value);
  return (
    <div class={`status-line status-${line.kind}`} data-testid="status-line" data-state={line.kind}>
      <Icon name={line.kind === 'ok' ? 'check' : line.kind === 'privacy' ? 'camera-off' : 'triangle-alert'} />
      <p>
        <span class="strong">{line.text}</span> {line.more && <span>{line.more}</span>}
      </p>
      {line.link && (
        <a class="button" href={line.link}>
          {t('action.open')}
        </a>
      )}
    </div>
  );
}

function Storage() {
  const system = useSystem();
  if (!system) return null;
  const { bytes_recorded: recorded, bytes_free: free, bytes_total: total, days_left: days } = system.storage;
  const used = total > 0 ? 1 - free / total : 0;
  return (
    <p class="foot-line muted tabular">
      <Icon name="hard-drive" size={16} />
      <span>{t('home.storage', { percent: decimal(used * 100, 0), recorded: bytes(recorded) })}</span>
      <span>{days === null ? t('home.days_unknown') : t('home.days', { days: decimal(days, 1) })}</span>
      <span>{system.eyes.running ? t('home.eyes', { model: system.eyes.model?.name ?? t('home.motion_only') }) : t('home.eyes_down')}</span>
    </p>
  );
}

function NoCamera() {
  return (
    <Empty icon="cctv" title={t('home.no_camera')}>
      <p class="muted">{t('home.no_camera_text')}</p>
      {isAdmin.value && (
        <a class="button button-primary" href="/settings/cameras?add">
          <Icon name="plus" />
          {t('home.add_first')}
        </a>
      )}
    </Empty>
  );
}

export function Home() {
  const heading = usePage(t('nav.home'));
  const [chosen, setChosen] = useState<EventView | null>(null);
  const since = useMemo(() => hubNow() - BACK_MS, []);
  const seesEvents = mayAs('viewer');
  const kinds = new Set(KINDS.split(','));
  const feed = useFeed({ kind: KINDS, from: new Date(since).toISOString(), limit: ROWS }, (event) => kinds.has(event.kind));
  const list = cameras.value;
  const tiles = useOrder(list ?? [], feed.events, feed.state === 'ready');
  const busy = feed.events.filter((event) => event.kind === 'activity_noticed').length;

  if (camerasFailed.value && list === null) return <ErrorCard what={t('home.failed')} error={null} retry={() => void loadCameras()} />;
  return (
    <div class="home">
      <h1 ref={heading} tabIndex={-1} class="visually-hidden">
        {t('nav.home')}
      </h1>
      {list === null && <Loading what={t('state.cameras')} shape="tiles" />}
      {list?.length === 0 && <NoCamera />}
      {list !== null && list.length > 0 && (
        <>
          <StatusLine />
          <div class={`home-grid${chosen ? ' has-panel' : ''}`}>
            <section class="home-tiles" aria-label={t('nav.cameras')}>
              <div class="tiles">
                {tiles.map((camera) => (
                  <CameraTile key={camera.id} camera={camera} />
                ))}
              </div>
              {isAdmin.value && <Storage />}
            </section>
            {seesEvents && (
              <section class="home-list" aria-labelledby="since" {...feed.hold}>
                <header class="list-head">
                  <h2 id="since">{t('home.since', { time: moment(since, hubNow()) })}</h2>
                  {feed.state === 'ready' && <span class="muted">{t('home.count', { n: busy })}</span>}
                </header>
                <NewRows waiting={feed.waiting} show={feed.showWaiting} />
                {feed.state === 'loading' && <Loading what={t('state.events')} />}
                {feed.state === 'error' && <ErrorCard what={t('events.failed')} error={feed.error} retry={feed.retry} />}
                {feed.state === 'ready' && feed.events.length === 0 && <Empty icon="history" title={t('home.nothing', { time: moment(since, hubNow()) })} />}
                <ul class="event-list" data-testid="event-list">
                  {feed.events.slice(0, ROWS).map((event) => (
                    <EventRow key={event.id} event={event} current={event.id === chosen?.id} onOpen={setChosen} />
                  ))}
                </ul>
                <a class="list-foot" href="/events">
                  {t('home.all')}
                </a>
              </section>
            )}
            {chosen && <ClipPanel key={chosen.id} event={feed.events.find((event) => event.id === chosen.id) ?? chosen} onClose={() => setChosen(null)} />}
          </div>
        </>
      )}
    </div>
  );
}
