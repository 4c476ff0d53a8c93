import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Device, LevelControl } from '../src/api/devices.ts';
import type { EventView } from '../src/api/types.ts';
import { EMPTY, networksOf, readDraft, stepFor } from '../src/routes/devices/add-draft.ts';
import { digitsOf, readLevel, stepped } from '../src/routes/devices/level.ts';
import { scaled, symbolOf } from '../src/routes/devices/units.ts';
import { byRoom, isProblem, measured, patched } from '../src/state/device-patch.ts';
import { endOf } from '../src/state/until.ts';

const AT = '2026-11-22T12:00:10.000Z';
const device = (change: Partial<Device> = {}): Device => ({
  id: 'dev_1', name: 'Lamp', room: 'Hall', family: 'tapo_plug', model: 'P110', firmware: null, address: '192.0.2.1:80', camera: null, is_simulated: false, transport: 'klap', is_insecure: false, weakness: null, fingerprint: null,
  state: 'answering', reason: null, since: '2026-11-22T10:00:00.000Z', answered_at: '2026-11-22T12:00:00.000Z', controls: [{ key: 'power', kind: 'toggle', value: false, as_of: null }, { key: 'reboot', kind: 'action', sensitive: true }], readings: [{ key: 'power', unit: 'watt', value: 1, as_of: null }], history: 'off', ...change,
});
const fact = (kind: string, detail: Record<string, unknown>): EventView => ({ id: 'evt_1', seq: 1, kind, at: AT, camera: null, label: null, score: null, end: null, thumbnail: false, severity: 'info', detail: { device: 'dev_1', ...detail } });

test('an acknowledged value changes only its row, and says when', () => {
  const list = [device(), device({ id: 'dev_2' })];
  const [lamp, other] = patched(list, fact('device_control_changed', { control: 'power', value: 'on' })) ?? [];
  assert.deepEqual(lamp?.controls[0], { key: 'power', kind: 'toggle', value: true, as_of: AT });
  assert.equal(lamp?.answered_at, AT);
  assert.equal(other, list[1]);
  const level = device({ controls: [{ key: 'brightness', kind: 'level', min: 0, max: 100, step: 1, unit: 'percent', value: 40 }] });
  const [dimmed] = patched([level], fact('device_control_changed', { control: 'brightness', value: '55' })) ?? [];
  assert.equal(dimmed?.controls[0]?.kind === 'level' && dimmed.controls[0].value, 55);
});

test('what was measured replaces its reading, and what was not stays', () => {
  const plug = device({ readings: [{ key: 'power', unit: 'watt', value: 1, as_of: null }, { key: 'signal', unit: 'dbm', value: -50, as_of: null }] });
  const [read, other] = measured([plug, device({ id: 'dev_2' })], 'dev_1', [{ key: 'power', unit: 'watt', value: 42.5, as_of: null }, { key: 'voltage', unit: 'volt', value: 230, as_of: AT }], AT);
  assert.deepEqual(read?.readings, [{ key: 'power', unit: 'watt', value: 42.5, as_of: AT }, { key: 'signal', unit: 'dbm', value: -50, as_of: null }, { key: 'voltage', unit: 'volt', value: 230, as_of: AT }]);
  assert.equal(read?.answered_at, AT);
  assert.equal(other?.answered_at, '2026-11-22T12:00:00.000Z');
});

test('a lost device keeps the time of its last answer and takes the reason', () => {
  const [lost] = patched([device()], fact('device_state_changed', { state: 'unreachable', reason: 'It was unplugged.' })) ?? [];
  assert.deepEqual([lost?.state, lost?.reason, lost?.since, lost?.answered_at], ['unreachable', 'It was unplugged.', AT, '2026-11-22T12:00:00.000Z']);
});

test('a fact that does not say enough, or is of a device nobody knows, asks for the list', () => {
  for (const [kind, detail] of [['device_control_changed', {}], ['device_control_changed', { control: 'siren', value: 'on' }], ['device_control_changed', { control: 'reboot', value: null }], ['device_state_changed', {}], ['device_added', {}], ['device_state_changed', { device: 'dev_9', state: 'answering' }]] as const) {
    assert.equal(patched([device()], fact(kind, detail)), null, JSON.stringify([kind, detail]));
  }
});

test('a value of another kind than the control never becomes its value', () => {
  for (const value of ['maybe', '1', '']) assert.equal(patched([device()], fact('device_control_changed', { control: 'power', value })), null);
  const level = device({ controls: [{ key: 'brightness', kind: 'level', min: 0, max: 100, step: 1, unit: 'percent', value: 40 }] });
  for (const value of ['on', '', ' ', 'NaN', 'Infinity']) assert.equal(patched([level], fact('device_control_changed', { control: 'brightness', value })), null);
});

