// Builds the icons named in src/components/icon-names.ts into one sprite, an own hashed asset.
// A name without an icon fails the build.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULE = 'virtual:icon-sprite';
const names_file = fileURLToPath(new URL('../src/components/icon-names.ts', import.meta.url));

/** The names between quotes in the list of icon names. */
export function iconNames() {
  const text = readFileSync(names_file, 'utf8');
  const list = text.slice(text.indexOf('['), text.indexOf(']'));
  return [...list.matchAll(/'([a-z0-9-]+)'/g)].map((match) => match[1]);
}

function symbol(folder, name) {
  const svg = readFileSync(join(folder, `${name}.svg`), 'utf8');
  const body = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'));
  return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, '')}</symbol>`;
}

function sprite() {
  const home = dirname(createRequire(import.meta.url).resolve('lucide-static/package.json'));
  const symbols = iconNames().map((name) => symbol(join(home, 'icons'), name));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
}

/** Vite plugin: `import url from 'virtual:icon-sprite'` is the sprite's address. */
export function iconSprite() {
  return {
    name: 'hearth-icon-sprite',
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load(id) {
      if (id !== `\0${MODULE}`) return undefined;
      this.addWatchFile(names_file);
      const reference = this.emitFile({ type: 'asset', name: 'icons.svg', source: sprite() });
      return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
    },
  };
}
