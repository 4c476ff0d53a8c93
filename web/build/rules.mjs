// House rules that a type checker does not see. Each line of RULES says what is refused and why.

import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { iconNames } from './icon-sprite.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const LINES_MAX = 400;

const RULES = [
  [/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(/, 'text must never become markup or code'],
  [/setAttribute\(\s*['"]style|\bstyle=["'`]/, 'the CSP refuses style attributes as text; use a class or a style object'],
  [/\bconsole\./, 'nothing is printed in the product'],
  [/\bTO[D]O\b|\bFIX[M]E\b|@ts-ignore|@ts-nocheck/, 'finish it or leave it out'],
  [/:\s*any\b|\bas any\b|<any>/, 'say the type'],
  [/https?:\/\/(?!www\.w3\.org)/, 'the dashboard talks to its own origin only'],
];

function sources(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const problems = [];
const files = sources(join(root, 'src'));
let everything = '';
for (const path of files) {
  const name = relative(root, path);
  const text = readFileSync(path, 'utf8');
  if (!name.startsWith('src/text/')) everything += text;
  const lines = text.split('\n');
  const isCatalogue = /^src\/text\/(en|de)(-more|-devices|-people|-notify|-rules|-search|-assistant)?\.ts$/.test(name);
  if (lines.length > LINES_MAX && !isCatalogue) problems.push(`${name}: ${lines.length} lines, at most ${LINES_MAX}`);
  lines.forEach((line, index) => {
    const isUrlExample = isCatalogue || /placeholder/.test(line);
    for (const [pattern, reason] of RULES) {
      if (pattern.test(line) && !(isUrlExample && reason.includes('origin'))) {
        problems.push(`${name}:${index + 1}: ${reason}`);
      }
    }
    if (/\bfetch\(|new EventSource|new WebSocket/.test(line) && !/^src\/(api|worker)\//.test(name)) {
      problems.push(`${name}:${index + 1}: requests are made in src/api only`);
    }
  });
}

const catalogues = ['src/text/en.ts', 'src/text/en-more.ts', 'src/text/en-devices.ts', 'src/text/en-people.ts', 'src/text/en-notify.ts', 'src/text/en-rules.ts', 'src/text/en-search.ts', 'src/text/en-assistant.ts'];
const keys = catalogues.flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/^\s+'([a-z0-9_.-]+)':/gm)].map((match) => [file, match[1]]));
for (const [file, key] of keys) {
  // Keys made of a prefix and a code from the hub are used as `prefix.${code}`.
  const prefix = key.slice(0, key.lastIndexOf('.'));
  const used = [`'${key}'`, `\`${prefix}.\${`, `tCode('${prefix}',`].some((form) => everything.includes(form));
  if (!used) problems.push(`${file}: '${key}' is not used`);
}
for (const icon of iconNames()) {
  if (!everything.replace(/ICON_NAMES[^;]*;/, '').includes(`'${icon}'`) && !everything.includes(`"${icon}"`)) {
    problems.push(`src/components/icon-names.ts: '${icon}' is not used`);
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`house rules hold in ${files.length} files`);
