import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Incident } from '../src/api/incidents.ts';
import { USUAL, addressOf, arranged, fits, lastAt, readFilter } from '../src/routes/alerts/filter.ts';

const incident = (id: string, last: string, more: Partial<Incident> = {}): Incident => ({ id, kind: 'alarm', subject: 'house', title: id, severity: 'warning', state: 'open', opened_at: last, last_at: last, count: 1, escalates_at: null, timeline: [], ...more });

const list = [
  incident('a', '2026-11-22T10:00:00Z', { severity: 'critical', about: 'safety', cameras: ['cam_1'] }),
  incident('b', '2026-11-22T12:00:00Z', { about: 'security' }),
  incident('c', '2026-11-22T11:00:00Z', { state: 'resolved', about: 'security' }),
];

test('open ones come first to mind: they are what is shown, the newest on top, or the oldest', () => {
  assert.deepEqual(arranged(list, USUAL).map((row) => row.id), ['b', 'a']);
  assert.deepEqual(arranged(list, { ...USUAL, isOldestFirst: true }).map((row) => row.id), ['a', 'b']);
  assert.deepEqual(arranged(list, { ...USUAL, state: null }).map((row) => row.id), ['b', 'c', 'a']);
});

test('severity, subject and camera narrow the list; an incident that names no camera is of none', () => {
  assert.deepEqual(list.filter((row) => fits({ ...USUAL, severity: 'critical' }, row)).map((row) => row.id), ['a']);
  assert.deepEqual(list.filter((row) => fits({ ...USUAL, about: 'security' }, row)).map((row) => row.id), ['b', 'c']);
  assert.deepEqual(list.filter((row) => fits({ ...USUAL, camera: 'cam_1' }, row)).map((row) => row.id), ['a']);
});

test('the address holds the filter and the order', () => {
  assert.equal(addressOf(USUAL), '/alerts');
  for (const filter of [{ ...USUAL, state: null }, { ...USUAL, state: 'resolved', isOldestFirst: true }, { ...USUAL, severity: 'info', about: 'safety', camera: 'cam_9' }] as const) {
    assert.deepEqual(readFilter(new URL(addressOf(filter), 'https://hub').searchParams), filter);
  }
  assert.deepEqual(readFilter(new URLSearchParams('state=nonsense&severity=huge')), USUAL);
});

test('the last alert is the one that was found last, whatever became of it', () => {
  assert.equal(lastAt([]), null);
  assert.equal(lastAt(list), Date.parse('2026-11-22T12:00:00Z'));
});
