// One camera: its picture now or at a moment of the last two hours, what can be done, what is known.

import { effect, untracked } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { CameraStatus, EventView } from '../../api/types.ts';
import { useOnScreen } from '../../components/camera-tile.tsx';
import { ClipPanel } from '../../components/clip-panel.tsx';
import { EventRow } from '../../components/event-row.tsx';
import { Icon } from '../../components/icon.tsx';
import { LiveView } from '../../components/live-view.tsx';
import { NewRows } from '../../components/new-rows.tsx';
import { RecordBadge } from '../../components/record-badge.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFeed } from '../../components/use-feed.ts';
import { usePage } from '../../components/use-page.ts';
import { cameraNamed, cameras } from '../../state/cameras.ts';
import { hubNow, second } from '../../state/clock.ts';
import { devices } from '../../state/devices.ts';
import { useKeys } from '../../state/keys.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { emptyHint } from '../../timeline/empty-hint.ts';
import { RecordedView } from '../../timeline/recorded-view.tsx';
import { TimeStrip } from '../../timeline/time-strip.tsx';
import { useTimeline } from '../../timeline/use-timeline.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { Facts } from './facts.tsx';
import { PlayerBar } from './player-bar.tsx';
import { holdMoment } from './player-actions.ts';

const STRIP_MS = 2 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

export function Camera({ params }: { params: Record<string, string> }) {
  const camera = cameraNamed(params['id'] ?? '');
  if (cameras.value === null) return <Loading what={t('state.camera')} />;
  if (!camera) return <NotFound />;
  return <CameraPage camera={camera} />;
}

function CameraPage({ camera }: { camera: CameraStatus }) {
  const heading = usePage(camera.name);
  const stage = useRef<HTMLDivElement>(null);
  const [isLive, setLive] = useState(true);
  const [isMuted, setMuted] = useState(true);
  const isShown = useOnScreen(stage);
  const mayPlay = mayAs('viewer');
  const device = devices.value?.find((one) => one.camera === camera.id);
  const line = useTimeline({ at: hubNow(), span: STRIP_MS, cameras: mayPlay ? [camera.id] : [], isCentred: () => false });

  useEffect(() => {
    // While live the playhead stands at now, and the strip moves on under it.
    if (!isLive) return undefined;
    return effect(() => {
      void second.value;
      untracked(() => line.goTo(hubNow()));
    });
  }, [isLive, line]);
  const toPast = (action: () => void): void => {
    action();
    setLive(false);
  };
  const toLive = (): void => {
    line.playhead.pause();
    line.goTo(hubNow());
    setLive(true);
  };
  const past = Object.fromEntries(Object.entries(line.keys).map(([key, action]) => [key, (event: KeyboardEvent) => toPast(() => action(event))]));
  useKeys({
    ...(mayPlay ? past : {}),
    End: toLive,
    m: () => setMuted(!isMuted),
    f: () => void stage.current?.requestFullscreen(),
    b: () => mayAs('operator') && void holdMoment(camera, isLive ? hubNow() : line.playhead.now()),
  });
  return (
    <div class="camera-page">
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/cameras" aria-label={t('camera.back')} title={t('camera.back')}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {camera.name}
          </h1>
        </div>
        <div class="row badges">
          <RecordBadge camera={camera} />
          <span class={camera.encrypted_transport ? 'badge' : 'badge badge-warn'}>
            <Icon name={camera.encrypted_transport ? 'lock' : 'lock-open'} size={12} />
            {camera.encrypted_transport ? t('camera.encrypted') : t('camera.plain')}
          </span>
          {camera.password_exposed && (
            <span class="badge badge-warn">
              <Icon name="lock-open" size={12} />
              {t('camera.exposed')}
            </span>
          )}
          {device && mayAs('operator') && (
            <a class="button" href={`/devices/${device.id}`} data-testid="camera-device">
              <Icon name="house-plug" />
              {t('camera.device')}
            </a>
          )}
          {isAdmin.value && (
            <a class="button" href={`/cameras/${camera.id}/settings`}>
              <Icon name="settings" />
              {t('camera.settings')}
            </a>
          )}
        </div>
      </header>
      <div class="camera-grid">
        <section class="camera-main" aria-label={t('camera.picture')}>
          <div class="stage" ref={stage} data-testid="stage" data-mode={isLive ? 'live' : 'recorded'}>
            {isLive ? (
              <LiveView camera={camera} mode={isShown ? 'live' : 'off'} muted={isMuted} showsBehind />
            ) : (
              <RecordedView camera={camera.id} name={camera.name} lanes={line.lanes} emptyHint={emptyHint(camera)} playhead={line.playhead} muted={isMuted} />
            )}
          </div>
          <PlayerBar camera={camera} line={line} isLive={isLive} isMuted={isMuted} setMuted={setMuted} toLive={toLive} toPast={() => setLive(false)} stage={stage} mayPlay={mayPlay} />
          {mayPlay && (
            <TimeStrip
              lanes={line.lanes}
              nameOf={() => camera.name}
              playhead={line.playhead}
              view={line.view}
              isCentred={false}
              marks={null}
              onScrub={(at) => toPast(() => line.scrub(at))}
              onRelease={line.release}
              onLive={toLive}
              onMark={line.moveMark}
            />
          )}
          <Facts camera={camera} />
        </section>
        {mayPlay && <Today camera={camera} />}
      </div>
    </div>
  );
}

function Today({ camera }: { camera: CameraStatus }) {
  const [chosen, setChosen] = useState<EventView | null>(null);
  const from = useMemo(() => new Date(hubNow() - DAY_MS).toISOString(), []);
  const feed = useFeed({ camera: camera.id, from, limit: 60 }, (event) => event.camera === camera.id);
  return (
    <aside class="camera-events" aria-labelledby="today">
      {chosen && <ClipPanel key={chosen.id} event={feed.events.find((event) => event.id === chosen.id) ?? chosen} onClose={() => setChosen(null)} />}
      <div class="list-card" {...feed.hold}>
        <header class="list-head">
          <h2 id="today">{t('camera.day')}</h2>
          {feed.state === 'ready' && <span class="muted">{t('events.count', { n: feed.events.length })}</span>}
        </header>
        <NewRows waiting={feed.waiting} show={feed.showWaiting} />
        {feed.state === 'loading' && <Loading what={t('state.events')} />}
        {feed.state === 'error' && <ErrorCard what={t('events.failed')} error={feed.error} retry={feed.retry} />}
        {feed.state === 'ready' && feed.events.length === 0 && <Empty icon="history" title={t('camera.no_events')} />}
        <ul class="event-list">
          {feed.events.map((event) => (
            <EventRow key={event.id} event={event} current={event.id === chosen?.id} onOpen={setChosen} isOneCamera />
          ))}
        </ul>
      </div>
    </aside>
  );
}
