// The time line of several cameras: one playhead, one strip, pictures above, events beside. The address holds
// time, cameras and zoom, so that it can be shared.

import { effect } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';

import type { CameraStatus } from '../../api/types.ts';
import { Dialog } from '../../components/dialog.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { cameras, camerasFailed, loadCameras } from '../../state/cameras.ts';
import { hubNow, second } from '../../state/clock.ts';
import { useKeys } from '../../state/keys.ts';
import { mayAs } from '../../state/session.ts';
import { ExportDialog } from '../../export/export-dialog.tsx';
import { t } from '../../text/text.ts';
import { isAbroad } from '../../time/house-zone.ts';
import { clockTime, dateTime, deviceTime, longDay, zoneOffset } from '../../time/show.ts';
import { nearestZoom, rangeAt, zoomNamed, type Range } from '../../timeline/geometry.ts';
import { emptyHint } from '../../timeline/empty-hint.ts';
import { RecordedView } from '../../timeline/recorded-view.tsx';
import { TimeInput } from '../../timeline/time-input.tsx';
import { TimeStrip } from '../../timeline/time-strip.tsx';
import { Transport } from '../../timeline/transport.tsx';
import { useTimeline, type TimelineState } from '../../timeline/use-timeline.ts';
import { holdMoment } from '../camera/player-actions.ts';
import { ActivityList } from './activity-list.tsx';
import { CameraChips, DayPicker } from './chips.tsx';

// As many as a machine decodes at once.
const CAMERAS_MAX = 9;
const USUAL_CAMERAS = 4;
const EXPORT_MS = 60_000;
const START_BACK_MS = 60_000;
const ADDRESS_AFTER_MS = 400;

const isPhone = (): boolean => matchMedia('(max-width: 599px)').matches;

/** The cameras of the address, or the first few. */
function chosenCameras(list: readonly CameraStatus[]): string[] {
  const wanted = (place.value.query.get('c') ?? '').split(',').filter((id) => list.some((camera) => camera.id === id));
  if (wanted.length > 0) return wanted.slice(0, CAMERAS_MAX);
  const recorded = list.filter((camera) => camera.record_mode !== 'off');
  return (recorded.length > 0 ? recorded : list).slice(0, isPhone() ? 1 : USUAL_CAMERAS).map((camera) => camera.id);
}

export function TimelinePage() {
  const heading = usePage(t('nav.timeline'));
  const list = cameras.value;
  return (
    <div class="timeline-page">
      <h1 ref={heading} tabIndex={-1} class="visually-hidden">
        {t('nav.timeline')}
      </h1>
      {list === null && !camerasFailed.value && <Loading what={t('state.cameras')} />}
      {camerasFailed.value && <ErrorCard what={t('home.failed')} error={null} retry={() => void loadCameras()} />}
      {list?.length === 0 && (
        <Empty icon="history" title={t('timeline.no_camera')}>
          <p class="muted">{t('home.no_camera_text')}</p>
        </Empty>
      )}
      {list !== null && list.length > 0 && <Loaded list={list} />}
    </div>
  );
}

/** Keeps the address as what is shown, without a step in the history. */
function useAddress(line: TimelineState, ids: readonly string[]): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = effect(() => {
      const query = new URLSearchParams();
      query.set('t', new Date(line.playhead.at.value).toISOString());
      query.set('c', ids.join(','));
      query.set('z', nearestZoom(line.view.value.span).name);
      const marks = line.marks.value;
      if (marks) {
        query.set('in', new Date(marks.from).toISOString());
        query.set('out', new Date(marks.to).toISOString());
      }
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (place.peek().path === '/timeline') replace(`/timeline?${query}`);
      }, ADDRESS_AFTER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [line, ids.join()]);
}

function startOf(query: URLSearchParams): { at: number; span: number; marks: Range | null } {
  const read = (name: string): number => Date.parse(query.get(name) ?? '');
  const at = read('t');
  const [from, to] = [read('in'), read('out')];
  return { at: Number.isNaN(at) ? hubNow() - START_BACK_MS : at, span: zoomNamed(query.get('z')).span, marks: from < to ? { from, to } : null };
}

