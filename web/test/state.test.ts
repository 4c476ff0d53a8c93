import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EventView } from '../src/api/types.ts';
import { isRow, mergeEvents } from '../src/state/merge.ts';
import { retryWait } from '../src/state/reconnect.ts';
import { format } from '../src/text/format.ts';

function event(seq: number, change: Partial<EventView> = {}): EventView {
  return {
    id: `evt_${seq}`, seq, kind: 'activity_noticed', at: new Date(seq * 1000).toISOString(), camera: 'cam_1', camera_name: 'Drive', label: 'motion', score: 0.2,
    end: null, thumbnail: false, clip: null, severity: 'info', detail: {}, ...change,
  };
}

test('events arrive once each and newest first, however often they are sent', () => {
  const list = mergeEvents([event(2), event(1)], [event(3), event(2), event(3)], 100);
  assert.deepEqual(list.map((row) => row.seq), [3, 2, 1]);
});

test('the end of an activity changes the row of its begin and is no row itself', () => {
  const ended = event(5, { kind: 'activity_ended', detail: { activity: 'evt_2', label: 'person', score: 0.9, thumbnail: true } });
  const list = mergeEvents([event(2), event(1)], [ended], 100).filter(isRow);
  assert.equal(list.length, 2);
  assert.deepEqual([list[0]?.end, list[0]?.label, list[0]?.score, list[0]?.thumbnail], [ended.at, 'person', 0.9, true]);
});

test('what becomes known of an activity changes the row of its begin and does not end it', () => {
  const known = event(5, { kind: 'activity_recognized', detail: { activity: 'evt_2', label: 'person', score: 0.7, directions: ['left'] } });
  const list = mergeEvents([event(2), event(1)], [known], 100).filter(isRow);
  assert.deepEqual(list.map((row) => [row.seq, row.label, row.end]), [[2, 'person', null], [1, 'motion', null]]);
});

test('a begin that is sent again after its end keeps the end', () => {
  const list = mergeEvents([event(2, { end: 'x' })], [event(2)], 100);
  assert.equal(list[0]?.end, 'x');
});

test('a list never grows over its limit', () => {
  assert.deepEqual(mergeEvents([event(3), event(2)], [event(4)], 2).map((row) => row.seq), [4, 3]);
});

test('waits grow to 15 s and differ between clients', () => {
  const waits = [0, 1, 2, 3, 4, 5, 99].map((attempt) => retryWait(attempt, 0.5));
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  assert.notEqual(retryWait(3, 0), retryWait(3, 1));
});

test('messages are filled in, with the plural of the language', () => {
  const text = '{n, plural, =0 {none} one {# row of {who}} other {# rows of {who}}}';
  assert.equal(format('en', text, { n: 0, who: 'Anna' }), 'none');
  assert.equal(format('en', text, { n: 1, who: 'Anna' }), '1 row of Anna');
  assert.equal(format('de', text, { n: 1200, who: 'Anna' }), '1.200 rows of Anna');
  assert.equal(format('en', '{a} and {missing}', { a: '{b}' }), '{b} and {missing}');
});
