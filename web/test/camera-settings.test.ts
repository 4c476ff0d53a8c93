import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CameraStatus } from '../src/api/types.ts';
import { keptKinds, readDays } from '../src/routes/settings/kept-days.ts';
import { isInTheClear } from '../src/routes/settings/is-in-the-clear.ts';

test('days are whole numbers that the hub takes, and nothing is nothing', () => {
  assert.equal(readDays(' 14 ', 'days_max'), 14);
  assert.equal(readDays('3650', 'events_days_max'), 3650);
  assert.equal(readDays('0', 'pictures_days_max'), 0);
  assert.equal(readDays(' ', 'days_max'), null);
  for (const typed of ['0', '-1', '1.5', '1e2', '3651', '99999', 'soon']) assert.equal(readDays(typed, 'events_days_max'), 'wrong', typed);
});

test('a hub of an older version limits footage only', () => {
  assert.deepEqual(keptKinds({ days_max: 14, bytes_max: null }), ['days_max']);
  assert.deepEqual(keptKinds({ days_max: null, bytes_max: null, events_days_max: null, pictures_days_max: 0 }), ['days_max', 'events_days_max', 'pictures_days_max']);
});

test('only a stream over RTSP that is not encrypted is in the clear', () => {
  const camera = (encrypted_transport: boolean): CameraStatus => ({ encrypted_transport }) as CameraStatus;
  assert.ok(isInTheClear(camera(false), 'rtsp://192.0.2.20/a'));
  // It was just moved, and has not connected there yet.
  assert.ok(!isInTheClear(camera(false), 'rtsps://192.0.2.20/a'));
  assert.ok(!isInTheClear(camera(true), 'rtsp://192.0.2.20/a'));
  assert.ok(!isInTheClear(camera(false), 'http://192.0.2.20/a'));
});