function Loaded({ list }: { list: readonly CameraStatus[] }) {
  const start = useMemo(() => startOf(place.peek().query), []);
  const [ids, setIds] = useState(() => chosenCameras(list));
  const [isCentred, setCentred] = useState(isPhone);
  const [layer, setLayer] = useState<'none' | 'go' | 'export'>('none');
  const [heard, setHeard] = useState<string | null>(null);
  const line = useTimeline({ at: start.at, span: start.span, cameras: ids, isCentred: isPhone });
  useAddress(line, ids);
  useEffect(() => {
    line.marks.value = start.marks;
    const query = matchMedia('(max-width: 599px)');
    const onChange = (): void => setCentred(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);

  const shown = ids.map((id) => list.find((camera) => camera.id === id)).filter((camera) => camera !== undefined);
  const nameOf = (id: string): string => list.find((camera) => camera.id === id)?.name ?? '';
  const toggle = (id: string): void => {
    if (isCentred) setIds([id]);
    else if (!ids.includes(id)) setIds([...ids, id].slice(0, CAMERAS_MAX));
    else if (ids.length > 1) setIds(ids.filter((other) => other !== id));
  };
  const openExport = (): void => {
    const at = line.playhead.now();
    line.marks.value ??= { from: at - EXPORT_MS / 2, to: Math.min(hubNow(), at + EXPORT_MS / 2) };
    line.playhead.pause();
    setLayer('export');
  };
  const solo = (number: number): void => {
    const camera = list[number - 1];
    if (camera) setIds([camera.id]);
  };
  const first = shown[0];
  const toggleSound = (): void => setHeard(heard === null ? (ids[0] ?? null) : null);
  useKeys({
    ...line.keys,
    ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [String(index + 1), () => solo(index + 1)])),
    g: () => setLayer('go'),
    e: () => mayAs('operator') && openExport(),
    b: () => first && mayAs('operator') && void holdMoment(first, line.playhead.now()),
    m: toggleSound,
    Escape: () => {
      line.marks.value = null;
    },
  });
  return (
    <>
      <div class="timeline-bar">
        <DayPicker line={line} />
        <CameraChips list={list} ids={ids} toggle={toggle} single={isCentred} />
        <div class="row timeline-actions">
          {first?.audio_codec && (
            <button type="button" class="icon-button" aria-pressed={heard === first.id} aria-label={t('timeline.sound', { camera: first.name })} title={`${t('timeline.sound', { camera: first.name })} (M)`} onClick={toggleSound}>
              <Icon name={heard === first.id ? 'volume-2' : 'volume-x'} />
            </button>
          )}
          {first && mayAs('operator') && (
            <HubButton onClick={() => void holdMoment(first, line.playhead.now())} title={`${t('camera.hold')} (B)`} testid="hold">
              <Icon name="shield-check" />
              <span class="name-or-icon">{t('camera.hold')}</span>
            </HubButton>
          )}
          <button type="button" class="button" onClick={() => setLayer('go')} title={`${t('timeline.go')} (G)`} data-testid="go-open">
            <Icon name="clock" />
            <span class="name-or-icon">{t('timeline.go')}</span>
          </button>
          {mayAs('operator') && (
            <button type="button" class="button" onClick={openExport} title={`${t('export.title')} (E)`} data-testid="export-open">
              <Icon name="download" />
              <span class="name-or-icon">{t('export.title')}</span>
            </button>
          )}
        </div>
      </div>
      <div class="timeline-grid">
        <section class="timeline-main" aria-label={t('timeline.pictures')}>
          <div class="recorded-grid" data-count={shown.length}>
            {shown.map((camera) => (
              <RecordedView key={camera.id} camera={camera.id} name={camera.name} lanes={line.lanes} emptyHint={emptyHint(camera)} playhead={line.playhead} muted={heard !== camera.id} />
            ))}
          </div>
          <Clock line={line} />
          <Transport playhead={line.playhead} view={line.view} actions={line.actions} skipGaps={line.skipGaps} />
          <TimeStrip lanes={line.lanes} nameOf={nameOf} playhead={line.playhead} view={line.view} isCentred={isCentred} marks={line.marks.value} onScrub={line.scrub} onRelease={line.release} onLive={line.actions.live} onMark={line.moveMark} />
          <Legend />
          <EmptyDay line={line} shown={shown} />
        </section>
        <ActivityList line={line} nameOf={nameOf} />
      </div>
      {layer === 'go' && (
        <Dialog title={t('timeline.go')} onClose={() => setLayer('none')} testid="go">
          <TimeInput
            label={t('timeline.go_label')}
            submit={t('timeline.go_submit')}
            autoFocus
            onTime={(time) => {
              line.goTo(time);
              setLayer('none');
            }}
          />
        </Dialog>
      )}
      {layer === 'export' && line.marks.value && first && (
        <ExportDialog cameras={list} chosen={ids} range={line.marks.value} onRange={(range) => { line.marks.value = range; }} onClose={() => setLayer('none')} />
      )}
    </>
  );
}

/** The time of the playhead in words, with the offset because a day of changed clocks has an hour twice. */
function Clock({ line }: { line: TimelineState }) {
  const at = line.playhead.at.value;
  return (
    <p class="timeline-clock tabular" data-testid="clock">
      <time dateTime={new Date(at).toISOString()}>
        <span class="clock-time">{clockTime(at)}</span> <span class="muted">{longDay(at)}</span>
      </time>
      <span class="muted small">{zoneOffset(at)}</span>
      {isAbroad.value && <span class="muted small">{t('time.here', { time: deviceTime(at) })}</span>}
      {line.playhead.waiting.value && line.playhead.playing.value && <span class="muted small">{t('timeline.waiting')}</span>}
    </p>
  );
}

function Legend() {
  return (
    <ul class="legend muted" aria-label={t('legend.label')}>
      <li>
        <i class="legend-coverage" />
        {t('legend.recorded')}
      </li>
      <li>
        <i class="legend-gap" />
        {t('legend.gap')}
      </li>
      <li>
        <i class="legend-motion" />
        {t('legend.motion')}
      </li>
      <li>
        <i class="legend-person" />
        {t('legend.person')}
      </li>
    </ul>
  );
}

/** Says why the strip is empty when it is. */
function EmptyDay({ line, shown }: { line: TimelineState; shown: readonly CameraStatus[] }) {
  const view = line.view.value;
  const rows = line.lanes.rows.value;
  const isReady = rows.length > 0 && rows.every((row) => row.state === 'ready');
  const isEmpty = rows.every((row) => !row.spans.some((span) => span.from < view.from + view.span && span.to > view.from) && !rangeAt(row.gaps, view.from));
  if (!isReady || !isEmpty || second.value < view.from) return null;
  const isOff = shown.every((camera) => camera.record_mode === 'off');
  return (
    <p class="note" data-testid="empty-day">
      {isOff ? t('timeline.off') : t('timeline.empty', { day: dateTime(view.from) })}
    </p>
  );
}
