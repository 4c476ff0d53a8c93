import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_IDENTITY, useBrowser, withPage } from './house.mjs';

useBrowser();

// A browser refuses service workers over a certificate that it does not trust.
const IS_TRUSTED = BASE.startsWith('http://127.0.0.1') || BASE.startsWith('http://localhost') || process.env.HEARTHWATCH_TRUSTED === '1';

test('the shell is kept for when the hub is away, and nothing else is', { skip: !IS_TRUSTED }, async () => {
  await withPage({ serviceWorkers: 'allow', allowed: [/ERR_|WebSocket|Failed to fetch/] }, async (page, context) => {
    await page.getByTestId('status-line').waitFor();
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    for (const path of ['/events', '/timeline', ...(HAS_IDENTITY ? ['/account', '/security'] : [])]) {
      await page.goto(BASE + path);
      await page.locator('main h1').first().waitFor({ state: 'attached' });
    }
    const kept = await page.evaluate(async () => {
      const names = await caches.keys();
      const lists = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)));
      const bases = indexedDB.databases ? (await indexedDB.databases()).map((base) => base.name) : [];
      return { names, files: lists.flat(), bases, local: Object.keys(localStorage), session: Object.keys(sessionStorage) };
    });
    assert.equal(kept.names.length, 1);
    assert.ok(kept.files.includes('/index.html'));
    assert.deepEqual(kept.files.filter((file) => !/^\/(index\.html|manifest\.webmanifest|assets\/[\w-]+(\.[\w-]+)*\.(js|css|svg|woff2))$/.test(file)), []);
    assert.deepEqual([kept.bases, kept.session], [[], []]);
    assert.deepEqual(kept.local.filter((key) => !/^hearthwatch\.(theme|language|density|columns|keys)$/.test(key)), []);
    await context.setOffline(true);
    await page.goto(`${BASE}/events`);
    await page.getByText('The hub cannot be reached').waitFor({ timeout: 20_000 });
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('event-row').first().waitFor();
  });
});

test('the manifest and its icons come from this origin with the right types', async () => {
  await withPage({}, async (page) => {
    const manifest = await page.evaluate(async () => {
      const response = await fetch('/manifest.webmanifest');
      return { type: response.headers.get('content-type'), body: await response.json() };
    });
    assert.match(manifest.type, /manifest\+json/);
    assert.equal(manifest.body.start_url, '/');
    for (const icon of manifest.body.icons) {
      assert.equal(await page.evaluate(async (src) => (await fetch(src)).headers.get('content-type'), icon.src), 'image/png');
    }
  });
});
