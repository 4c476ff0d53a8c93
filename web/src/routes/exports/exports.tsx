// What goes out of the house and what stays longer: running and finished exports, and holds.

import { Icon } from '../../components/icon.tsx';
import { Empty } from '../../components/states.tsx';
import { usePage } from '../../components/use-page.ts';
import type { Job } from '../../export/jobs.ts';
import { rate } from '../../export/jobs.ts';
import { cancel, directAddress, hasFile, jobs, remove, retry, save } from '../../export/queue.ts';
import { second } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { bytes, dateTime, length } from '../../time/show.ts';
import { Holds } from './holds.tsx';

export function Exports() {
  const heading = usePage(t('nav.exports'));
  const list = [...jobs.value].reverse();
  return (
    <div class="narrow">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.exports')}
        </h1>
      </header>
      <section aria-labelledby="exports">
        <div class="section-head">
          <h2 id="exports">{t('exports.files')}</h2>
          <a class="button" href="/timeline">
            <Icon name="history" />
            {t('exports.new')}
          </a>
        </div>
        {list.length === 0 ? (
          <Empty icon="download" title={t('exports.none')}>
            <p class="muted">{t('exports.none_text')}</p>
          </Empty>
        ) : (
          <>
            <ul class="rows" data-testid="jobs">
              {list.map((job) => (
                <JobRow key={job.id} job={job} />
              ))}
            </ul>
            <p class="hint">{t('exports.tab')}</p>
          </>
        )}
      </section>
      <Holds />
    </div>
  );
}

function progressText(job: Job): string {
  const speed = rate(job, Date.now());
  const parts = { done: bytes(job.done), total: bytes(job.total) };
  if (job.state === 'running') return speed === null ? t('job.running', parts) : t('job.running_rate', { ...parts, rate: bytes(speed) });
  if (job.state === 'done') return t('job.done', { total: parts.total });
  if (job.state === 'failed') return `${t('job.failed')} ${job.problem ?? ''}`;
  if (job.state === 'too_large') return t('job.too_large', { total: parts.total });
  return t(`job.${job.state}`);
}

function JobRow({ job }: { job: Job }) {
  void second.value;
  return (
    <li class="list-row" data-testid="job" data-state={job.state}>
      <div class="grow">
        <p class="strong" dir="auto">
          {job.name}
        </p>
        <p class="muted small tabular">
          {dateTime(job.from)} · {length(job.to - job.from)}
        </p>
        {job.state === 'running' && <progress class="progress" max={Math.max(1, job.total)} value={job.done} aria-label={job.name} />}
        <p class={job.state === 'failed' ? 'small field-error' : 'small tabular'}>{progressText(job)}</p>
      </div>
      <div class="row">
        {(job.state === 'waiting' || job.state === 'running') && (
          <button type="button" class="button" onClick={() => cancel(job.id)} data-testid="job-cancel">
            {t('action.cancel')}
          </button>
        )}
        {job.state === 'done' && hasFile(job.id) && (
          <button type="button" class="button" onClick={() => save(job)}>
            <Icon name="download" />
            {t('job.save_again')}
          </button>
        )}
        {job.state === 'too_large' && (
          <a class="button" href={directAddress(job)} download>
            <Icon name="download" />
            {t('job.direct')}
          </a>
        )}
        {(job.state === 'failed' || job.state === 'cancelled') && (
          <button type="button" class="button" onClick={() => retry(job.id)} data-testid="job-retry">
            {t('action.retry')}
          </button>
        )}
        {job.state !== 'waiting' && job.state !== 'running' && (
          <button type="button" class="icon-button" aria-label={t('job.remove', { camera: job.name })} title={t('job.remove', { camera: job.name })} onClick={() => remove(job.id)}>
            <Icon name="x" />
          </button>
        )}
      </div>
    </li>
  );
}
