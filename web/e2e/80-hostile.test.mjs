// promise: D-23. Whatever people and devices say is text, on every page.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, DESKTOP, IS_MOCK, PHONE, call, eventually, lead, useBrowser, withPage } from './house.mjs';

useBrowser();

async function pages(page) {
  const { cameras } = await call(page, 'GET', '/cameras');
  const { users } = await call(page, 'GET', '/users');
  const { incidents } = await call(page, 'GET', '/incidents');
  const { devices } = await call(page, 'GET', '/devices');
  const camera = cameras[0].id;
  const things = devices.filter((device) => /^(Hall lamp|Garage camera|Outside)$/.test(device.name)).map((device) => `/devices/${device.id}`);
  const { visits } = await call(page, 'GET', '/visits');
  const { people } = await call(page, 'GET', '/people');
  const doors = ['/visits', `/visits/${visits[0].id}`, '/people', '/people/unknown', '/people/watch-list', '/settings/faces', '/settings/notifications', ...people.slice(0, 2).map((person) => `/people/${person.id}`)];
  return [...doors, '/devices', ...things, '/energy', '/climate', '/', '/cameras', `/cameras/${camera}`, `/cameras/${camera}/settings`, `/timeline?c=${camera}`, '/events', '/exports', '/settings/cameras', '/settings/system', '/settings/users', `/settings/users/${users[1].id}`, '/account', '/account/sessions', '/account/tokens', '/security', '/security/promises', '/alerts', '/alerts?state=all', ...incidents.map((row) => `/alerts/${row.id}`), '/assistant', '/review', '/events?q=person%20front%20door%20blue', `/events?c=${(await call(page, 'GET', '/conversations')).conversations[0].id}`, '/security/audit', '/help'];
}

/** What would be in the document if a string had become markup. */
const planted = () => ({
  hacked: globalThis.hacked ?? null,
  elements: document.querySelectorAll('img[src="x"], img[onerror], svg[onload], main script, main style, body script:not([src]), a[href^="javascript:"]').length,
  handlers: [...document.querySelectorAll('*')].filter((element) => [...element.attributes].some((attribute) => attribute.name.startsWith('on'))).length,
  words: document.body.textContent?.includes('onerror=') || document.body.textContent?.includes('<script>') || document.body.textContent?.includes('onload=') || document.body.textContent?.includes('javascript:') || [...document.querySelectorAll('input')].some((input) => /onerror|script/.test(input.value)),
});

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  test(`hostile strings in every field of every answer are shown as text, ${size}`, { skip: !IS_MOCK }, async () => {
    await withPage({ viewport }, async (page) => {
      let dialogs = 0;
      page.on('dialog', (dialog) => {
        dialogs += 1;
        void dialog.dismiss();
      });
      const list = await pages(page);
      await call(page, 'POST', '/mock/hostile', { on: true });
      try {
        let shown = 0;
        // The frame as well is asked for once more.
        await page.goto(`${BASE}/nothing`);
        for (const path of list) {
          await lead(page, path);
          const found = await page.evaluate(planted);
          assert.deepEqual([found.hacked, found.elements, found.handlers], [null, 0, 0], path);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
          shown += found.words ? 1 : 0;
        }
        assert.ok(shown >= list.length - 2, `the strings were on ${shown} of ${list.length} pages`);
        assert.equal(dialogs, 0);
      } finally {
        await call(page, 'POST', '/mock/hostile', { on: false });
      }
    });
  });
}

test('what devices say while one is added, and why cameras do not close, is text too', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    await call(page, 'POST', '/mock/deaf-camera', { name: 'Garden' });
    await call(page, 'POST', '/mock/hostile', { on: true });
    try {
      await page.goto(`${BASE}/devices/add`);
      await page.getByTestId('discover').click();
      await page.getByTestId('found-row').first().waitFor();
      await page.getByTestId('found-add').first().click();
      await page.locator('[name=device-user]').fill('admin');
      await page.locator('[name=device-password]').fill('secret');
      await page.getByTestId('chip-privacy').click();
      await page.getByTestId('privacy-on').click();
      await page.getByTestId('privacy-results').waitFor();
      const found = await page.evaluate(planted);
      assert.deepEqual([found.hacked, found.elements, found.handlers], [null, 0, 0]);
      assert.ok(found.words);
    } finally {
      await call(page, 'POST', '/mock/hostile', { on: false });
      await call(page, 'PUT', '/house/privacy', { is_on: false });
      await call(page, 'POST', '/mock/deaf-camera', { name: null });
      await page.evaluate(() => sessionStorage.clear());
    }
  });
});

test('hostile strings in events that arrive, notes and dialogs are text too', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/events' }, async (page) => {
    await page.getByTestId('event-row').first().waitFor();
    await call(page, 'POST', '/mock/hostile', { on: true });
    try {
      const newest = await page.getByTestId('event-row').first().getAttribute('data-event');
      await call(page, 'POST', '/mock/move', { name: 'Front door', label: 'person', seconds: 1 });
      await eventually(async () => (await page.getByTestId('event-row').first().getAttribute('data-event')) !== newest, 'the event arrives');
      await page.getByTestId('event-row').first().click();
      await page.getByTestId('clip-panel').waitFor();
      await page.goto(`${BASE}/account/tokens`);
      await page.getByTestId('token-revoke').first().click();
      await page.getByTestId('confirm-dialog').waitFor();
      const found = await page.evaluate(planted);
      assert.deepEqual([found.hacked, found.elements, found.handlers], [null, 0, 0]);
      await page.keyboard.press('Escape');
      await page.goto(`${BASE}/exports`);
      await page.getByTestId('hold-end').first().click();
      await page.locator('[data-testid=note]').waitFor();
      await page.getByTestId('undo').click();
      assert.equal((await page.evaluate(planted)).hacked, null);
    } finally {
      await call(page, 'POST', '/mock/hostile', { on: false });
    }
  });
});
