import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RecordSchedule, ScheduleRule } from '../src/api/types.ts';
import { WEEKDAYS, clockOf, dayOf, endMinuteOf, isOvernight, minuteOf, moved, shadowed } from '../src/routes/settings/schedule.ts';

const rule = (change: Partial<ScheduleRule>): ScheduleRule => ({ days: [...WEEKDAYS], from_minute: 480, to_minute: 1020, mode: 'event', ...change });
const schedule = (...rules: ScheduleRule[]): RecordSchedule => ({ usual: 'continuous', rules });
const MONDAY = 0;
const TUESDAY = 1;

test('clock times and minutes are each other’s inverse, and midnight ends a day', () => {
  for (const minute of [0, 1, 59, 60, 719, 1439]) assert.equal(minuteOf(clockOf(minute)), minute);
  assert.equal(endMinuteOf('00:00'), 1440);
  assert.equal(clockOf(1440), '00:00');
  assert.equal(minuteOf('24:00'), null);
  assert.equal(minuteOf('soon'), null);
});

test('a day is the usual mode with the exceptions of that day', () => {
  const week = schedule(rule({ days: ['monday'] }));
  assert.deepEqual(dayOf(week, MONDAY).map(({ from, to, mode }) => [from, to, mode]), [[0, 480, 'continuous'], [480, 1020, 'event'], [1020, 1440, 'continuous']]);
  assert.deepEqual(dayOf(week, TUESDAY), [{ from: 0, to: 1440, mode: 'continuous' }]);
});

test('a night goes on into the next day', () => {
  const week = schedule(rule({ days: ['monday'], from_minute: 1320, to_minute: 360, mode: 'off' }));
  assert.deepEqual(dayOf(week, MONDAY).map(({ from, mode }) => [from, mode]), [[0, 'continuous'], [1320, 'off']]);
  assert.deepEqual(dayOf(week, TUESDAY).map(({ from, mode }) => [from, mode]), [[0, 'off'], [360, 'continuous']]);
  assert.ok(isOvernight(rule({ from_minute: 60, to_minute: 60 })));
});

test('Sunday night reaches into Monday', () => {
  const week = schedule(rule({ days: ['sunday'], from_minute: 1380, to_minute: 60, mode: 'off' }));
  assert.equal(dayOf(week, MONDAY)[0]?.mode, 'off');
});

test('the first rule wins, and one that never does is found', () => {
  const narrow = rule({ from_minute: 600, to_minute: 660, mode: 'off' });
  const wide = rule({});
  assert.deepEqual([...shadowed([wide, narrow])], [1]);
  assert.deepEqual([...shadowed([narrow, wide])], []);
  assert.equal(dayOf(schedule(narrow, wide), MONDAY).find(({ from }) => from === 600)?.mode, 'off');
  assert.deepEqual([...shadowed([])], []);
});

test('moving a rule keeps all of them', () => {
  const [a, b, c] = [rule({ mode: 'off' }), rule({ mode: 'event' }), rule({ mode: 'continuous' })];
  assert.deepEqual(moved([a, b, c], 2, -1), [a, c, b]);
  assert.deepEqual(moved([a, b, c], 0, 1), [b, a, c]);
});
