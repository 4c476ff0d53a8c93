// Takes footage out: cameras and range, their size before anything starts, and the files as they were recorded.

import { useEffect, useState } from 'preact/hooks';

import { hub } from '../api/hub.ts';
import { ApiError } from '../api/request.ts';
import type { ClipInfo } from '../api/types.ts';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { HubButton } from '../components/hub-button.tsx';
import { Icon } from '../components/icon.tsx';
import { hubNow } from '../state/clock.ts';
import { reasonOf, succeeded } from '../state/messages.ts';
import { t } from '../text/text.ts';
import { houseZone } from '../time/house-zone.ts';
import { parseTime } from '../time/parse.ts';
import { bytes, length } from '../time/show.ts';
import { civil } from '../time/zone.ts';
import type { Range } from '../timeline/geometry.ts';
import { enqueue } from './queue.ts';

// Typing a time changes it at every key; the hub is asked when it rests.
const ASK_AFTER_MS = 250;

interface Camera {
  id: string;
  name: string;
}

interface Properties {
  cameras: readonly Camera[];
  /** Chosen at first. */
  chosen: readonly string[];
  range: Range;
  onRange: (range: Range) => void;
  onClose: () => void;
}

/** `2026-11-22 14:03:20`, which the time field reads back. */
function typed(time: number): string {
  const c = civil(time, houseZone());
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${c.year}-${two(c.month)}-${two(c.day)} ${two(c.hour)}:${two(c.minute)}:${two(c.second)}`;
}

type Size = { state: 'asking' } | { state: 'known'; info: ClipInfo } | { state: 'none' } | { state: 'failed'; error: unknown };

/** What each camera's part will be, asked when cameras and range rest. */
function useSizes(cameras: readonly string[], range: Range | null): ReadonlyMap<string, Size> {
  const [sizes, setSizes] = useState<ReadonlyMap<string, Size>>(new Map());
  useEffect(() => {
    if (!range) return undefined;
    const abort = new AbortController();
    setSizes(new Map(cameras.map((id) => [id, { state: 'asking' }])));
    const put = (id: string, size: Size): void => setSizes((before) => (abort.signal.aborted ? before : new Map([...before, [id, size]])));
    const ask = (id: string): Promise<void> =>
      hub.clipInfo(id, range.from, range.to, abort.signal).then(
        (info) => put(id, { state: 'known', info }),
        (error: unknown) => put(id, error instanceof ApiError && error.code === 'no_footage' ? { state: 'none' } : { state: 'failed', error }),
      );
    const timer = setTimeout(() => cameras.forEach((id) => void ask(id)), ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [cameras.join(), range?.from, range?.to]);
  return sizes;
}

export function ExportDialog({ cameras, chosen, range, onRange, onClose }: Properties) {
  const [ids, setIds] = useState<readonly string[]>(chosen);
  const [from, setFrom] = useState(() => typed(range.from));
  const [to, setTo] = useState(() => typed(range.to));
  const read = (text: string): number | null => parseTime(text, hubNow(), houseZone());
  const [start, end] = [read(from), read(to)];
  const current = start !== null && end !== null && start < end ? { from: start, to: end } : null;
  const sizes = useSizes(ids, current);
  useEffect(() => {
    if (current) onRange(current);
  }, [current?.from, current?.to]);
  const toggle = (id: string): void => setIds(ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id]);
  const known = ids.flatMap((id) => {
    const size = sizes.get(id);
    return size?.state === 'known' ? [{ id, info: size.info }] : [];
  });
  const isAsking = ids.some((id) => (sizes.get(id)?.state ?? 'asking') === 'asking');
  const total = known.reduce((sum, row) => sum + row.info.bytes, 0);
  const begin = (): void => {
    if (!current) return;
    enqueue(known.map(({ id, info }) => ({ camera: id, name: cameras.find((row) => row.id === id)?.name ?? id, from: current.from, to: current.to, total: info.bytes })));
    succeeded(t('export.begun', { n: known.length }));
    onClose();
  };
  const orderError = start !== null && end !== null && start >= end ? t('export.order') : null;
  return (
    <Dialog title={t('export.title')} onClose={onClose} testid="export">
      <div class="field-pair">
        <TextField label={t('export.from')} value={from} onInput={(event) => setFrom(event.currentTarget.value)} error={start === null ? t('time.not_understood') : null} />
        <TextField label={t('export.to')} value={to} onInput={(event) => setTo(event.currentTarget.value)} error={end === null ? t('time.not_understood') : orderError} />
      </div>
      <fieldset class="field">
        <legend>{t('nav.cameras')}</legend>
        <ul class="check-rows">
          {cameras.map((camera) => (
            <li key={camera.id}>
              <label class="check-row">
                <input type="checkbox" checked={ids.includes(camera.id)} onChange={() => toggle(camera.id)} />
                <span class="grow" dir="auto">
                  {camera.name}
                </span>
                {ids.includes(camera.id) && current && <SizeText size={sizes.get(camera.id) ?? { state: 'asking' }} />}
              </label>
            </li>
          ))}
        </ul>
      </fieldset>
      <p class="strong tabular" role="status" data-testid="export-size" data-state={isAsking ? 'asking' : known.length > 0 ? 'known' : 'none'}>
        {ids.length === 0 ? t('export.choose') : isAsking ? t('export.asking') : t('export.total', { n: known.length, bytes: bytes(total) })}
      </p>
      <p class="hint">{t('export.quality')}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <HubButton kind="primary" busy={!current || isAsking || known.length === 0} onClick={begin} testid="export-begin">
          <Icon name="download" />
          {t('export.begin', { n: known.length })}
        </HubButton>
      </div>
    </Dialog>
  );
}

function SizeText({ size }: { size: Size }) {
  const text = {
    asking: () => t('export.asking'),
    none: () => t('export.none'),
    failed: () => (size.state === 'failed' ? reasonOf(size.error) : ''),
    known: () => (size.state === 'known' ? t('export.size', { bytes: bytes(size.info.bytes), length: length(size.info.duration_seconds * 1000), parts: size.info.spans.length }) : ''),
  }[size.state]();
  return <span class="muted small tabular">{text}</span>;
}
