import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { TELEPHONE_RATE, Telephone, muLaw } from '../src/media/telephone.ts';

const RATES = [8_000, 16_000, 44_100, 48_000, 96_000];

/** A second of a tone, cut into blocks as an audio worklet gets them, and back to samples; the begin is left out. */
function heard(rate: number, hertz: number, block = 128): number[] {
  const telephone = new Telephone(rate);
  const samples = Float32Array.from({ length: rate }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hertz * at) / rate));
  const codes: number[] = [];
  for (let at = 0; at < samples.length; at += block) codes.push(...telephone.codes(samples.subarray(at, at + block)));
  return codes.slice(100).map(level);
}

/** ITU-T G.711, the other way: the level of a code between -1 and 1. */
function level(code: number): number {
  const [segment, step] = [(~code >> 4) & 7, ~code & 15];
  const size = ((((step << 3) + 132) << segment) - 132) / 32_768;
  return (code & 0x80) === 0 ? -size : size;
}

const loudness = (samples: number[]): number => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

test('codes are those of another program', () => {
  // audioop.lin2ulaw of Python 3.11, over all levels in steps of 36.
  const codes = Uint8Array.from({ length: 1821 }, (_, at) => muLaw((at * 36 - 32_768) / 32_768));
  assert.equal(createHash('sha256').update(codes).digest('hex').slice(0, 16), '386a13f4774299b0');
  assert.deepEqual([0, 1, -1, 2, -2].map(muLaw), [0xff, 0x80, 0x00, 0x80, 0x00]);
});

for (const rate of RATES) {
  test(`a voice comes through at ${rate} Hz, and nothing that a telephone has no room for`, () => {
    const voice = heard(rate, 1_000);
    assert.ok(Math.abs(voice.length + 100 - TELEPHONE_RATE) < 40, `${voice.length} samples in a second`);
    assert.ok(Math.abs(loudness(voice) - 0.5 * Math.SQRT1_2) < 0.01, `${loudness(voice)}`);
    if (rate > TELEPHONE_RATE) assert.ok(loudness(heard(rate, 5_500)) < 0.002, `${loudness(heard(rate, 5_500))}`);
    // It is the tone that went in: as loud a one of the same pitch taken away leaves little.
    const [sine, cosine] = [Math.sin, Math.cos].map((wave) => voice.reduce((sum, one, at) => sum + one * wave((2 * Math.PI * 1_000 * at) / TELEPHONE_RATE), 0) * (2 / voice.length));
    assert.ok(Math.abs(Math.hypot(sine ?? 0, cosine ?? 0) - 0.5) < 0.01);
  });
}

test('how it is cut into blocks changes nothing', () => {
  const whole = heard(44_100, 700, 44_100);
  for (const block of [1, 7, 128, 1_000]) assert.deepEqual(heard(44_100, 700, block), whole);
});
