import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { BASE, DESKTOP, PHONE, liveCamera, useBrowser, withPage } from './house.mjs';

useBrowser();

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function pages(page) {
  const camera = await liveCamera(page);
  return ['/', '/cameras', `/cameras/${camera.id}`, `/cameras/${camera.id}/settings`, `/timeline?c=${camera.id}`, '/events', '/settings/cameras', '/settings/cameras?add', '/settings/system', '/settings/appearance', '/help', '/nothing'];
}

async function settled(page, path) {
  await page.goto(BASE + path);
  await page.locator('main h1, .entry h1').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() => !document.querySelector('[data-state=loading][aria-busy]'));
  await page.waitForTimeout(400);
}

async function violations(page) {
  // The page's own policy refuses foreign scripts; axe runs in the debugger's world instead.
  await page.evaluate(axe);
  return page.evaluate(async (tags) => {
    const { violations: found } = await globalThis.axe.run(document, { runOnly: tags });
    return found.map((row) => `${row.id}: ${row.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`);
  }, TAGS);
}

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing on any page, ${size}, ${colorScheme}`, async () => {
      await withPage({ viewport, colorScheme }, async (page) => {
        const found = {};
        for (const path of await pages(page)) {
          await settled(page, path);
          const list = await violations(page);
          if (list.length > 0) found[path] = list;
        }
        assert.deepEqual(found, {});
      });
      await withPage({ viewport, colorScheme, path: '/signin', signedIn: false }, async (page) => {
        await page.locator('h1').waitFor();
        assert.deepEqual(await violations(page), []);
      });
    });
  }
}

test('nothing scrolls sideways at 320 px, and every page has one heading and a title', async () => {
  await withPage({ viewport: { width: 320, height: 700 } }, async (page) => {
    const wide = [];
    for (const path of await pages(page)) {
      await settled(page, path);
      const { scroll, width, headings, title } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: innerWidth, headings: document.querySelectorAll('h1').length, title: document.title }));
      if (scroll > width || width !== 320) wide.push(`${path}: ${scroll} of ${width}`);
      assert.equal(headings, 1, path);
      assert.match(title, /.+ – Hearthwatch/, path);
    }
    assert.deepEqual(wide, []);
  });
});

test('with little motion wanted, tiles are stills with their age', async () => {
  await withPage({ reducedMotion: 'reduce' }, async (page) => {
    await page.locator('[data-testid=live-view][data-state=still]').first().waitFor();
    assert.equal(await page.locator('[data-testid=tile] [data-testid=live-view][data-state=live]').count(), 0);
  });
});

test('forced colours and German keep every page usable', async () => {
  await withPage({ forcedColors: 'active', locale: 'de-DE' }, async (page) => {
    for (const path of await pages(page)) {
      await settled(page, path);
      const words = await page.locator('body').innerText();
      assert.doesNotMatch(words, /\b[a-z]+\.[a-z_]+\b(?!\.(mp4|jpg))(?<!\d)\{|\{[a-z]+\}/, path);
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
    }
  });
});
