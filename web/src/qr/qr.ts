// QR codes of short texts (ISO/IEC 18004): byte mode, correction level M, versions 1 to 15. Pure. Written out here,
// because what it shows is a secret that no other code needs to see.

import { MASKS, penalty } from './mask.ts';
import { correction } from './reed-solomon.ts';

// Of each version at level M: correction words a block, then blocks and data words a block, in up to two groups.
const LEVEL_M: readonly (readonly [number, number, number, number?, number?])[] = [
  [10, 1, 16], [16, 1, 28], [26, 1, 44], [18, 2, 32], [24, 2, 43],
  [16, 4, 27], [18, 4, 31], [22, 2, 38, 2, 39], [22, 3, 36, 2, 37], [26, 4, 43, 1, 44],
  [30, 1, 50, 4, 51], [22, 6, 36, 2, 37], [22, 8, 37, 1, 38], [24, 4, 40, 5, 41], [24, 5, 41, 5, 42],
];
const BYTE_MODE = 0b0100;
const PADDING = [0xec, 0x11] as const;
// Level M, as the format bits name it.
const LEVEL_BITS = 0b00;

/** Dark modules as `true`, row by row; square. */
export type Matrix = boolean[][];

const blocksOf = (version: number): number[] => {
  const [, count, words, more = 0, longer = 0] = LEVEL_M[version - 1] ?? [0, 0, 0];
  return [...new Array<number>(count).fill(words), ...new Array<number>(more).fill(longer)];
};
const capacity = (version: number): number => blocksOf(version).reduce((sum, words) => sum + words, 0);
const lengthBits = (version: number): number => (version < 10 ? 8 : 16);

function bitsOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (value >>> (count - 1 - index)) & 1);
}

function dataWords(bytes: Uint8Array, version: number): number[] {
  const bits = [...bitsOf(BYTE_MODE, 4), ...bitsOf(bytes.length, lengthBits(version)), ...[...bytes].flatMap((byte) => bitsOf(byte, 8))];
  const room = capacity(version) * 8;
  bits.push(...new Array<number>(Math.min(4, room - bits.length)).fill(0));
  bits.push(...new Array<number>((8 - (bits.length % 8)) % 8).fill(0));
  const words = Array.from({ length: bits.length / 8 }, (_, index) => Number.parseInt(bits.slice(index * 8, index * 8 + 8).join(''), 2));
  for (let at = 0; words.length < capacity(version); at += 1) words.push(PADDING[at % 2] ?? 0);
  return words;
}

/** Data and correction words of all blocks, one word of each block in turn. */
function interleaved(words: readonly number[], version: number): number[] {
  const degree = LEVEL_M[version - 1]?.[0] ?? 0;
  let at = 0;
  const data = blocksOf(version).map((length) => words.slice(at, (at += length)));
  const checks = data.map((block) => correction(block, degree));
  const turn = (blocks: readonly number[][]): number[] => {
    const longest = Math.max(...blocks.map((block) => block.length));
    return Array.from({ length: longest }, (_, index) => blocks.flatMap((block) => block[index] ?? [])).flat();
  };
  return [...turn(data), ...turn(checks)];
}

/** Where alignment patterns have their centres, on both axes. */
function alignments(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const size = version * 4 + 17;
  const step = Math.ceil((size - 13) / (2 * count - 2)) * 2;
  const centres = Array.from({ length: count - 1 }, (_, index) => size - 7 - index * step);
  return [6, ...centres.reverse()];
}

/** `null` is free for data. */
type Draft = (boolean | null)[][];

function put(draft: Draft, x: number, y: number, dark: boolean): void {
  const row = draft[y];
  if (row && x >= 0 && x < row.length) row[x] = dark;
}

function finder(draft: Draft, left: number, top: number): void {
  for (let y = -1; y <= 7; y += 1) {
    for (let x = -1; x <= 7; x += 1) {
      const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
      put(draft, left + x, top + y, ring !== 2 && ring !== 4);
    }
  }
}

function patterns(version: number): Draft {
  const size = version * 4 + 17;
  const draft: Draft = Array.from({ length: size }, () => new Array<boolean | null>(size).fill(null));
  for (let at = 0; at < size; at += 1) {
    put(draft, at, 6, at % 2 === 0);
    put(draft, 6, at, at % 2 === 0);
  }
  for (const [left, top] of [[0, 0], [size - 7, 0], [0, size - 7]] as const) finder(draft, left, top);
  const centres = alignments(version);
  for (const y of centres) {
    for (const x of centres) {
      const inCorner = (x === 6 && y === 6) || (x === 6 && y === size - 7) || (x === size - 7 && y === 6);
      if (inCorner) continue;
      for (let dy = -2; dy <= 2; dy += 1) for (let dx = -2; dx <= 2; dx += 1) put(draft, x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    }
  }
  formats(draft, 0);
  if (version >= 7) versions(draft, version);
  return draft;
}

/** Level and mask, with their correction, twice. */
function formats(draft: Draft, mask: number): void {
  const data = (LEVEL_BITS << 3) | mask;
  let rest = data;
  for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((data << 10) | rest) ^ 0x5412;
  const size = draft.length;
  const bit = (index: number): boolean => ((bits >>> index) & 1) === 1;
  for (let index = 0; index <= 5; index += 1) put(draft, 8, index, bit(index));
  put(draft, 8, 7, bit(6));
  put(draft, 8, 8, bit(7));
  put(draft, 7, 8, bit(8));
  for (let index = 9; index < 15; index += 1) put(draft, 14 - index, 8, bit(index));
  for (let index = 0; index < 8; index += 1) put(draft, size - 1 - index, 8, bit(index));
  for (let index = 8; index < 15; index += 1) put(draft, 8, size - 15 + index, bit(index));
  put(draft, 8, size - 8, true);
}

function versions(draft: Draft, version: number): void {
  let rest = version;
  for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let index = 0; index < 18; index += 1) {
    const dark = ((bits >>> index) & 1) === 1;
    const [far, near] = [draft.length - 11 + (index % 3), Math.floor(index / 3)];
    put(draft, far, near, dark);
    put(draft, near, far, dark);
  }
}

/** Fills the free modules in the order of the standard: two columns at a time, up and down by turns. */
function fill(draft: Draft, words: readonly number[], mask: (x: number, y: number) => boolean): Matrix {
  const size = draft.length;
  const matrix = draft.map((row) => row.map((module) => module === true));
  let bit = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
        const row = matrix[y];
        if (!row || draft[y]?.[x] !== null) continue;
        const dark = (((words[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1) === 1;
        row[x] = dark !== mask(x, y);
        bit += 1;
      }
    }
  }
  return matrix;
}

/** The code of a text; null if it is too long. */
export function qrCode(text: string): Matrix | null {
  const bytes = new TextEncoder().encode(text);
  const version = LEVEL_M.findIndex((_, index) => capacity(index + 1) * 8 >= 4 + lengthBits(index + 1) + bytes.length * 8) + 1;
  if (version === 0) return null;
  const words = interleaved(dataWords(bytes, version), version);
  const candidates = MASKS.map((mask, number) => {
    const draft = patterns(version);
    formats(draft, number);
    return fill(draft, words, mask);
  });
  return candidates.reduce((best, next) => (penalty(next) < penalty(best) ? next : best));
}
