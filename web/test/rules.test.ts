import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Condition, Vocabulary } from '../src/api/rules.ts';
import { fitting } from '../src/routes/rules/device-value.ts';
import { hostOf, isEndpoint } from '../src/routes/rules/endpoint.ts';
import { STARTERS, TEMPLATES, templateOf } from '../src/routes/rules/templates.ts';
import { added, gapOf, inUnit, isMomentary, kindOfAction, negated, newAction, newRule, newTest, numberOf, partsOf, replaced, testCount, testsOf } from '../src/routes/rules/tree.ts';

const ring: Condition = { happens: { kinds: ['ring'] } };
const night: Condition = { mode: { is: ['night'] } };
const hours: Condition = { hours: { from: '22:00', to: '06:00', days: [] } };
const tree: Condition = { all: [ring, { any: [night, { not: hours }] }] };

const bare: Vocabulary = { cameras: [], devices: [], people: [], recipients: [], channels: [], labels: [] };
const house: Vocabulary = {
  cameras: [{ id: 'cam_1', name: 'Door', parts: [{ id: 'Gate', name: 'Gate', kind: 'preset' }] }],
  devices: [
    { id: 'dev_1', name: 'Lamp', kind: 'plug', parts: [{ id: 'power', name: 'power' }], readings: ['power'] },
    { id: 'dev_2', name: 'Horn', kind: 'siren', parts: [{ id: 'siren', name: 'siren' }] },
    { id: 'dev_3', name: 'Room', kind: 'sensor', readings: ['temperature'] },
  ],
  people: [],
  recipients: [],
  channels: [{ id: 'chn_1', name: 'Hook' }],
  labels: ['person', 'cat', 'car'],
};

test('tests are numbered from left to right, as the hub does it', () => {
  assert.deepEqual(testsOf(tree).flatMap((part) => Object.keys(part)), ['happens', 'mode', 'hours']);
  assert.equal(testCount(tree), 3);
  assert.equal(numberOf(partsOf(tree), 1, 0), 1);
  assert.equal(numberOf([night, hours], 1, 4), 5);
});

test('a part is replaced by its path, and with its last part goes a group', () => {
  assert.deepEqual(replaced(tree, [1, 0], ring), { all: [ring, { any: [ring, { not: hours }] }] });
  assert.deepEqual(replaced(tree, [1, 1, 0], night), { all: [ring, { any: [night, { not: night }] }] });
  const without = replaced(replaced(tree, [1, 1], null) ?? tree, [1, 0], null);
  assert.deepEqual(without, { all: [ring] });
  assert.equal(replaced({ all: [ring] }, [0], null), null);
  assert.equal(replaced({ not: ring }, [0], null), null);
  assert.deepEqual(tree, { all: [ring, { any: [night, { not: hours }] }] }, 'trees are not changed in place');
});

test('what stood alone becomes a group when something is added, and an opposite of an opposite is itself', () => {
  assert.deepEqual(added(ring, night), { all: [ring, night] });
  assert.deepEqual(added({ any: [ring] }, night), { any: [ring, night] });
  assert.deepEqual(negated(negated(tree)), tree);
});

test('only what lasts can be waited for', () => {
  assert.ok(isMomentary(ring));
  assert.ok(!isMomentary(night));
  assert.ok(isMomentary({ all: [ring, night] }));
  assert.ok(!isMomentary({ any: [ring, night] }));
  assert.ok(isMomentary({ any: [ring, ring] }));
  assert.ok(!isMomentary({ not: { all: [ring, night] } }));
  assert.ok(isMomentary({ not: { any: [ring, night] } }));
});

