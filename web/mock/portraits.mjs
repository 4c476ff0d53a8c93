// Drawn heads for the mock hub, so that pictures of visitors show nobody who exists. Made once with ffmpeg.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = join(tmpdir(), 'hearthwatch-mock-1');
const SIDE = 240;
// Background, skin, hair, clothes.
const COLOURS = [
  [[168, 186, 200], [224, 186, 160], [82, 56, 40], [56, 88, 140]],
  [[196, 190, 172], [146, 102, 76], [30, 26, 24], [150, 62, 58]],
  [[150, 170, 150], [236, 206, 184], [190, 150, 84], [60, 110, 84]],
  [[120, 128, 142], [200, 160, 130], [120, 120, 124], [70, 70, 78]],
  [[178, 160, 186], [110, 78, 60], [24, 20, 20], [190, 160, 70]],
];

function make(name, args) {
  const path = join(folder, name);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const partial = join(folder, `partial-${process.pid}-${name}`);
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, '-frames:v', '1', '-q:v', '4', partial]);
    renameSync(partial, path);
  }
  return path;
}

const HAIR = 'lt(hypot((X-120)*1.05,Y-88),66)*lt(Y,96)';
const HEAD = 'lt(hypot((X-120)*1.2,(Y-106)*0.95),62)';
const BODY = 'lt(hypot((X-120)*0.8,(Y-262)),92)';
const EYES = 'lt(min(hypot(X-98,Y-106),hypot(X-142,Y-106)),6)';
const channel = (index, colours) => `if(${EYES},30,if(${HEAD},if(${HAIR}*lt(Y,74),${colours[2][index]},${colours[1][index]}),if(${HAIR},${colours[2][index]},if(${BODY},${colours[3][index]},${colours[0][index]}))))`;

function path(number) {
  const colours = COLOURS[number % COLOURS.length];
  const paint = ['r', 'g', 'b'].map((name, index) => `${name}='${channel(index, colours)}'`).join(':');
  return make(`portrait-${number % COLOURS.length}.jpg`, ['-f', 'lavfi', '-i', `color=black:s=${SIDE}x${SIDE},format=gbrp,geq=${paint}`]);
}

/** One drawn head. */
export const portrait = (number) => readFileSync(path(number));

const WIDTH = 640;
const HEIGHT = 360;

/** Where the heads of a picture with so many are, as fractions. */
export const areas = (count) => Array.from({ length: count }, (_, index) => ({ x: 0.5 / (count + 1) + (index * 0.9) / (count + 0.4), y: 0.25, w: 0.22, h: 0.22 * (WIDTH / HEIGHT) }));

/** A picture of the door with these heads in it, or with so few squares of each that nobody is recognised. */
export function doorPicture(numbers, { isHidden = false } = {}) {
  const heads = numbers.map((number) => path(number));
  const places = areas(heads.length);
  const inputs = ['-f', 'lavfi', '-i', `gradients=s=${WIDTH}x${HEIGHT}:c0=0x394048:c1=0x8a9096:x0=0:y0=0:x1=${WIDTH}:y1=${HEIGHT}`, ...heads.flatMap((head) => ['-i', head])];
  let last = '0:v';
  const steps = places.map((area, index) => {
    const size = Math.round(area.w * WIDTH);
    const step = `[${index + 1}:v]${isHidden ? `scale=8:8,scale=${size}:${size}:flags=neighbor` : `scale=${size}:${size}`}[h${index}];[${last}][h${index}]overlay=${Math.round(area.x * WIDTH)}:${Math.round(area.y * HEIGHT)}[o${index}]`;
    last = `o${index}`;
    return step;
  });
  return readFileSync(make(`door-${isHidden ? 'hidden-' : ''}${numbers.map((number) => number % COLOURS.length).join('-') || 'empty'}.jpg`, steps.length > 0 ? [...inputs, '-filter_complex', steps.join(';'), '-map', `[${last}]`] : inputs));
}
