// Test pictures for the mock hub, made once with ffmpeg in the system's temporary folder and never
// committed. Set HEARTHWATCH_MOCK_MEDIA to a folder of MP4 files to use those scenes instead.

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { readFragments } from './fragments.mjs';

/** Every scene is a loop of this length; footage at wall time t shows the loop at t mod LOOP_SECONDS. */
export const LOOP_SECONDS = 40;
const FRAMES_PER_SECOND = 15;
const folder = join(tmpdir(), 'hearthwatch-mock-1');
const run = promisify(execFile);

const PATTERNS = [
  'testsrc2=size=1280x720:rate=15',
  'mandelbrot=size=1280x720:rate=15:end_pts=600',
  'smptehdbars=size=1280x720:rate=15',
  'testsrc=size=1280x720:rate=15',
  'gradients=size=1280x720:rate=15:speed=0.010',
];

function scenes() {
  const own = process.env.HEARTHWATCH_MOCK_MEDIA;
  return own ? readdirSync(own).filter((name) => name.endsWith('.mp4')).sort().map((name) => join(own, name)) : [];
}

function input(number) {
  const own = scenes();
  if (own.length === 0) return ['-f', 'lavfi', '-i', PATTERNS[number % PATTERNS.length]];
  const start = number < own.length ? 0 : 15 * number;
  return ['-stream_loop', '-1', '-ss', String(start), '-i', own[number % own.length]];
}

function make(name, build) {
  const path = join(folder, name);
  if (!existsSync(path)) {
    const partial = join(folder, `partial-${name}`);
    build(partial);
    renameSync(partial, path);
  }
  return path;
}

const ffmpeg = (...args) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);

/** One scene: `fragments` for live and keyframes, `path` for clips, `stills` one a second. */
export function scene(number, withSound) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = `${scenes().length ? 'own' : 'made'}-${number}`;
  const sound = withSound ? ['-f', 'lavfi', '-i', 'sine=frequency=220:sample_rate=48000'] : [];
  const soundCodec = withSound ? ['-map', '1:a', '-c:a', 'aac', '-b:a', '48k'] : [];
  const video = ['-map', '0:v', '-r', String(FRAMES_PER_SECOND), '-vf', 'scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720', '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-pix_fmt', 'yuv420p', '-b:v', '900k', '-maxrate', '1200k', '-bufsize', '1200k', '-g', String(FRAMES_PER_SECOND), '-keyint_min', String(FRAMES_PER_SECOND), '-sc_threshold', '0', '-bf', '0', '-video_track_timescale', '90000'];
  const length = ['-t', String(LOOP_SECONDS)];
  const path = make(`${key}.mp4`, (to) => ffmpeg(...input(number), ...sound, ...video, ...soundCodec, ...length, '-f', 'mp4', to));
  const live = make(`${key}-live.mp4`, (to) => ffmpeg('-i', path, '-c', 'copy', '-movflags', 'frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', to));
  make(`${key}-39.jpg`, (to) => {
    ffmpeg('-i', path, '-vf', 'fps=1,scale=640:-2', '-q:v', '5', '-start_number', '0', join(folder, `${key}-%d.jpg`));
    ffmpeg('-i', join(folder, `${key}-39.jpg`), to);
  });
  const stills = Array.from({ length: LOOP_SECONDS }, (_, second) => readFileSync(join(folder, `${key}-${second}.jpg`)));
  return { path, key, stills, fragments: readFragments(readFileSync(live)) };
}

/** A clip of `seconds` that starts at `phase` of the loop, as a path; made on demand. */
export async function clip(scene, phase, seconds) {
  const path = join(folder, `clip-${scene.key}-${phase.toFixed(2)}-${seconds.toFixed(2)}.mp4`);
  if (!existsSync(path)) {
    const partial = `${path}.${process.hrtime.bigint()}`;
    await run('ffmpeg', ['-v', 'error', '-y', '-ss', phase.toFixed(3), '-stream_loop', '-1', '-i', scene.path, '-t', seconds.toFixed(3), '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', partial]);
    renameSync(partial, path);
  }
  return { path, bytes: statSync(path).size };
}
