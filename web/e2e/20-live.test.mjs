import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, IS_MOCK, addableAddress, call, eventually, liveCamera, measures, useBrowser, withPage } from './house.mjs';

useBrowser();

const assertPlays = async (page) => {
  const plays = await page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="avc1.42E01E"'));
  assert.ok(plays, 'this browser cannot play H.264 over MSE; the test needs one that can');
};

test('the home page shows live pictures that move', async () => {
  await withPage({}, async (page) => {
    await assertPlays(page);
    const camera = await liveCamera(page);
    const video = page.locator(`[data-camera="${camera.name}"] video`);
    await page.locator(`[data-camera="${camera.name}"] [data-testid=live-view][data-state=live]`).waitFor();
    const first = await video.evaluate((element) => element.currentTime);
    await eventually(async () => (await video.evaluate((element) => element.currentTime)) > first + 1, 'the picture moves on');
    assert.ok((await measures(page, 'hw:first-frame')).length > 0);
    await page.getByTestId('status-line').waitFor();
  });
});

test('a camera’s page says how far its picture is behind reality, and that is little', async () => {
  await withPage({}, async (page) => {
    const camera = await liveCamera(page);
    await page.goto(`${BASE}/cameras/${camera.id}`);
    await page.locator('[data-testid=live-view][data-state=live]').waitFor();
    const behind = page.getByTestId('behind');
    await behind.waitFor();
    await eventually(async () => Number.parseFloat(await behind.innerText()) <= 2, 'at most 2 s behind');
    await page.getByRole('heading', { level: 1, name: camera.name }).waitFor();
    await page.getByText('Recorded of due').waitFor();
  });
});

test('an event appears in the list without a reload', async () => {
  await withPage({ path: '/events' }, async (page) => {
    await page.locator('[data-testid=event-row]').first().waitFor();
    const camera = await call(page, 'POST', '/cameras', { name: `Test ${Date.now()}`, url: await addableAddress(), record: 'off' });
    try {
      const row = page.locator('[data-kind=camera_added]', { hasText: camera.name }).first();
      await row.waitFor({ timeout: 10_000 });
      assert.ok((await measures(page, 'hw:event-dom')).length > 0);
    } finally {
      await call(page, 'DELETE', `/cameras/${camera.id}`);
    }
  });
});

test('while somebody points into the list new rows wait', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/events' }, async (page) => {
    const rows = page.locator('[data-testid=event-row]');
    await rows.first().waitFor();
    await rows.nth(1).hover();
    const first = await rows.first().getAttribute('data-event');
    await call(page, 'POST', '/mock/move', { name: 'Front door', label: 'person', seconds: 2 });
    await page.getByTestId('new-rows').waitFor();
    assert.equal(await rows.first().getAttribute('data-event'), first);
    await page.mouse.move(5, 5);
    await eventually(async () => (await rows.first().getAttribute('data-event')) !== first, 'the row appears');
  });
});

test('a camera that is lost says so, and why', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/cameras' }, async (page) => {
    const view = page.locator('[data-camera="Drive"] [data-testid=live-view]');
    await page.locator('[data-camera="Drive"] [data-testid=live-view][data-state=live]').waitFor();
    await call(page, 'POST', '/mock/live', { name: 'Drive', live: false });
    try {
      await page.locator('[data-camera="Drive"] [data-testid=live-view][data-state=reconnecting]').waitFor({ timeout: 6000 });
      assert.match(await view.innerText(), /sends no pictures/);
    } finally {
      await call(page, 'POST', '/mock/live', { name: 'Drive', live: true });
    }
    await page.locator('[data-camera="Drive"] [data-testid=live-view][data-state=live]').waitFor();
  });
});

test('when the hub goes away the band comes, and after its return everything is as before', { skip: !IS_MOCK }, async () => {
  const allowed = [/ERR_|WebSocket/];
  await withPage({ path: '/events', allowed }, async (page) => {
    await page.locator('[data-testid=event-row]').first().waitFor();
    const control = (refuse) => fetch(`${BASE}/api/v1/mock/refuse`, { method: 'POST', body: JSON.stringify({ refuse }) });
    await control(true);
    await page.getByTestId('offline-band').waitFor({ timeout: 5000 });
    await fetch(`${BASE}/api/v1/mock/move`, { method: 'POST', body: JSON.stringify({ name: 'Front door', label: 'dog', seconds: 1 }) });
    const before = await page.locator('[data-testid=event-row]').first().getAttribute('data-event');
    await control(false);
    await page.getByTestId('offline-band').waitFor({ state: 'detached', timeout: 20_000 });
    await eventually(async () => (await page.locator('[data-testid=event-row]').first().getAttribute('data-event')) !== before, 'the missed event is there');
    const ids = await page.locator('[data-testid=event-row]').evaluateAll((rows) => rows.map((row) => row.dataset.event));
    assert.equal(new Set(ids).size, ids.length, 'each event once');
  });
});

test('without contact a band says since when, actions are disabled, and all comes back', async () => {
  // The browser may still be fetching the service worker when it goes offline, and says so.
  const allowed = [/ERR_INTERNET_DISCONNECTED|ERR_NETWORK|ERR_EMPTY_RESPONSE|ERR_CONNECTION|WebSocket|ERR_FAILED|ERR_INCOMPLETE|ERR_SOCKET|when fetching the script/];
  await withPage({ allowed }, async (page, context) => {
    await page.locator('[data-testid=live-view][data-state=live]').first().waitFor();
    const camera = await liveCamera(page);
    await page.goto(`${BASE}/cameras/${camera.id}`);
    await page.getByTestId('hold').waitFor();
    await context.setOffline(true);
    await page.getByTestId('offline-band').waitFor({ timeout: 20_000 });
    assert.match(await page.getByTestId('offline-band').innerText(), /\d\d:\d\d:\d\d/);
    assert.ok(await page.getByTestId('hold').isDisabled());
    await context.setOffline(false);
    await page.getByTestId('offline-band').waitFor({ state: 'detached', timeout: 25_000 });
    assert.ok(await page.getByTestId('hold').isEnabled());
  });
});
