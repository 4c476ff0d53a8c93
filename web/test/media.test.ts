import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fragmentStart, timescales } from '../src/media/boxes.ts';
import { mediaOf, nextStart, spansOf, wallOf } from '../src/media/clip-map.ts';

const spans = spansOf([
  { offset_seconds: 0, from: '2026-11-22T14:00:00Z', to: '2026-11-22T14:01:00Z' },
  { offset_seconds: 60, from: '2026-11-22T14:05:00Z', to: '2026-11-22T14:05:30Z' },
]);
const at = (text: string): number => Date.parse(`2026-11-22T${text}Z`);

test('media time maps to wall time across a gap and back', () => {
  assert.equal(wallOf(spans, 30), at('14:00:30'));
  assert.equal(wallOf(spans, 70), at('14:05:10'));
  assert.equal(mediaOf(spans, at('14:00:30')), 30);
  assert.equal(mediaOf(spans, at('14:05:10')), 70);
});

test('a gap has no media time, and the next footage after it is known', () => {
  assert.equal(mediaOf(spans, at('14:03:00')), null);
  assert.equal(nextStart(spans, at('14:03:00')), at('14:05:00'));
  assert.equal(nextStart(spans, at('14:06:00')), null);
});

test('media times outside the clip stay inside its spans', () => {
  assert.equal(wallOf(spans, -1), at('14:00:00'));
  assert.equal(wallOf(spans, 999), at('14:05:30'));
  assert.equal(wallOf([], 1), null);
});

function box(type: string, ...parts: Uint8Array[]): Uint8Array {
  const size = 8 + parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, size);
  for (let index = 0; index < 4; index += 1) bytes[4 + index] = type.charCodeAt(index);
  let offset = 8;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, index) => new DataView(bytes.buffer).setUint32(index * 4, value));
  return bytes;
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer;
const init = box('moov', box('trak', box('tkhd', words(0, 0, 0, 7, 0)), box('mdia', box('mdhd', words(0, 0, 0, 90_000, 0)))));
const fragment = box('moof', box('traf', box('tfhd', words(0, 7)), box('tfdt', words(0x0100_0000, 1, 0))));

test('the start of a fragment is read in the time scale of its track', () => {
  const scales = timescales(bufferOf(init));
  assert.equal(scales.get(7), 90_000);
  assert.equal(fragmentStart(bufferOf(fragment), scales), 2 ** 32 / 90_000);
});

test('bytes that are no MP4 give nothing and throw nothing', () => {
  for (let length = 0; length < fragment.length; length += 1) {
    const cut = bufferOf(fragment.slice(0, length));
    assert.doesNotThrow(() => fragmentStart(cut, new Map([[7, 90_000]])));
    assert.doesNotThrow(() => timescales(bufferOf(init.slice(0, length))));
  }
  let state = 1;
  for (let round = 0; round < 2000; round += 1) {
    const noise = fragment.slice();
    for (let change = 0; change < 4; change += 1) {
      state = (state * 1664525 + 1013904223) % 4294967296;
      noise[state % noise.length] = (state >> 8) & 255;
    }
    assert.doesNotThrow(() => fragmentStart(bufferOf(noise), new Map([[7, 90_000]])));
    assert.doesNotThrow(() => timescales(bufferOf(noise)));
  }
});
