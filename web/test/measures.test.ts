import assert from 'node:assert/strict';
import { test } from 'node:test';

import { csv } from '../src/charts/csv.ts';
import { holes, reach, runs, ticks, type Point } from '../src/charts/scale.ts';
import { periodOf, slotsOf } from '../src/routes/energy/period.ts';
import { intoSlots, total } from '../src/routes/energy/slots.ts';

const ZONE = 'Europe/Vienna';
const HOUR = 3_600_000;
const text = (at: number): string => new Date(at).toISOString();

test('an axis has round values that cover the data', () => {
  assert.deepEqual(ticks(0, 1.1, 4), [0, 0.5, 1, 1.5]);
  assert.deepEqual(ticks(0, 412, 4), [0, 200, 400, 600]);
  assert.deepEqual(ticks(19.6, 22.4, 4), [19, 20, 21, 22, 23]);
  for (const [low, high] of [[0, 0], [5, 5], [-3, 2], [0, 1e-6], [0, 1e9]] as const) {
    const rows = ticks(low, high, 4);
    assert.ok(rows.length >= 2 && (rows[0] ?? 0) <= low && (rows.at(-1) ?? 0) >= high, `${low} ${high}: ${rows}`);
  }
});

const at = (minute: number, value: number | null = 20): Point => ({ at: minute * 60_000, value });

test('a line stops where nothing was measured, whether that is said or missing', () => {
  assert.equal(runs([at(0), at(15), at(30, null), at(45), at(60)]).length, 2);
  assert.equal(runs([at(0), at(15), at(30), at(120), at(135)]).length, 2);
  assert.equal(runs([at(0), at(15), at(31), at(44)]).length, 1);
  assert.deepEqual(runs([]), []);
});

test('holes lie between the runs and at the ends, and the time to the next point is none', () => {
  const points = [at(60), at(75), at(90), at(180), at(195)];
  assert.deepEqual(holes(runs(points), 0, 200 * 60_000, reach(points)).map((hole) => [hole.from / 60_000, hole.to / 60_000]), [[0, 60], [90, 180]]);
  assert.deepEqual(holes([], 0, 10, Infinity), [{ from: 0, to: 10 }]);
});

test('a day has 23, 24 or 25 bars, a month its days and a year its months', () => {
  const bars = (range: 'day' | 'month' | 'year', day: string): number => slotsOf(periodOf(range, Date.parse(day), ZONE), ZONE).length;
  assert.deepEqual([bars('day', '2026-03-29T12:00:00Z'), bars('day', '2026-11-22T12:00:00Z'), bars('day', '2026-10-25T12:00:00Z')], [23, 24, 25]);
  assert.deepEqual([bars('month', '2026-02-10T12:00:00Z'), bars('month', '2026-10-10T12:00:00Z'), bars('year', '2026-06-01T12:00:00Z')], [28, 31, 12]);
});

test('periods follow each other without a hole', () => {
  const now = Date.parse('2026-01-15T12:00:00Z');
  for (const range of ['day', 'month', 'year'] as const) {
    const [before, here] = [periodOf(range, now, ZONE, -1), periodOf(range, now, ZONE)];
    assert.equal(before.to, here.from);
    assert.deepEqual(periodOf(range, here.from, ZONE), here);
  }
});

test('a bar is whole, misses a part, is a gap, or has not begun; a sum says what it misses', () => {
  const begins = [0, HOUR, 2 * HOUR, 3 * HOUR];
  const heater = [{ at: text(0), wh: 10 }, { at: text(HOUR), wh: null }, { at: text(2 * HOUR), wh: null }];
  const lamp = [{ at: text(0), wh: 1 }, { at: text(HOUR), wh: 2 }];
  const slots = intoSlots([heater, lamp], begins, 4 * HOUR, 2.5 * HOUR);
  assert.deepEqual(slots.map((slot) => slot.state), ['whole', 'part', 'gap', 'ahead']);
  assert.deepEqual(slots.map((slot) => slot.values), [[10, 1], [null, 2], [null, null], [null, null]]);
  assert.deepEqual(total([null, 2, 3]), { sum: 5, missing: 1 });
  assert.deepEqual(total([null]), { sum: null, missing: 1 });
});

test('what belongs to one bar is added, unless a part of it is missing', () => {
  const two = (wh: number | null) => [{ at: text(0), wh: 3 }, { at: text(HOUR / 2), wh }];
  assert.deepEqual(intoSlots([two(4)], [0], HOUR, HOUR)[0]?.values, [7]);
  assert.deepEqual(intoSlots([two(null)], [0], HOUR, HOUR)[0]?.values, [null]);
});

test('a file of values is read by spreadsheets as values, never as formulas', () => {
  assert.equal(csv([['Time', 'a "b", c'], ['x', null], ['y', -2.5]]), 'Time,"a ""b"", c"\r\nx,\r\ny,-2.5');
  assert.equal(csv([['=1+1', '@cmd', '-x']]), "'=1+1,'@cmd,'-x");
});
