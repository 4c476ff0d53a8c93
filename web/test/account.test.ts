import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { agentName } from '../src/components/agent-name.ts';
import { allowed, hasOwnRule, toggled, withoutRule } from '../src/routes/users/access.ts';
import { qrCode } from '../src/qr/qr.ts';
import { correction } from '../src/qr/reed-solomon.ts';

const NOTHING = { only_listed: false, cameras: {} };

test('correction words are those of the example in the standard', () => {
  // ISO/IEC 18004, annex I: the text 01234567 in version 1, level M.
  const data = [0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11];
  assert.deepEqual(correction(data, 10), [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55]);
});

test('a code has three finders, a size that fits, and stays what a reader has read', () => {
  const text = 'otpauth://totp/Hearthwatch:Anna?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Hearthwatch';
  const code = qrCode(text);
  assert.ok(code);
  assert.equal(code.length, 41);
  const finder = (x: number, y: number): string => Array.from({ length: 7 }, (_, at) => (code[y + at] ?? []).slice(x, x + 7).map(Number).join('')).join(' ');
  const whole = '1111111 1000001 1011101 1011101 1011101 1000001 1111111';
  assert.deepEqual([finder(0, 0), finder(34, 0), finder(0, 34)], [whole, whole, whole]);
  // Read back once with an independent decoder, then pinned.
  const bits = code.map((row) => row.map(Number).join('')).join('');
  assert.equal(createHash('sha256').update(bits).digest('hex').slice(0, 16), 'b18108529f67c5cf');
});

test('a text that is too long makes no code instead of a wrong one', () => {
  assert.equal(qrCode('x'.repeat(413)), null);
  assert.ok(qrCode('x'.repeat(412)));
  assert.ok(qrCode(''));
});

test('a camera follows the role until it has a rule of its own, and again without one', () => {
  assert.deepEqual(allowed(NOTHING, 'guest', 'cam_1'), ['live']);
  assert.deepEqual(allowed({ ...NOTHING, only_listed: true }, 'viewer', 'cam_1'), []);
  const more = toggled(NOTHING, 'guest', 'cam_1', 'playback');
  assert.deepEqual(more.cameras, { cam_1: ['live', 'playback'] });
  const less = toggled(more, 'guest', 'cam_1', 'live');
  assert.deepEqual(allowed(less, 'admin', 'cam_1'), ['playback']);
  assert.ok(hasOwnRule(less, 'cam_1'));
  assert.deepEqual(withoutRule(less, 'cam_1'), NOTHING);
});

test('browsers are named in two words, and nonsense is cut', () => {
  assert.deepEqual(agentName('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'), { text: 'Firefox, Linux', isPhone: false });
  assert.deepEqual(agentName('Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36'), { text: 'Chrome, Android', isPhone: true });
  assert.deepEqual(agentName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1'), { text: 'Safari, iPhone', isPhone: true });
  assert.equal(agentName('x'.repeat(500)).text.length, 60);
  assert.equal(agentName('').text, '');
});
