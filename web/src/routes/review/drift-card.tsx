// Whether the model is as sure as it used to be, by camera and by what it sees.

import { review, type Drift } from '../../api/review.ts';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal, moment, whole } from '../../time/show.ts';

const BADGES: Record<Drift['state'], string> = { steady: 'badge badge-ok', shifted: 'badge badge-warn', outliers: 'badge badge-warn', insufficient_data: 'badge' };
const RANK: readonly Drift['state'][] = ['shifted', 'outliers', 'steady', 'insufficient_data'];
const percent = (value: number): string => `${decimal(value * 100, 0)} %`;

export function DriftCard() {
  const [rows, again] = useFetch(() => review.drift(), 'drift');
  const list = [...(rows.data ?? [])].sort((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state));
  return (
    <section class="card" aria-labelledby="drift">
      <h2 id="drift">{t('drift.title')}</h2>
      <p class="muted">{t('drift.text')}</p>
      {!rows.data && rows.state === 'loading' && <Loading what={t('drift.title')} />}
      {rows.state === 'error' && <ErrorCard what={t('drift.failed')} error={rows.error} retry={again} />}
      {rows.data?.length === 0 && <p class="hint">{t('drift.none')}</p>}
      {list.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="group" aria-label={t('drift.title')}>
          <table class="numbers drift-table" data-testid="drift">
            <thead>
              <tr>
                <th scope="col">{t('drift.where')}</th>
                <th scope="col">{t('drift.usual')}</th>
                <th scope="col">{t('drift.recent')}</th>
                <th scope="col">{t('drift.samples')}</th>
                <th scope="col">{t('drift.state')}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((row) => (
                <tr key={`${row.camera}${row.label}`} data-state={row.state}>
                  <th scope="row">
                    <span dir="auto">{cameraNamed(row.camera)?.name ?? t('event.removed_camera')}</span> · {tCode('label', row.label)}
                  </th>
                  <td>{percent(row.mean)}</td>
                  <td>{percent(row.recent_mean)}</td>
                  <td>{whole(row.samples)}</td>
                  <td>
                    <span class={BADGES[row.state] ?? 'badge'}>{tCode('drift', row.state)}</span>
                    {row.since && <span class="small muted"> {t('facts.since', { time: moment(Date.parse(row.since), second.peek()) })}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
