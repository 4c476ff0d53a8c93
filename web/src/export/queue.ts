// The exports of this page: run one after the other while pages change, saved when they are whole. They end with
// the tab; the browser asks before it closes.

import { computed, effect, signal } from '@preact/signals';

import { clipAddress } from '../api/hub.ts';
import { reasonOf } from '../state/messages.ts';
import { houseZone } from '../time/house-zone.ts';
import { civil } from '../time/zone.ts';
import { again, fileName, isOpen, nextJob, withChange, withJobs, type Job, type Wanted } from './jobs.ts';
import { saveBlob } from './save.ts';

export const jobs = signal<Job[]>([]);
export const openJobs = computed(() => jobs.value.filter(isOpen).length);

const files = new Map<number, Blob>();
let nextId = 1;
let running: AbortController | null = null;

/** Asks for exports; they begin as soon as those before them are done. */
export function enqueue(wanted: readonly Wanted[]): void {
  jobs.value = withJobs(jobs.value, wanted, nextId);
  nextId += wanted.length;
  forget();
  void work();
}

export function cancel(id: number): void {
  const job = jobs.value.find((row) => row.id === id);
  if (job?.state === 'running') running?.abort();
  else if (job?.state === 'waiting') jobs.value = withChange(jobs.value, id, { state: 'cancelled', ended: Date.now() });
}

export function retry(id: number): void {
  jobs.value = again(jobs.value, id);
  void work();
}

/** Takes a finished job and its file out of the page. */
export function remove(id: number): void {
  jobs.value = jobs.value.filter((job) => job.id !== id);
  forget();
}

/** Nothing of one person's is left to the next one at this browser. */
export function clearJobs(): void {
  running?.abort();
  jobs.value = [];
  forget();
}

function forget(): void {
  const kept = new Set(jobs.value.map((job) => job.id));
  for (const id of [...files.keys()]) if (!kept.has(id)) files.delete(id);
}

export const hasFile = (id: number): boolean => files.has(id);

export function save(job: Job): void {
  const file = files.get(job.id);
  if (file) saveBlob(file, nameOf(job));
}

function nameOf(job: Job): string {
  const c = civil(job.from, houseZone());
  const two = (value: number): string => String(value).padStart(2, '0');
  return fileName(job.name, `${c.year}-${two(c.month)}-${two(c.day)}-${two(c.hour)}${two(c.minute)}${two(c.second)}`);
}

/** Where the browser itself can fetch what is too large for the page. */
export const directAddress = (job: Job): string => clipAddress(job.camera, job.from, job.to, true);

async function work(): Promise<void> {
  const job = nextJob(jobs.value);
  if (!job) return;
  const control = new AbortController();
  running = control;
  const change = (next: Partial<Job>): void => {
    jobs.value = withChange(jobs.value, job.id, next);
  };
  change({ state: 'running', since: Date.now() });
  try {
    const { download } = await import('../api/download.ts');
    const file = await download(directAddress(job), ({ done, total }) => change({ done, total: total ?? job.total }), control.signal);
    if (jobs.value.some((row) => row.id === job.id)) {
      files.set(job.id, file);
      change({ state: 'done', done: file.size, total: file.size, ended: Date.now() });
      save(job);
    }
  } catch (error) {
    change(control.signal.aborted ? { state: 'cancelled', ended: Date.now() } : { state: 'failed', ended: Date.now(), problem: reasonOf(error) });
  } finally {
    running = null;
    void work();
  }
}

const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
effect(() => {
  if (openJobs.value > 0) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
});
