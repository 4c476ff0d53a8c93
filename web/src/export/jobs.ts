// What becomes of the exports somebody asked for. Pure: every change is a new list.

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'too_large';

export interface Job {
  id: number;
  camera: string;
  name: string;
  from: number;
  to: number;
  state: JobState;
  /** Bytes that arrived, and bytes there will be. */
  done: number;
  total: number;
  /** When it began to run. */
  since: number | null;
  /** When it ended. */
  ended: number | null;
  problem: string | null;
}

export type Wanted = Pick<Job, 'camera' | 'name' | 'from' | 'to' | 'total'>;

/** Jobs kept in the list; beyond, the oldest finished ones go. */
export const JOBS_MAX = 50;
// The page holds a file until it is saved; a browser's tab does not survive more.
export const BYTES_MAX = 2_000_000_000;
// A rate over less time is chance.
const RATE_AFTER_MS = 1_000;

export const isOpen = (job: Job): boolean => job.state === 'waiting' || job.state === 'running';

/** The list with new jobs at its end. */
export function withJobs(jobs: readonly Job[], wanted: readonly Wanted[], firstId: number): Job[] {
  const added = wanted.map((row, index): Job => ({ ...row, id: firstId + index, state: row.total > BYTES_MAX ? 'too_large' : 'waiting', done: 0, since: null, ended: null, problem: null }));
  const all = [...jobs, ...added];
  const surplus = all.length - JOBS_MAX;
  const old = new Set(all.filter((job) => !isOpen(job)).slice(0, Math.max(0, surplus)).map((job) => job.id));
  return all.filter((job) => !old.has(job.id));
}

export const withChange = (jobs: readonly Job[], id: number, change: Partial<Job>): Job[] => jobs.map((job) => (job.id === id ? { ...job, ...change } : job));

/** The job that should run now: the first that waits, one at a time, because a disk reads best in one place. */
export const nextJob = (jobs: readonly Job[]): Job | undefined => (jobs.some((job) => job.state === 'running') ? undefined : jobs.find((job) => job.state === 'waiting'));

export const again = (jobs: readonly Job[], id: number): Job[] => withChange(jobs, id, { state: 'waiting', done: 0, since: null, ended: null, problem: null });

/** Bytes a second, once there is something to measure. */
export function rate(job: Job, now: number): number | null {
  if (job.since === null) return null;
  const lasted = (job.ended ?? now) - job.since;
  return lasted < RATE_AFTER_MS || job.done === 0 ? null : (job.done / lasted) * 1000;
}

/** A file name that every system takes: `Front-door-2026-11-22-1403.mp4`. */
export function fileName(name: string, stamp: string): string {
  const plain = name.normalize('NFC').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 60);
  return `${plain || 'camera'}-${stamp}.mp4`;
}
