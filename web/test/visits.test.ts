import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../src/api/request.ts';
import { foundFaces } from '../src/routes/people/found-faces.ts';
import { hasConsent, isGroupName, isName, personNamed } from '../src/routes/people/person-name.ts';
import { isRow } from '../src/state/merge.ts';
import type { EventView } from '../src/api/types.ts';
import type { Visit, VisitFace } from '../src/api/visits.ts';
import { UNSEEN, arrived, fitsFilter, isUnseen, mergeVisits, nameable, neighbour, rejectable } from '../src/state/visit-list.ts';

const face = (change: Partial<VisitFace> = {}): VisitFace => ({ index: 0, decision: 'known', person: 'per_1', name: 'Anna', erased: false, quality: 0.8, picture: true, visitor: null, ...change });
const visit = (id: string, minute: number, change: Partial<Visit> = {}): Visit => ({
  id, camera: 'cam_1', camera_name: 'Door', trigger: 'ring', started_at: `2026-11-22T12:${String(minute).padStart(2, '0')}:00.000Z`, ended_at: null, state: 'new', kept: false, note: null, who: 'known', faces: [face()], picture: true, clip: null, at_the_door: true, ...change,
});

test('new and missed visits are unseen, seen and answered ones are not', () => {
  assert.deepEqual((['new', 'missed', 'seen', 'answered'] as const).map((state) => isUnseen({ state })), [true, true, false, false]);
});

test('a known face never hides an unknown one in the filter', () => {
  const both = visit('vis_1', 1, { who: 'unknown', faces: [face(), face({ index: 1, decision: 'unknown', person: null, name: null })] });
  assert.ok(fitsFilter(both, { unknown: 'true' }));
  assert.ok(fitsFilter(both, { person: 'per_1' }));
  assert.ok(!fitsFilter(both, { person: 'per_2' }));
  assert.ok(!fitsFilter(visit('vis_2', 2), { unknown: 'true' }));
  assert.ok(!fitsFilter(both, { kept: 'true' }));
  assert.ok(fitsFilter(both, { states: UNSEEN, camera: 'cam_1' }));
  assert.ok(!fitsFilter(both, { states: ['seen'] }));
});

test('a visit that changed stays where it is, even when the filter would no longer ask for it', () => {
  const list = [visit('vis_2', 2), visit('vis_1', 1)];
  const { list: next, fresh } = arrived(list, visit('vis_2', 2, { state: 'seen' }), { states: UNSEEN });
  assert.deepEqual(next.map((row) => [row.id, row.state]), [['vis_2', 'seen'], ['vis_1', 'new']]);
  assert.equal(fresh, null);
});

test('a new visit is fresh if it fits, and one older than all that was fetched is not', () => {
  const list = [visit('vis_2', 2)];
  assert.equal(arrived(list, visit('vis_3', 3), {}).fresh?.id, 'vis_3');
  assert.equal(arrived(list, visit('vis_3', 3), { kept: 'true' }).fresh, null);
  assert.equal(arrived(list, visit('vis_1', 1), {}).fresh, null);
  assert.equal(arrived([], visit('vis_1', 1), {}).fresh?.id, 'vis_1');
});

test('merged visits are newest first and each once', () => {
  assert.deepEqual(mergeVisits([visit('vis_1', 1)], [visit('vis_2', 2), visit('vis_1', 1, { kept: true })]).map((row) => [row.id, row.kept]), [['vis_2', false], ['vis_1', true]]);
});

test('focus goes to the next row, or at the end to the one before', () => {
  const list = [visit('vis_3', 3), visit('vis_2', 2), visit('vis_1', 1)];
  assert.equal(neighbour(list, 'vis_3'), 'vis_2');
  assert.equal(neighbour(list, 'vis_1'), 'vis_2');
  assert.equal(neighbour([visit('vis_1', 1)], 'vis_1'), null);
});

test('only strangers are named and only known people are rejected', () => {
  const stranger = face({ index: 1, decision: 'unknown', person: null });
  assert.equal(nameable(visit('vis_1', 1, { faces: [face(), stranger] }))?.index, 1);
  assert.equal(nameable(visit('vis_1', 1)), null);
  assert.equal(rejectable(visit('vis_1', 1))?.index, 0);
  assert.equal(rejectable(visit('vis_1', 1, { faces: [face({ person: null, erased: true })] })), null);
});

test('names of any script are names; empty, long and controlling ones are not', () => {
  for (const name of ['Anna', 'عربي', '山田', '<img src=x onerror=…>', 'a'.repeat(64), '😀'.repeat(64)]) assert.ok(isName(name), name);
  for (const name of ['', '  ', 'a'.repeat(65), 'a\u0007b', 'a\nb']) assert.ok(!isName(name), JSON.stringify(name));
});

test('a typed name means the person who has it, whatever its case', () => {
  const people = [{ name: 'Anna Novak' }, { name: 'Zoë' }];
  assert.equal(personNamed(people, ' anna novak '), people[0]);
  assert.equal(personNamed(people, 'Zoe\u0308'), people[1]);
  assert.equal(personNamed(people, 'Ann'), null);
});

test('consent is in force only while it is neither missing, ended nor withdrawn', () => {
  assert.deepEqual(['known', 'no_samples', 'no_consent', 'expired', 'withdrawn', 'something_new'].map((state) => hasConsent({ state })), [true, true, false, false, false, false]);
});

test('what a refusal says of faces is read only where it says it', () => {
  assert.deepEqual(foundFaces(new Error('no')), []);
  assert.deepEqual(foundFaces(null), []);
  const told = (detail: unknown): unknown => foundFaces(new ApiError(422, 'several_faces', '', null, null, detail));
  for (const detail of [null, 'faces', { faces: 'two' }, {}]) assert.deepEqual(told(detail), []);
  const two = [{ index: 0, area: { x: 0, y: 0, w: 1, h: 1 }, quality: 0.4, flaws: ['blurred'] }];
  assert.deepEqual(told({ faces: two }), two);
});

test('how a visit goes on is no row of its own among the events', () => {
  const fact = (kind: string): EventView => ({ id: 'evt_1', seq: 1, kind, at: '', camera: null, label: null, score: null, end: null, thumbnail: false, severity: 'info', detail: {} });
  assert.deepEqual(['visit_began', 'visit_changed', 'visit_ended', 'activity_ended'].map((kind) => isRow(fact(kind))), [true, false, false, false]);
});

test('names of groups are shorter than those of people', () => {
  for (const name of ['Family', '家族', 'a'.repeat(60)]) assert.ok(isGroupName(name), name);
  for (const name of ['', ' ', 'a'.repeat(61), 'a\nb']) assert.ok(!isGroupName(name), JSON.stringify(name));
});
