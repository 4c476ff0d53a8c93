import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ZOOMS, clusters, following, nearestZoom, neighbour, notBeyond, stepZoom, ticks, timeAt, xOf, zoomAround, zoomNamed } from '../src/timeline/geometry.ts';
import { offsetAt } from '../src/time/zone.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const VIENNA = 'Europe/Vienna';

test('a place on the strip and its time are each other’s inverse', () => {
  const view = { from: 1000, span: HOUR };
  for (const x of [0, 17.5, 400, 799]) assert.ok(Math.abs(xOf(view, 800, timeAt(view, 800, x)) - x) < 1e-9);
});

test('zooming keeps the time under the pointer where it is', () => {
  const view = { from: 0, span: HOUR };
  const at = HOUR / 4;
  const near = zoomAround(view, at, 10 * 60_000);
  assert.ok(Math.abs(xOf(near, 800, at) - xOf(view, 800, at)) < 1e-6);
  assert.equal(near.span, 10 * 60_000);
});

test('zooming never leaves its limits', () => {
  assert.ok(zoomAround({ from: 0, span: HOUR }, 0, 1).span >= 1000);
  assert.ok(zoomAround({ from: 0, span: HOUR }, 0, 1e15).span <= 31 * DAY);
});

test('steps of zoom visit every level and stop at the ends', () => {
  let span: number = ZOOMS[0].span;
  const seen = [span];
  for (let step = 0; step < 10; step += 1) {
    span = stepZoom(span, 1);
    if (span !== seen.at(-1)) seen.push(span);
  }
  assert.deepEqual(seen, ZOOMS.map((zoom) => zoom.span));
  assert.equal(stepZoom(ZOOMS[0].span, -1), ZOOMS[0].span);
  assert.equal(stepZoom(2 * HOUR, 1), HOUR);
  assert.equal(nearestZoom(70 * 60_000).name, '1h');
  assert.equal(zoomNamed('24h').span, DAY);
  assert.equal(zoomNamed('nonsense').name, '1h');
});

test('the view does not run into the future, and follows the playhead out of it', () => {
  const now = 10 * DAY;
  assert.ok(notBeyond({ from: now, span: HOUR }, now).from < now);
  assert.deepEqual(notBeyond({ from: 0, span: HOUR }, now), { from: 0, span: HOUR });
  const moved = following({ from: 0, span: HOUR }, 2 * HOUR);
  assert.ok(moved.from <= 2 * HOUR && moved.from + moved.span > 2 * HOUR);
});

test('labels stand on round local times, also on the day with 25 hours', () => {
  const from = Date.parse('2026-10-24T22:00:00Z');
  const found = ticks({ from, span: 25 * HOUR }, 1000, 76, (time) => offsetAt(time, VIENNA));
  for (const tick of found) assert.equal((tick.time + offsetAt(tick.time, VIENNA)) % (2 * HOUR), 0);
  assert.equal(found.filter((tick) => tick.shifted).length, 1);
  assert.equal(found.filter((tick) => tick.major).length, 2);
});

test('close marks share one place', () => {
  const rows = [{ from: 0, score: 1 }, { from: 10, score: 1 }, { from: 900, score: 1 }];
  assert.deepEqual(clusters(rows, { from: 0, span: 1000 }, 1000, 14).map((cluster) => cluster.items.length), [2, 1]);
});

test('stepping to a neighbour leaves the event one stands on', () => {
  const starts = [0, 10_000, 20_000];
  assert.equal(neighbour(starts, 10_000, 1), 20_000);
  assert.equal(neighbour(starts, 10_000, -1), 0);
  assert.equal(neighbour(starts, 20_000, 1), null);
});
