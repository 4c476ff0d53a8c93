import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BYTES_MAX, JOBS_MAX, again, fileName, isOpen, nextJob, rate, withChange, withJobs, type Job, type Wanted } from '../src/export/jobs.ts';

const wanted = (camera: string, total = 1000): Wanted => ({ camera, name: camera, from: 0, to: 60_000, total });

test('exports run one at a time, in the order they were asked for', () => {
  let jobs = withJobs([], [wanted('a'), wanted('b')], 1);
  assert.equal(nextJob(jobs)?.camera, 'a');
  jobs = withChange(jobs, 1, { state: 'running', since: 0 });
  assert.equal(nextJob(jobs), undefined);
  jobs = withChange(jobs, 1, { state: 'failed' });
  assert.equal(nextJob(jobs)?.camera, 'b');
});

test('another try begins from nothing', () => {
  const failed = withChange(withJobs([], [wanted('a')], 1), 1, { state: 'failed', done: 400, since: 5, ended: 9, problem: 'lost' });
  assert.deepEqual(again(failed, 1)[0], withJobs([], [wanted('a')], 1)[0]);
});

test('what is too large for the page is handed to the browser instead', () => {
  assert.equal(withJobs([], [wanted('a', BYTES_MAX + 1)], 1)[0]?.state, 'too_large');
  assert.equal(nextJob(withJobs([], [wanted('a', BYTES_MAX + 1)], 1)), undefined);
});

test('the list forgets finished jobs beyond its limit and never one that is open', () => {
  const done = withJobs([], Array.from({ length: JOBS_MAX }, (_, index) => wanted(String(index))), 1).map((job): Job => ({ ...job, state: job.id % 2 === 0 ? 'done' : 'waiting' }));
  const more = withJobs(done, [wanted('new')], 1000);
  assert.equal(more.length, JOBS_MAX);
  assert.equal(more.filter(isOpen).length, done.filter(isOpen).length + 1);
});

test('a rate is told after a second, and stays when the job has ended', () => {
  const [job] = withJobs([], [wanted('a')], 1);
  assert.ok(job);
  assert.equal(rate({ ...job, since: 1000, done: 500 }, 1500), null);
  assert.equal(rate({ ...job, since: 1000, done: 500 }, 3000), 250);
  assert.equal(rate({ ...job, since: 1000, done: 500, ended: 2000 }, 99_000), 500);
});

test('file names hold only what every system takes', () => {
  assert.equal(fileName('Front door', '2026-11-22-1403'), 'Front-door-2026-11-22-1403.mp4');
  assert.equal(fileName('../../etc/passwd', 's'), 'etc-passwd-s.mp4');
  assert.equal(fileName('Küche <b>', 's'), 'Küche-b-s.mp4');
  assert.equal(fileName('///', 's'), 'camera-s.mp4');
});
