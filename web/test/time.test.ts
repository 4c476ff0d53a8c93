import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseTime } from '../src/time/parse.ts';
import { civil, offsetAt, startOfDay, timeOf } from '../src/time/zone.ts';

const VIENNA = 'Europe/Vienna';
// A Sunday, 15:10:00 in Vienna.
const NOW = Date.parse('2026-11-22T14:10:00Z');
const parse = (text: string): string | null => {
  const time = parseTime(text, NOW, VIENNA);
  return time === null ? null : new Date(time).toISOString().replace('.000', '');
};

test('a clock time means today, or yesterday if it has not come yet', () => {
  assert.equal(parse('14:03'), '2026-11-22T13:03:00Z');
  assert.equal(parse(' 14:03:20 '), '2026-11-22T13:03:20Z');
  assert.equal(parse('18:20'), '2026-11-21T17:20:00Z');
});

test('days are named in both languages', () => {
  assert.equal(parse('yest 18:20'), '2026-11-21T17:20:00Z');
  assert.equal(parse('Gestern 18:20'), '2026-11-21T17:20:00Z');
  assert.equal(parse('yesterday'), '2026-11-20T23:00:00Z');
  assert.equal(parse('today 09:00'), '2026-11-22T08:00:00Z');
});

test('a length with a minus counts back from now', () => {
  assert.equal(parse('-2h'), '2026-11-22T12:10:00Z');
  assert.equal(parse('-1h30m'), '2026-11-22T12:40:00Z');
  assert.equal(parse('- 90 s'), '2026-11-22T14:08:30Z');
  assert.equal(parse('now'), '2026-11-22T14:10:00Z');
});

test('dates are read with and without a time', () => {
  assert.equal(parse('2026-11-03 07:30'), '2026-11-03T06:30:00Z');
  assert.equal(parse('2026-11-03'), '2026-11-02T23:00:00Z');
  assert.equal(parse('20 07:30'), '2026-11-20T06:30:00Z');
  assert.equal(parse('28 07:30'), '2026-10-28T06:30:00Z');
});

test('what is not a time is refused', () => {
  for (const text of ['', 'soon', '25:00', '12:60', '-', '-2x', '-2h tomorrow', '2026-02-30', '2026-13-01 10:00', '99 10:00', '1403']) assert.equal(parse(text), null, text);
});

test('the hour that comes twice means its first time, the missing one the moment after', () => {
  const at = (month: number, day: number, hour: number) => new Date(timeOf({ year: 2026, month, day, hour, minute: 30, second: 0 }, VIENNA)).toISOString();
  assert.equal(at(10, 25, 2), '2026-10-25T00:30:00.000Z');
  assert.equal(at(3, 29, 2), '2026-03-29T01:30:00.000Z');
});

test('civil time and back is the same time, in any zone', () => {
  for (const zone of [VIENNA, 'UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia']) {
    for (let time = Date.parse('2026-01-01T00:30:00Z'); time < Date.parse('2027-01-01'); time += 37 * 3_600_000) {
      assert.equal(timeOf(civil(time, zone), zone), time, zone);
      assert.equal(Math.abs(offsetAt(startOfDay(time, zone), zone) % 900_000), 0);
    }
  }
});
