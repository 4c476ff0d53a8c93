import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Tool } from '../src/api/assistant.ts';
import { callText, secondsLeft } from '../src/components/call-words.ts';
import { actionsOf, dayRange, endOfDay, isReadOnly, snippet } from '../src/routes/assistant/presets.ts';

const TOOLS: Tool[] = [
  { name: 'camera_list', about: '', effect: 'looks', action: 'list_cameras' },
  { name: 'event_search', about: '', effect: 'looks', action: 'read_events' },
  { name: 'visit_search', about: '', effect: 'looks', action: 'read_events' },
  { name: 'device_set', about: '', effect: 'sets', action: 'control_devices' },
  { name: 'recording_export', about: '', effect: 'exports', action: 'export' },
];
const NOW = Date.parse('2026-11-22T22:30:00Z');
const HUB = { origin: 'https://hub:8443', certificate: 'AB:CD' };

test('looking gives only what looking tools need, each right once; asking gives the others too', () => {
  assert.deepEqual(actionsOf('read', TOOLS), ['list_cameras', 'read_events']);
  assert.deepEqual(actionsOf('ask', TOOLS), ['list_cameras', 'read_events', 'control_devices', 'export']);
  assert.ok(isReadOnly(['read_events'], TOOLS));
  assert.ok(!isReadOnly(['read_events', 'export'], TOOLS));
  assert.ok(!isReadOnly(['something_new'], TOOLS));
});

test('an access ends at the end of its day, and on no day beyond the 90th', () => {
  assert.equal(endOfDay('2026-11-22', NOW), Date.parse('2026-11-22T23:59:59Z'));
  const { max } = dayRange(NOW);
  const last = endOfDay(max, NOW);
  assert.ok(last !== null && last - NOW <= 90 * 86_400_000);
  for (const day of ['2026-11-21', '2027-03-01', '2026-02-31', '', 'soon', '22.11.2026']) assert.equal(endOfDay(day, NOW), null, day);
});

test('what is put into a program names this hub, its certificate and the token, and looks only where that was chosen', () => {
  const stdio = JSON.parse(snippet('stdio', 'hwt_x', 'ask', HUB)).mcpServers.hearthwatch;
  assert.deepEqual(stdio.args, ['mcp', '--url', 'https://hub:8443', '--token-env', 'HEARTHWATCH_TOKEN', '--certificate', 'ABCD']);
  assert.equal(stdio.env.HEARTHWATCH_TOKEN, 'hwt_x');
  assert.ok(!stdio.args.includes('hwt_x'), 'a token in the arguments would be seen by everybody on the machine');
  assert.deepEqual(JSON.parse(snippet('stdio', 'hwt_x', 'ask', { ...HUB, certificate: null })).mcpServers.hearthwatch.args.includes('--certificate'), false);
  const http = (preset: 'read' | 'ask') => JSON.parse(snippet('http', 'hwt_x', preset, HUB)).mcpServers.hearthwatch;
  assert.equal(http('read').url, 'https://hub:8443/mcp?mode=read');
  assert.equal(http('ask').url, 'https://hub:8443/mcp');
  assert.equal(http('ask').headers.Authorization, 'Bearer hwt_x');
});

test('a call is shown exactly, in one order, its strings quoted, and an endless one is cut', () => {
  assert.equal(callText('device_set', { value: true, device: 'Heater", value=false' }), 'device_set(device="Heater\\", value=false", value=true)');
  assert.equal(callText('camera_list', {}), 'camera_list()');
  assert.ok(callText('hold_add', { reason: 'x'.repeat(10_000) }).length < 300);
  assert.equal(callText('odd', { what: undefined }), 'odd(what=null)');
});

test('a countdown ends at nothing', () => {
  assert.equal(secondsLeft('2026-11-22T22:30:47Z', NOW), 47);
  assert.equal(secondsLeft('2026-11-22T22:29:00Z', NOW), 0);
});
