// How the dashboard is built: hashed assets, one icon sprite, nothing inline, so that the hub's
// Content-Security-Policy ('self' only, trusted types) holds without exceptions.

import { defineConfig } from 'vite';

import { iconSprite } from './build/icon-sprite.mjs';
import { shellWorker } from './build/shell-worker.mjs';

const LATER =
  /src\/(routes\/(?!home)|timeline\/|charts\/|worker\/|text\/((en|de)(-[a-z]+)?|pseudo)\.ts|media\/(scrubber|key-frame|clip-player|clip-map|playhead)|api\/(account|users|tokens|audit|incidents|security|holds|webauthn|download|energy|climate|people|watch-list|notifications|web-push|rules|search)|export\/(?!queue|save)|qr\/)/;
const isFirst = (id: string): boolean => !LATER.test(id) && !id.endsWith('.css');

export default defineConfig({
  plugins: [iconSprite(), shellWorker()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: false,
    sourcemap: false,
    rolldownOptions: {
      input: { index: 'index.html', 'shell-worker': 'src/worker/shell-worker.ts' },
      output: {
        // A worker's scope is its folder, so it lies at the top, under a name that stays.
        entryFileNames: (chunk) => (chunk.name === 'shell-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
        codeSplitting: {
          // What the first page needs comes in one piece; the rest with the page that wants it.
          groups: [{ name: 'app', test: isFirst }],
        },
      },
    },
  },
});
