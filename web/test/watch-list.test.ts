import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { WatchedFace } from '../src/api/watch-list.ts';
import { bestFace, viewsOf } from '../src/routes/watch-list/best-face.ts';
import { entryLink } from '../src/routes/watch-list/entry-link.ts';
import { dayOf, dayRange, endOfDay, usualDay } from '../src/routes/watch-list/until-day.ts';

const VIENNA = 'Europe/Vienna';
// Late in the evening of the 22nd there, and still the 22nd by UTC.
const NOW = Date.parse('2026-11-22T22:30:00Z');
const DAY_MS = 86_400_000;

const view = (id: string, quality: number, picture = true): WatchedFace => ({ id, added_at: '', quality, picture });

test('beside a face that waits stands the best view of which a picture is kept', () => {
  assert.equal(bestFace([view('a', 0.4), view('b', 0.8), view('c', 0.9, false), view('d', 0.8)])?.id, 'b');
  assert.equal(bestFace([view('a', 0.4, false)]), null);
  assert.equal(bestFace([]), null);
});

test('of a hundred views all or none agree only where that is so', () => {
  assert.deepEqual([0, 0.001, 0.5, 0.914, 0.999, 1].map(viewsOf), [0, 1, 50, 91, 99, 100]);
  assert.deepEqual([-1, 2].map(viewsOf), [0, 100]);
});

test('somebody is watched for to the end of a day by the house’s clocks', () => {
  assert.equal(dayOf(NOW, VIENNA), '2026-11-22');
  assert.equal(dayOf(NOW + 3_600_000, VIENNA), '2026-11-23');
  assert.equal(endOfDay('2026-11-22', NOW, VIENNA), Date.parse('2026-11-22T22:59:59Z'));
  // In summer the day ends an hour earlier by UTC.
  assert.equal(endOfDay('2027-07-01', NOW, VIENNA), Date.parse('2027-07-01T21:59:59Z'));
  assert.equal(usualDay(NOW, VIENNA), '2027-02-20');
});

test('nobody is watched for on a day that is over, that there is not, or more than a year ahead', () => {
  const { min, max } = dayRange(NOW, VIENNA);
  assert.deepEqual([min, max], ['2026-11-22', '2027-11-21']);
  const last = endOfDay(max, NOW, VIENNA);
  assert.ok(last !== null && last - NOW <= 365 * DAY_MS);
  for (const day of ['2026-11-21', '2027-11-22', '2027-02-30', '2027-13-01', '', 'soon', '22.11.2026']) assert.equal(endOfDay(day, NOW, VIENNA), null, day);
});

test('only an address that is encrypted is led to', () => {
  assert.equal(entryLink('https://www.example.org/wanted/1'), 'https://www.example.org/wanted/1');
  for (const url of ['', 'http://www.example.org/', 'javascript:globalThis.hacked=1', 'data:text/html,x', '/people', '//example.org', ' javascript:alert(1)', 'https:']) assert.equal(entryLink(url), null, url);
});
