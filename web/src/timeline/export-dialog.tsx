// Takes footage out: camera and range, its size before it starts, and the file as it was recorded.

import { useEffect, useState } from 'preact/hooks';

import { clipAddress, hub } from '../api/hub.ts';
import { ApiError } from '../api/request.ts';
import type { ClipInfo } from '../api/types.ts';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { hubNow } from '../state/clock.ts';
import { reasonOf } from '../state/messages.ts';
import { t } from '../text/text.ts';
import { parseTime } from '../time/parse.ts';
import { bytes, length } from '../time/show.ts';
import { civil, deviceZone } from '../time/zone.ts';
import type { Range } from './geometry.ts';

// Typing a time changes it at every key; the hub is asked when it rests.
const ASK_AFTER_MS = 250;

interface Properties {
  cameras: readonly { id: string; name: string }[];
  camera: string;
  range: Range;
  onRange: (range: Range) => void;
  onClose: () => void;
}

/** `2026-11-22 14:03:20`, which the time field reads back. */
function typed(time: number): string {
  const c = civil(time, deviceZone());
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${c.year}-${two(c.month)}-${two(c.day)} ${two(c.hour)}:${two(c.minute)}:${two(c.second)}`;
}

type Size = { state: 'asking' } | { state: 'known'; info: ClipInfo } | { state: 'none' } | { state: 'failed'; error: unknown };

function useSize(camera: string, range: Range | null): Size {
  const [size, setSize] = useState<Size>({ state: 'asking' });
  useEffect(() => {
    if (!range) return undefined;
    const abort = new AbortController();
    setSize({ state: 'asking' });
    const timer = setTimeout(() => {
      hub.clipInfo(camera, range.from, range.to, abort.signal).then(
        (info) => setSize({ state: 'known', info }),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          setSize(error instanceof ApiError && error.code === 'no_footage' ? { state: 'none' } : { state: 'failed', error });
        },
      );
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [camera, range?.from, range?.to]);
  return size;
}

export function ExportDialog({ cameras, camera: chosen, range, onRange, onClose }: Properties) {
  const [camera, setCamera] = useState(chosen);
  const [from, setFrom] = useState(() => typed(range.from));
  const [to, setTo] = useState(() => typed(range.to));
  const read = (text: string): number | null => parseTime(text, hubNow(), deviceZone());
  const [start, end] = [read(from), read(to)];
  const isValid = start !== null && end !== null && start < end;
  const current = isValid ? { from: start, to: end } : null;
  const size = useSize(camera, current);
  useEffect(() => {
    if (current) onRange(current);
  }, [current?.from, current?.to]);
  const orderError = start !== null && end !== null && start >= end ? t('export.order') : null;
  return (
    <Dialog title={t('export.title')} onClose={onClose} testid="export">
      <div class="field">
        <label for="export-camera">{t('export.camera')}</label>
        <select id="export-camera" value={camera} onChange={(event) => setCamera(event.currentTarget.value)}>
          {cameras.map((row) => (
            <option key={row.id} value={row.id}>
              {row.name}
            </option>
          ))}
        </select>
      </div>
      <div class="field-pair">
        <TextField label={t('export.from')} value={from} onInput={(event) => setFrom(event.currentTarget.value)} error={start === null ? t('time.not_understood') : null} />
        <TextField label={t('export.to')} value={to} onInput={(event) => setTo(event.currentTarget.value)} error={end === null ? t('time.not_understood') : orderError} />
      </div>
      <SizeLine size={size} />
      <p class="hint">{t('export.quality')}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t('action.cancel')}
        </button>
        {current && size.state === 'known' ? (
          <a class="button button-primary" href={clipAddress(camera, current.from, current.to, true)} download data-testid="export-link">
            <Icon name="download" />
            {t('export.save')}
          </a>
        ) : (
          <button type="button" class="button button-primary" disabled>
            {t('export.save')}
          </button>
        )}
      </div>
    </Dialog>
  );
}

function SizeLine({ size }: { size: Size }) {
  const text = {
    asking: () => t('export.asking'),
    none: () => t('export.none'),
    failed: () => (size.state === 'failed' ? reasonOf(size.error) : ''),
    known: () => (size.state === 'known' ? t('export.size', { bytes: bytes(size.info.bytes), length: length(size.info.duration_seconds * 1000), parts: size.info.spans.length }) : ''),
  }[size.state]();
  return (
    <p class="export-size strong tabular" role="status" data-testid="export-size" data-state={size.state}>
      {text}
    </p>
  );
}