test('rooms are sorted by name, and devices without one come last', () => {
  const rooms = byRoom([device({ room: null, name: 'Z' }), device({ room: 'Living', name: 'B' }), device({ room: 'Hall' }), device({ room: 'Living', name: 'A' })]);
  assert.deepEqual(rooms.map((row) => [row.room, row.devices.map((one) => one.name).join()]), [['Hall', 'Lamp'], ['Living', 'A,B'], [null, 'Z']]);
});

test('a problem is what somebody should look at, not what was never asked or is weak by nature', () => {
  assert.deepEqual([device(), device({ state: 'not_asked_yet' }), device({ weakness: 'xor', is_insecure: true })].map(isProblem), [false, false, false]);
  assert.deepEqual([device({ state: 'unreachable' }), device({ state: 'certificate_changed' }), device({ weakness: 'default_password' })].map(isProblem), [true, true, true]);
});

const SET_POINT: Pick<LevelControl, 'min' | 'max' | 'step'> = { min: 7, max: 30, step: 0.5 };

test('a set point outside of its range or between its steps is refused before it is sent', () => {
  assert.deepEqual(readLevel('21,5', SET_POINT), { value: 21.5, error: null });
  assert.deepEqual(readLevel(' 7 ', SET_POINT), { value: 7, error: null });
  assert.equal(readLevel('45', SET_POINT).error, 'range');
  assert.equal(readLevel('6.5', SET_POINT).error, 'range');
  assert.equal(readLevel('21.3', SET_POINT).error, 'step');
  for (const wrong of ['', 'warm', '1e3', '0x10', '21.', '--5', 'Infinity']) assert.equal(readLevel(wrong, SET_POINT).error, 'number', wrong);
  assert.deepEqual(readLevel('0.3', { min: 0, max: 1, step: 0.1 }), { value: 0.3, error: null });
});

test('steps stay on the grid and inside of the range', () => {
  assert.deepEqual([stepped(21, SET_POINT, 1), stepped(21, SET_POINT, -1), stepped(30, SET_POINT, 1), stepped(7, SET_POINT, -1)], [21.5, 20.5, 30, 7]);
  assert.equal(stepped(0.2, { min: 0, max: 1, step: 0.1 }, 1), 0.3);
  assert.deepEqual([digitsOf(1), digitsOf(0.5), digitsOf(0.25)], [0, 1, 2]);
});

test('large values are scaled, and an unknown unit keeps its name', () => {
  assert.deepEqual(scaled(1240, 'watt_hour'), { value: 1.24, digits: 2, symbol: 'kWh' });
  assert.deepEqual(scaled(42.3, 'watt'), { value: 42.3, digits: 1, symbol: 'W' });
  assert.deepEqual(scaled(412.4, 'watt'), { value: 412.4, digits: 0, symbol: 'W' });
  assert.deepEqual(scaled(3, 'wind_speed'), { value: 3, digits: 0, symbol: 'wind speed' });
  assert.equal(symbolOf('celsius'), '°C');
});

test('a draft survives a reload, and what was tampered with is dropped', () => {
  const draft = { family: 'onvif', address: '192.0.2.4', username: 'admin', name: 'Pole', room: 'Garden', camera: 'cam_1' } as const;
  assert.deepEqual(readDraft(JSON.stringify(draft)), draft);
  for (const kept of [null, 'nonsense', '[]', '7', '{"family":"toaster","address":7,"camera":{}}']) assert.deepEqual(readDraft(kept), EMPTY, String(kept));
});

test('a step is shown only when what it needs is there', () => {
  const draft = { ...EMPTY, address: '192.0.2.4' };
  assert.deepEqual([stepFor(null, draft, true), stepFor('pin', EMPTY, true), stepFor('pin', draft, false), stepFor('name', draft, true), stepFor('pin', draft, true), stepFor('pin', { ...draft, name: 'Pole' }, true), stepFor('elsewhere', draft, true)], ['find', 'find', 'sign-in', 'name', 'name', 'pin', 'find']);
  assert.deepEqual(networksOf(' 192.168.1.0/24, 10.0.0.0/24\n'), ['192.168.1.0/24', '10.0.0.0/24']);
});

test('privacy ends by the clocks of the house, and an evening that is over means tomorrow’s', () => {
  const noon = Date.parse('2026-07-01T10:00:00Z');
  assert.equal(endOf('ended', noon, 'Europe/Vienna'), null);
  assert.equal(endOf('hour', noon, 'Europe/Vienna'), noon + 3_600_000);
  assert.equal(endOf('evening', noon, 'Europe/Vienna'), Date.parse('2026-07-01T16:00:00Z'));
  assert.equal(endOf('evening', Date.parse('2026-07-01T16:00:00Z'), 'Europe/Vienna'), Date.parse('2026-07-02T16:00:00Z'));
  // The night in between is an hour longer.
  assert.equal(endOf('evening', Date.parse('2026-10-24T17:00:00Z'), 'Europe/Vienna'), Date.parse('2026-10-25T17:00:00Z'));
});
