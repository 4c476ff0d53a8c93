import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Channel, Recipient } from '../src/api/notifications.ts';
import { channelOf, draftOf, hasAddress, isChannelWhole, isRecipientWhole, newChannelDraft, newQuietHours, newRecipientDraft, recipientDraftOf, withMatter } from '../src/routes/notifications/draft.ts';
import { isRising, withStep } from '../src/routes/notifications/steps.ts';
import { readPush } from '../src/worker/push-message.ts';

const SHA = 'AB'.repeat(32);
const mail: Channel = { id: 'chn_1', name: 'Mail', enabled: true, settings: { kind: 'email', host: 'smtp.example.org', port: 587, security: 'starttls', username: null, from: 'hub@example.org' }, has_secret: true, private_network: false, certificate_sha256: null, state: 'working', last_sent_at: null, last_error: null };

test('a channel that is saved unchanged is sent as it came, without any secret', () => {
  const sent = channelOf(draftOf(mail));
  assert.deepEqual(sent, { name: 'Mail', enabled: true, settings: mail.settings, private_network: false, certificate_sha256: null });
  assert.ok(!('secret' in sent));
  for (const settings of [{ kind: 'telegram' }, { kind: 'ntfy', url: 'https://ntfy.example/a' }, { kind: 'mqtt', host: 'broker', port: 8883, username: 'hub' }, { kind: 'web_push', contact: 'mailto:a@b.c' }] as const) assert.deepEqual(channelOf(draftOf({ ...mail, settings })).settings, settings);
});

test('a new secret and a fingerprint with colons are sent as the hub wants them', () => {
  const sent = channelOf({ ...draftOf(mail), secret: 'new', certificate: SHA.replace(/(..)(?!$)/g, '$1:') });
  assert.deepEqual([sent.secret, sent.certificate_sha256], ['new', SHA.toLowerCase()]);
});

test('a channel is whole only with what its kind needs', () => {
  const bot = { ...newChannelDraft('telegram'), name: 'Bot' };
  assert.ok(!isChannelWhole(bot, false));
  assert.ok(isChannelWhole(bot, true));
  assert.ok(isChannelWhole({ ...bot, secret: '1:a' }, false));
  assert.ok(!isChannelWhole({ ...bot, name: ' ', secret: '1:a' }, false));
  const hook = { ...newChannelDraft('webhook'), name: 'Hook', url: 'https://example.org' };
  assert.ok(!isChannelWhole({ ...hook, secret: 'short' }, false));
  assert.ok(isChannelWhole({ ...hook, secret: 'long enough for it' }, false));
  assert.ok(!isChannelWhole({ ...hook, url: 'http://example.org', secret: 'long enough for it' }, false));
  for (const port of ['0', '65536', 'x', '']) assert.ok(!isChannelWhole({ ...draftOf(mail), port }, true), port);
  assert.ok(isChannelWhole({ ...newChannelDraft('web_push'), name: 'Browsers', contact: 'mailto:a@b.c' }, false));
});

test('only some channels have addresses, and quiet hours need days and a length', () => {
  assert.deepEqual((['telegram', 'email', 'ntfy', 'mqtt', 'webhook', 'web_push'] as const).filter(hasAddress), ['telegram', 'email', 'ntfy', 'mqtt']);
  const ben = { ...newRecipientDraft('chn_1'), name: 'Ben', address: '1' };
  assert.ok(isRecipientWhole(ben, 'telegram'));
  assert.ok(!isRecipientWhole({ ...ben, address: ' ' }, 'telegram'));
  assert.ok(isRecipientWhole({ ...ben, address: null }, 'web_push'));
  assert.ok(!isRecipientWhole({ ...ben, quiet_hours: [{ ...newQuietHours(), days: [] }] }, 'telegram'));
  assert.ok(!isRecipientWhole({ ...ben, quiet_hours: [{ ...newQuietHours(), to_minute: 1320 }] }, 'telegram'));
});

test('a recipient is sent without what only the hub says', () => {
  const ben: Recipient = { ...newRecipientDraft('chn_1'), id: 'rcp_1', channel_kind: 'telegram', user: null, user_name: null, waiting: 3 };
  assert.deepEqual(recipientDraftOf(ben), newRecipientDraft('chn_1'));
});

test('a matter is added, changed and taken out without touching the others', () => {
  const two = withMatter(withMatter([], 'ring', {}), 'incident', { severity: 'critical' });
  assert.deepEqual(two, [{ kind: 'ring', severity: 'info', cameras: [] }, { kind: 'incident', severity: 'critical', cameras: [] }]);
  assert.deepEqual(withMatter(two, 'ring', { cameras: ['cam_1'] })[0], { kind: 'ring', severity: 'info', cameras: ['cam_1'] });
  assert.deepEqual(withMatter(two, 'ring', null), [two[1]]);
});

test('steps rise within their limits, and a new one comes last', () => {
  const steps = withStep(withStep([]));
  assert.deepEqual(steps.map((step) => step.after_seconds), [300, 900]);
  assert.ok(isRising(steps));
  assert.ok(!isRising([{ after_seconds: 300, recipients: [] }, { after_seconds: 300, recipients: [] }]));
  assert.ok(!isRising([{ after_seconds: 29, recipients: [] }]));
  assert.ok(!isRising([{ after_seconds: 86_401, recipients: [] }]));
  assert.ok(!isRising([{ after_seconds: Number.NaN, recipients: [] }]));
});

test('a push is read as far as it is understood, and leads only into the dashboard', () => {
  assert.deepEqual(readPush(JSON.stringify({ title: 'Somebody rang', body: 'Front door', tag: 'a', url: '/visits/vis_1' })), { title: 'Somebody rang', body: 'Front door', tag: 'a', url: '/visits/vis_1' });
  for (const url of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', 7, null]) assert.equal(readPush(JSON.stringify({ title: 'a', url })).url, '/');
  for (const data of [null, '', 'no json', '[]', '7', '{"title":7}', '"text"']) assert.deepEqual(readPush(data), { title: 'Hearthwatch', body: '', tag: 'hearthwatch', url: '/' });
  assert.ok(readPush(JSON.stringify({ title: 'x'.repeat(5000), body: 'y'.repeat(5000) })).body.length <= 600);
});
