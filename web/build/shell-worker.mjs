// Gives the service worker the list of the shell's files and a version made of their names. Files that only help the
// eye (fonts of other scripts) are left out: the browser fetches them when it needs them.

import { createHash } from 'node:crypto';

const WORKER = 'shell-worker.js';
const KEPT = /\.(js|css|svg|webmanifest)$|inter-latin-wght/;

/** Vite plugin: replaces `SHELL_FILES` and `SHELL_VERSION` in the worker after all names are known. */
export function shellWorker() {
  return {
    name: 'hearth-shell-worker',
    enforce: 'post',
    generateBundle(_, bundle) {
      const files = ['index.html', 'manifest.webmanifest', ...Object.keys(bundle)].filter((name) => name === 'index.html' || (KEPT.test(name) && name !== WORKER));
      const list = [...new Set(files)].sort().map((name) => `/${name}`);
      const version = createHash('sha256').update(list.join()).digest('hex').slice(0, 16);
      const worker = bundle[WORKER];
      if (!worker) throw new Error('the service worker was not built');
      worker.code = worker.code.replaceAll('SHELL_FILES', JSON.stringify(list)).replaceAll('SHELL_VERSION', JSON.stringify(version));
    },
  };
}
