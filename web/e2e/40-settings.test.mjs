import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, addableAddress, call, eventually, liveCamera, useBrowser, withPage } from './house.mjs';

useBrowser();

test('a camera with an unusable address is refused at the field, with what is accepted, and the input stays', async () => {
  await withPage({ path: '/settings/cameras', allowed: [/^4\d\d \/api\/v1\/cameras/] }, async (page) => {
    await page.getByTestId('add-camera').click();
    const dialog = page.getByTestId('add-dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Shed');
    const url = dialog.getByLabel('Address');
    await url.fill('gopher://192.0.2.5/1');
    await page.getByTestId('add-submit').click();
    const error = dialog.getByTestId('field-error');
    await error.waitFor();
    assert.match(await error.innerText(), /rtsp/);
    assert.equal(await url.inputValue(), 'gopher://192.0.2.5/1');
    assert.equal(await url.getAttribute('aria-invalid'), 'true');
  });
});

test('a camera is added, renamed, set to live only and removed with a count', async () => {
  await withPage({ path: '/settings/cameras?add' }, async (page) => {
    const name = `Shed <img src=x onerror=alert(1)> ${Date.now() % 1000}`;
    const dialog = page.getByTestId('add-dialog');
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await dialog.getByLabel('Address').fill(await addableAddress());
    await page.getByTestId('add-submit').click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    const id = page.url().split('/').at(-1);
    await page.goto(`${BASE}/cameras/${id}/settings`);
    await page.getByTestId('record-mode').getByRole('radio', { name: 'Live only' }).check();
    await page.locator('[data-testid=note][data-state=undo]').first().waitFor();
    const { settings } = await call(page, 'GET', `/cameras/${id}`);
    assert.equal(settings.record.usual, 'off');
    await page.getByTestId('remove-open').click();
    await page.getByTestId('remove-dialog').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Cancel');
    await page.getByTestId('remove-confirm').click();
    await page.waitForURL(`${BASE}/settings/cameras`);
    await page.locator('[data-testid=note]', { hasText: 'recordings' }).waitFor();
    await page.locator('[data-testid=camera-row]', { hasText: 'Shed' }).waitFor({ state: 'detached' });
  });
});

test('exceptions from the usual recording are edited, saved as a whole, and taken back with one click', async () => {
  await withPage({}, async (page) => {
    const camera = await liveCamera(page);
    await page.goto(`${BASE}/cameras/${camera.id}/settings`);
    await page.getByTestId('rule-add').click();
    const rule = page.getByTestId('rule').last();
    for (const day of ['Saturday', 'Sunday']) await rule.getByRole('button', { name: day }).click();
    await rule.getByLabel('From').fill('08:00');
    await rule.getByLabel('To').fill('17:30');
    await rule.getByRole('combobox').selectOption('off');
    await page.getByTestId('rules-save').click();
    const note = page.locator('[data-testid=note][data-state=undo]');
    await note.waitFor();
    const stored = async () => (await call(page, 'GET', `/cameras/${camera.id}`)).settings.record.rules;
    assert.deepEqual(await stored(), [{ days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], from_minute: 480, to_minute: 1050, mode: 'off' }]);
    await page.getByTestId('undo').click();
    await eventually(async () => (await stored()).length === 0, 'the exception is gone');
    await page.getByTestId('rule').waitFor({ state: 'detached' });
  });
});

test('theme, language and keys are chosen at once, and kept', async () => {
  await withPage({ path: '/settings/appearance' }, async (page) => {
    await page.getByTestId('theme').getByRole('radio', { name: 'Dark' }).check();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await page.getByTestId('language').getByRole('radio', { name: 'Deutsch' }).check();
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    const kept = await page.evaluate(() => Object.keys(localStorage).sort());
    assert.deepEqual(kept, ['hearthwatch.language', 'hearthwatch.theme']);
  });
});

test('keys lead to pages, and none does while typing', async () => {
  await withPage({}, async (page) => {
    await page.getByTestId('status-line').waitFor();
    // The second key counts for a second only; a machine that is busy may be slower than that.
    await eventually(async () => {
      await page.keyboard.press('g');
      await page.keyboard.press('e');
      return new URL(page.url()).pathname === '/events';
    }, 'the keys lead to the events');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.goto(`${BASE}/settings/cameras?add`);
    await page.getByTestId('add-dialog').getByLabel('Name', { exact: true }).pressSequentially('g h');
    assert.match(page.url(), /settings/);
  });
});

test('an unknown page and an unknown camera get the same words', async () => {
  await withPage({ path: '/no/such/page' }, async (page) => {
    const words = await page.getByTestId('not-found').innerText();
    await page.goto(`${BASE}/cameras/cam_00000000000000000000000000000000`);
    assert.equal(await page.getByTestId('not-found').innerText(), words);
  });
});
