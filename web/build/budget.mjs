// Measures what a first visit loads, compressed, against the limits of the UX brief; run after the build.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const assets = fileURLToPath(new URL('../dist/assets', import.meta.url));
const index = readFileSync(join(assets, '../index.html'), 'utf8');

const files = readdirSync(assets).map((name) => {
  const bytes = readFileSync(join(assets, name));
  // Fonts are compressed already.
  const size = name.endsWith('.woff2') ? bytes.length : gzipSync(bytes, { level: 9 }).length;
  return { name, size, first: index.includes(name) };
});

const sum = (test) => files.filter(test).reduce((total, file) => total + file.size, 0);
const is = (end) => (file) => file.name.endsWith(end);
// The first page also loads its route and one language.
const firstChunk = (file) => file.first || /^(home|en)-(?!more|devices|people|notify|rules|search|assistant)/.test(file.name);

const kB = 1000;
const rows = [
  ['first load JS', sum((file) => is('.js')(file) && firstChunk(file)), 90 * kB],
  ['CSS', sum(is('.css')), 25 * kB],
  ['font (latin)', sum((file) => /inter-latin-wght/.test(file.name)), 49 * kB],
  ['sprite', sum(is('.svg')), 20 * kB],
  ['largest chunk', Math.max(...files.filter((file) => is('.js')(file) && !file.first).map((file) => file.size)), 40 * kB],
  ['one language', Math.max(...files.filter((file) => /^(en|de)-/.test(file.name)).map((file) => file.size)), 12 * kB],
  ['all JS', sum(is('.js')), 320 * kB],
];

let over = false;
for (const [name, size, limit] of rows) {
  const fits = size <= limit;
  over ||= !fits;
  console.log(`${fits ? 'ok  ' : 'OVER'} ${name.padEnd(14)} ${(size / kB).toFixed(1).padStart(6)} of ${limit / kB} kB`);
}
const inline = /<script(?![^>]*\bsrc=)|<style|\sstyle=/i.test(index);
if (inline) console.log('OVER index.html holds an inline script or style, which the CSP refuses');
if (over || inline) process.exitCode = 1;
