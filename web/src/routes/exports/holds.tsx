// Holds: footage that is kept although its time is over. Ending one can be taken back for a while; only then the
// hub is told.

import { useState } from 'preact/hooks';

import { holds, type Hold } from '../../api/holds.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { hubNow } from '../../state/clock.ts';
import { failed, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { dateTime, length, moment } from '../../time/show.ts';

export function Holds() {
  const [list, again] = useFetch(() => holds.list(), 'holds');
  const [ending, setEnding] = useState<ReadonlySet<string>>(new Set());
  const end = (hold: Hold): void => {
    setEnding((before) => new Set([...before, hold.id]));
    const show = (): void => setEnding((before) => new Set([...before].filter((id) => id !== hold.id)));
    const commit = (): void => {
      holds.remove(hold.id).then(again, (error: unknown) => {
        show();
        failed(t('holds.not_ended'), error);
      });
    };
    undoable(t('holds.ended', { camera: nameOf(hold) }), show, commit);
  };
  const shown = (list.data ?? []).filter((hold) => !ending.has(hold.id)).sort((a, b) => Date.parse(b.from) - Date.parse(a.from));
  return (
    <section class="section" aria-labelledby="holds">
      <div class="section-head">
        <h2 id="holds">{t('holds.title')}</h2>
      </div>
      <p class="muted section-text">{t('holds.text')}</p>
      {list.state === 'loading' && <Loading what={t('holds.title')} />}
      {list.state === 'error' && <ErrorCard what={t('holds.load_failed')} error={list.error} retry={again} />}
      {list.state === 'ready' && shown.length === 0 && (
        <Empty icon="shield-check" title={t('holds.none')}>
          <p class="muted">{t('holds.none_text')}</p>
        </Empty>
      )}
      {shown.length > 0 && (
        <ul class="rows" data-testid="holds">
          {shown.map((hold) => (
            <HoldRow key={hold.id} hold={hold} end={() => end(hold)} />
          ))}
        </ul>
      )}
    </section>
  );
}

const nameOf = (hold: Hold): string => cameraNamed(hold.camera)?.name ?? t('event.removed_camera');

function HoldRow({ hold, end }: { hold: Hold; end: () => void }) {
  const [from, to] = [Date.parse(hold.from), Date.parse(hold.to)];
  const link = `/timeline?t=${hold.from}&c=${hold.camera}&z=10min`;
  return (
    <li class="list-row" data-testid="hold-row">
      <div class="grow">
        <a class="strong" href={link} dir="auto">
          {nameOf(hold)}
        </a>
        <p class="small tabular">
          {dateTime(from)} · {length(to - from)}
        </p>
        <p class="muted small">
          <span dir="auto">{hold.reason}</span> · {hold.until ? t('holds.until', { time: moment(Date.parse(hold.until), hubNow()) }) : t('holds.open_end')}
        </p>
      </div>
      <HubButton onClick={end} testid="hold-end">
        <Icon name="x" />
        {t('holds.end')}
      </HubButton>
    </li>
  );
}