test('a rule says what is still to be chosen before the hub is asked', () => {
  const rule = newRule('Bell', ring, [newAction('notify', bare, '')]);
  assert.equal(gapOf(rule), null);
  assert.equal(rule.is_on, false);
  assert.equal(gapOf({ ...rule, name: ' ' }), 'name');
  assert.equal(gapOf({ ...rule, then: [] }), 'nothing_done');
  assert.equal(gapOf({ ...rule, when: { all: [ring, { mode: { is: [] } }] } }), 'mode');
  assert.equal(gapOf({ ...rule, when: { reading: { device: 'dev_1', reading: 'power' } } }), 'bound');
  assert.equal(gapOf({ ...rule, when: newTest('device', bare) }), 'device');
  for (const [kind, gap] of [['switch', 'device'], ['set', 'device'], ['preset', 'camera'], ['webhook', 'channel'], ['alert', 'words']] as const) assert.equal(gapOf({ ...rule, then: [newAction(kind, bare, '')] }), gap, kind);
  for (const kind of ['switch', 'set', 'preset', 'webhook', 'alert', 'arm', 'siren', 'log'] as const) {
    const action = newAction(kind, house, 'Bell');
    assert.equal(kindOfAction(action), kind);
    assert.equal(gapOf({ ...rule, then: [action] }), null, kind);
  }
});

test('what stays is an activity', () => {
  assert.ok(!('kinds' in (newTest('stays', house) as { stays: { of: object } }).stays.of), 'what stays names no kinds');
});

test('times are said in the largest unit that says them exactly', () => {
  assert.deepEqual([1, 59, 60, 90, 3600, 5400, 86_400, 0].map(inUnit), [
    { count: 1, unit: 'second' }, { count: 59, unit: 'second' }, { count: 1, unit: 'minute' }, { count: 90, unit: 'second' },
    { count: 1, unit: 'hour' }, { count: 90, unit: 'minute' }, { count: 1, unit: 'day' }, { count: 0, unit: 'second' },
  ]);
});

test('each template is a whole rule that is off, or says what the house lacks', () => {
  assert.ok(TEMPLATES.length >= 8);
  for (const name of TEMPLATES) {
    const template = templateOf(name, house);
    assert.equal(template.missing, null, name);
    const rule = template.build('Title');
    assert.ok(rule, name);
    assert.equal(rule.is_on, false, name);
    assert.equal(gapOf(rule), null, name);
    if (rule.for_seconds > 0) assert.ok(!isMomentary(rule.when), name);
  }
  assert.deepEqual(TEMPLATES.filter((name) => templateOf(name, bare).missing !== null), ['away_siren', 'left_on', 'cold_room', 'baby_pet', 'vehicle_count']);
  for (const name of STARTERS) assert.ok(templateOf(name, bare).build('Title'), 'an empty house can begin');
  assert.equal(templateOf('left_on', bare).build('Title'), null);
});

test('a value that a control does not take gives way to one that it does', () => {
  const level = { key: 'set_point', kind: 'level', min: 7, max: 30, step: 0.5, unit: 'celsius', value: 21 } as const;
  assert.equal(fitting(level, 19), 19);
  for (const wrong of [true, 'warm', 31, 6]) assert.equal(fitting(level, wrong), 21);
  assert.equal(fitting({ ...level, value: null }, true), 7);
  const choice = { key: 'mode', kind: 'choice', options: ['away', 'schedule'], value: null } as const;
  assert.equal(fitting({ ...choice, options: [...choice.options] }, 'schedule'), 'schedule');
  assert.equal(fitting({ ...choice, options: [...choice.options] }, true), 'away');
  assert.equal(fitting({ key: 'power', kind: 'toggle', value: null }, 5), true);
  assert.equal(fitting({ key: 'power', kind: 'toggle', value: null }, false), false);
  assert.equal(fitting(undefined, 'anything'), 'anything');
});

test('an address of a model is a web address that holds no secret', () => {
  for (const good of ['https://models.example/v1', 'http://192.168.1.20:8080/v1', 'https://[fd00::1]/v1', ' https://models.example ']) assert.ok(isEndpoint(good), good);
  for (const bad of ['', 'models.example/v1', 'ftp://models.example', 'https://anna:secret@models.example/v1', 'https://models.example/v1?key=secret', 'https://models.example/#a', 'javascript:alert(1)']) assert.ok(!isEndpoint(bad), bad);
  assert.equal(hostOf('http://192.168.1.20:8080/v1'), '192.168.1.20:8080');
  assert.equal(hostOf('no address'), 'no address');
});
