// What cameras noticed of an alert, each with its picture and the way to its moment.

import { useState } from 'preact/hooks';

import { thumbnailAddress } from '../../api/hub.ts';
import type { Evidence } from '../../api/incidents.ts';
import { Icon } from '../../components/icon.tsx';
import { smallPictures } from '../../media/priority.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { momentAddress } from '../../components/moment-address.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';

export function EvidenceCard({ rows }: { rows: readonly Evidence[] }) {
  return (
    <section class="card" aria-labelledby="evidence">
      <h2 id="evidence">{t('alert.evidence')}</h2>
      <ul class="evidence-list" data-testid="evidence">
        {rows.map((row) => (
          <Row key={row.event} row={row} />
        ))}
      </ul>
    </section>
  );
}

function Row({ row }: { row: Evidence }) {
  const [isBroken, setBroken] = useState(false);
  const at = Date.parse(row.at);
  const camera = row.camera ? (cameraNamed(row.camera)?.name ?? t('event.removed_camera')) : t('event.house');
  return (
    <li class="evidence-row" data-testid="evidence-row">
      <span class="thumbnail">{row.camera && !isBroken && smallPictures.value ? <img src={thumbnailAddress(row.event)} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} /> : <Icon name="cctv" />}</span>
      <span class="grow">
        <span dir="auto">{row.text}</span>
        <span class="muted small">
          <span dir="auto">{camera}</span> · <time dateTime={row.at}>{moment(at, second.value)}</time>
        </span>
      </span>
      {row.camera && (
        <a class="button" href={momentAddress(row.camera, at)}>
          <Icon name="history" />
          {t('alert.moment')}
          <span class="visually-hidden">
            {' '}
            {camera}, {moment(at, second.peek())}
          </span>
        </a>
      )}
    </li>
  );
}
