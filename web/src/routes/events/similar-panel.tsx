// What is like one event, before and after it, each with why. In order of time, as the hub tells it.

import { useEffect, useState } from 'preact/hooks';

import { search, type Direction, type Similar } from '../../api/search.ts';
import type { EventView } from '../../api/types.ts';
import { Thumbnail } from '../../components/event-row.tsx';
import { eventPlace, eventTitle } from '../../components/event-words.ts';
import { Choice } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal, moment } from '../../time/show.ts';

const DIRECTIONS: readonly Direction[] = ['both', 'earlier', 'later'];

export function SimilarPanel({ event, open, close }: { event: EventView; open: (event: EventView) => void; close: () => void }) {
  const [direction, setDirection] = useState<Direction>('both');
  const [found, again] = useFetch(() => search.similar(event.id, direction), `${event.id}${direction}`);
  useEffect(() => {
    const onKey = (key: KeyboardEvent): void => {
      if (key.key === 'Escape' && !document.querySelector('dialog[open]')) close();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [close]);
  const what = `${eventTitle(event)} · ${eventPlace(event)} · ${moment(Date.parse(event.at), second.peek())}`;
  const rows = found.data ?? [];
  const isLater = (row: Similar): boolean => Date.parse(row.at) >= Date.parse(event.at);
  return (
    <section class="clip-panel" aria-label={t('similar.title')} data-testid="similar-panel">
      <header class="panel-head">
        <div>
          <h2 class="panel-title">{t('similar.title')}</h2>
          <p class="muted" dir="auto">
            {what}
          </p>
        </div>
        <button type="button" class="icon-button" aria-label={t('action.close')} title={`${t('action.close')} (Esc)`} onClick={close}>
          <Icon name="x" />
        </button>
      </header>
      <Choice label={t('similar.direction')} value={direction} options={DIRECTIONS.map((one) => [one, t(`similar.${one}`)])} onChoose={setDirection} />
      {found.state === 'loading' && <Loading what={t('similar.title')} />}
      {found.state === 'error' && <ErrorCard what={t('similar.failed')} error={found.error} retry={again} />}
      {found.state === 'ready' && rows.length === 0 && <p class="note">{t('similar.none')}</p>}
      <Half title={t('similar.earlier')} rows={rows.filter((row) => !isLater(row))} open={open} />
      <Half title={t('similar.later')} rows={rows.filter(isLater)} open={open} />
    </section>
  );
}

function Half({ title, rows, open }: { title: string; rows: readonly Similar[]; open: (event: EventView) => void }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="similar-list">
        {rows.map((row) => (
          <li key={row.id}>
            <button type="button" class="event-open" onClick={() => open(row)} data-testid="similar-row">
              <Thumbnail event={row} />
              <span class="event-what">
                <span class="event-title">{eventTitle(row)}</span>
                <span class="small muted">
                  <span dir="auto">{eventPlace(row)}</span> · {moment(Date.parse(row.at), second.peek())}
                </span>
                <span class="small" dir="auto">
                  {t('similar.alike', { percent: decimal(row.similarity * 100, 0) })}: {row.because.map((why) => tCode('because', why.replaceAll(' ', '_'))).join(', ')}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
