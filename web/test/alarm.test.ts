import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AlarmSetup } from '../src/api/alarm.ts';
import { flawOf, isPin, newMode, newWatch, sensorId, whenEmpty, withMode, withPresence, withSchedule, withSiren, withWatch } from '../src/routes/alarm/setup-draft.ts';

const empty: AlarmSetup = { settings: { modes: {}, siren_seconds: 180, schedule: [] }, sirens: [] };

test('a mode is added in its place, and takes its changes of the week along when it goes', () => {
  const night = withMode(empty, 'night', newMode('night'));
  const both = withMode(night, 'home', newMode('home'));
  assert.deepEqual(Object.keys(both.settings.modes), ['home', 'night']);
  const planned = withSchedule(both, [{ at: '22:30', days: [], mode: 'night' }, { at: '06:00', days: [], mode: 'disarmed' }]);
  const gone = withMode(planned, 'night', null);
  assert.deepEqual(Object.keys(gone.settings.modes), ['home']);
  assert.deepEqual(gone.settings.schedule.map((change) => change.mode), ['disarmed']);
  assert.deepEqual(Object.keys(planned.settings.modes), ['home', 'night'], 'drafts are not changed in place');
});

test('who leaves the house gets time to, who sleeps does not', () => {
  assert.ok(newMode('away').exit_seconds > 0);
  assert.ok(newMode('vacation').exit_seconds > 0);
  assert.equal(newMode('night').exit_seconds, 0);
});

test('a camera is watched for people where they can be told apart, a device for anything', () => {
  assert.deepEqual(newWatch('cam_1', ['person', 'car']), { sensor: { camera: 'cam_1' }, reaction: 'instant', labels: ['person'] });
  assert.deepEqual(newWatch('cam_1', []).labels, []);
  assert.deepEqual(newWatch('dev_1', ['person']), { sensor: { device: 'dev_1' }, reaction: 'instant', labels: [] });
});

test('watches are added, changed and taken out without touching the others', () => {
  const one = withWatch(newMode('away'), 0, newWatch('cam_1', []));
  const two = withWatch(one, 1, newWatch('dev_1', []));
  assert.deepEqual(two.watches.map((watch) => sensorId(watch.sensor)), ['cam_1', 'dev_1']);
  const changed = withWatch(two, 0, { ...newWatch('cam_1', []), reaction: 'delayed' });
  assert.deepEqual(changed.watches.map((watch) => watch.reaction), ['delayed', 'instant']);
  assert.deepEqual(withWatch(two, 0, null).watches.map((watch) => sensorId(watch.sensor)), ['dev_1']);
});

test('what the hub would refuse is not sent', () => {
  const away = (change: object): AlarmSetup => withMode(empty, 'away', { ...newMode('away'), ...change });
  assert.equal(flawOf(away({})), null);
  for (const wrong of [601, -1, 1.5, Number.NaN]) {
    assert.equal(flawOf(away({ exit_seconds: wrong })), 'delay');
    assert.equal(flawOf(away({ entry_seconds: wrong })), 'delay');
    assert.equal(flawOf(withSiren(empty, wrong)), 'siren');
  }
  assert.equal(flawOf(withSchedule(empty, [{ at: '', days: [], mode: 'disarmed' }])), 'schedule');
});

test('PINs are digits', () => {
  for (const good of ['1357', '135790246802']) assert.ok(isPin(good), good);
  for (const bad of ['', '135', '1357902468023', '13a7', ' 1357']) assert.ok(!isPin(bad), bad);
});

test('an empty house arms itself only where the mode for it is, and asks for no time that is none', () => {
  const away = withMode({ ...empty, presence: { devices: ['dev_1'], empty_minutes: 15, then: 'nothing', welcome: 'nothing' } }, 'away', newMode('away'));
  assert.deepEqual(whenEmpty(away), ['nothing', 'tell', 'arm_away']);
  const armed = withPresence(away, { then: 'arm_away' });
  assert.equal(flawOf(armed), null);
  const without = withMode(armed, 'away', null);
  assert.deepEqual(whenEmpty(without), ['nothing', 'tell']);
  assert.equal(without.presence?.then, 'tell', 'it is still told');
  assert.equal(withMode(armed, 'night', null).presence?.then, 'arm_away');
  for (const wrong of [4, 241, 7.5, Number.NaN]) assert.equal(flawOf(withPresence(away, { empty_minutes: wrong })), 'presence', String(wrong));
  assert.deepEqual(withPresence(empty, { then: 'tell' }), empty, 'a hub without it is sent nothing of it');
});
