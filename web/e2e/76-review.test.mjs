import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_REVIEW, IS_MOCK, PHONE, call, eventually, useBrowser, withPage } from './house.mjs';

useBrowser();

const boxes = (page) => page.getByTestId('review-box');
const itemOf = (page) => page.getByTestId('review-item').getAttribute('data-item');
const counts = async (page) => (await call(page, 'GET', '/review?state=waiting&limit=1')).counts;
const stored = async (page, id, state) => (await call(page, 'GET', `/review?state=${state}&limit=50`)).items.find((one) => one.id === id);

test('a queue is worked through by keys alone: label, move, new box, done, back', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/review' }, async (page) => {
    await boxes(page).first().waitFor();
    const id = await itemOf(page);
    const { boxes: before } = await stored(page, id, 'waiting');
    const start = await counts(page);
    await page.keyboard.press('6');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('n');
    await page.keyboard.press('5');
    assert.equal(await boxes(page).count(), before.length + 1);
    await page.keyboard.press('Enter');
    await eventually(async () => (await itemOf(page)) !== id, 'the next picture');
    const done = await stored(page, id, 'done');
    assert.deepEqual(done.boxes.map((box) => box.label), ['dog', ...before.slice(1).map((box) => box.label), 'cat']);
    assert.equal(Math.round((done.boxes[0].area.x - before[0].area.x) * 1000), 10);
    assert.equal(Math.round((done.boxes[0].area.h - before[0].area.h) * 1000), 10);
    assert.deepEqual(await counts(page), { waiting: start.waiting - 1, done: start.done + 1, skipped: start.skipped });
    await page.keyboard.press('u');
    await eventually(async () => (await itemOf(page)) === id, 'the last one is back');
    assert.deepEqual(await counts(page), start);
    await page.keyboard.press('s');
    await eventually(async () => (await itemOf(page)) !== id, 'skipped');
    assert.equal((await counts(page)).skipped, start.skipped + 1);
    await page.keyboard.press('u');
    await eventually(async () => (await itemOf(page)) === id, 'back again');
  });
});

test('boxes are drawn, moved, pulled and taken away with the pointer, and each step can be taken back', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/review' }, async (page) => {
    await boxes(page).first().waitFor();
    const id = await itemOf(page);
    const picture = await page.getByTestId('review-picture').boundingBox();
    const at = (x, y) => [picture.x + x * picture.width, picture.y + y * picture.height];
    const drag = async (from, to) => {
      await page.mouse.move(...at(...from));
      await page.mouse.down();
      await page.mouse.move(...at((from[0] + to[0]) / 2, (from[1] + to[1]) / 2));
      await page.mouse.move(...at(...to));
      await page.mouse.up();
    };
    const count = await boxes(page).count();
    await drag([0.02, 0.02], [0.12, 0.18]);
    await boxes(page).nth(count).waitFor();
    const area = async () => {
      const box = await boxes(page).nth(count).boundingBox();
      return [(box.x - picture.x) / picture.width, (box.y - picture.y) / picture.height, box.width / picture.width, box.height / picture.height].map((value) => Math.round(value * 100));
    };
    assert.deepEqual(await area(), [2, 2, 10, 16]);
    await drag([0.07, 0.1], [0.09, 0.12]);
    assert.deepEqual(await area(), [4, 4, 10, 16]);
    await drag([0.14, 0.2], [0.16, 0.16]);
    const pulled = await area();
    assert.deepEqual(pulled.slice(0, 2), [4, 4]);
    assert.deepEqual(pulled.slice(2), [12, 12]);
    for (const expected of [[4, 4, 10, 16], [2, 2, 10, 16]]) {
      await page.keyboard.press('u');
      assert.deepEqual(await area(), expected);
    }
    await page.keyboard.press('u');
    assert.equal(await boxes(page).count(), count);
    await drag([0.5, 0.05], [0.505, 0.052]);
    assert.equal(await boxes(page).count(), count, 'a click draws nothing');
    await boxes(page).first().focus();
    await page.keyboard.press('Delete');
    assert.equal(await boxes(page).count(), count - 1);
    await page.keyboard.press('u');
    assert.equal(await itemOf(page), id);
    assert.equal(await boxes(page).count(), count);
  });
});

test('everything that is dragged has a control that is clicked, on a phone too', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/review', viewport: PHONE }, async (page) => {
    await boxes(page).first().waitFor();
    const before = await boxes(page).count();
    await page.getByTestId('box-add').click();
    assert.equal(await boxes(page).count(), before + 1);
    const left = async () => (await boxes(page).nth(before).boundingBox()).x;
    const x = await left();
    await page.getByRole('button', { name: 'Left', exact: true }).click();
    assert.ok((await left()) < x);
    await page.getByTestId('label-cat').click();
    assert.equal(await boxes(page).nth(before).getAttribute('data-label'), 'cat');
    await page.getByTestId('box-list').getByRole('button').first().click();
    assert.equal(await boxes(page).first().getAttribute('aria-pressed'), 'true', 'one that lies under another can be chosen');
    await page.getByTestId('box-list').getByRole('button').last().click();
    await page.getByTestId('box-remove').click();
    assert.equal(await boxes(page).count(), before);
  });
});

test('what is kept says that faces are made unrecognisable, and only whole numbers within limits are sent', { skip: !HAS_REVIEW }, async () => {
  await withPage({ path: '/review' }, async (page) => {
    const card = page.getByTestId('review-settings');
    await card.getByText('Faces and heads are made unrecognisable before anything is stored').waitFor();
    const { is_on, below_score, per_day_max, keep_days } = await call(page, 'GET', '/review/settings');
    await page.locator('[name=review-days]').fill('0');
    await card.getByTestId('field-error').waitFor();
    assert.ok(await page.getByTestId('review-settings-save').isDisabled());
    await page.locator('[name=review-days]').fill('14');
    await page.getByTestId('review-settings-save').click();
    await page.locator('[data-testid=note]').getByText('Saved').waitFor();
    assert.equal((await call(page, 'GET', '/review/settings')).keep_days, 14);
    await call(page, 'PUT', '/review/settings', { is_on, below_score, per_day_max, keep_days });
  });
});

test('the queue that is off says so, and an empty one says what comes here', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^500 /] }, async (page) => {
    const settings = await call(page, 'GET', '/review/settings');
    const answer = (json) => page.route('**/api/v1/review?*', (route) => route.fulfill(json));
    const none = { items: [], next: null, counts: { waiting: 0, done: 0, skipped: 0 } };
    await answer({ json: { ...none, is_on: false } });
    await page.goto(`${BASE}/review`);
    await page.locator('[data-state=empty]').getByText('The queue is off').waitFor();
    await page.getByText('No picture is done yet').waitFor();
    await page.unroute('**/api/v1/review?*');
    await answer({ json: { ...none, is_on: true } });
    await page.goto(`${BASE}/review`);
    await page.locator('[data-state=empty]').getByText('Nothing waits').waitFor();
    await page.unroute('**/api/v1/review?*');
    await answer({ status: 500, json: { error: { code: 'internal', message: 'Something failed.', id: 'err_5' } } });
    await page.goto(`${BASE}/review`);
    await page.locator('[data-state=error]').getByText('err_5').first().waitFor();
    await page.unroute('**/api/v1/review?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await boxes(page).first().waitFor();
    assert.deepEqual(await call(page, 'GET', '/review/settings'), settings);
  });
});

test('what is done is taken out in two formats, and drift names where the model became unsure', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/review' }, async (page) => {
    for (const format of ['coco', 'yolo']) {
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`export-${format}`).click()]);
      assert.equal(file.suggestedFilename(), `hearthwatch-review-${format}.zip`);
    }
    const states = await page.locator('[data-testid=drift] tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.state));
    assert.deepEqual(states, ['shifted', 'outliers', 'steady', 'insufficient_data']);
    await page.locator('[data-testid=drift] tr[data-state=shifted]').getByText('Drive').waitFor();
  });
});

test('a picture is deleted for good only when nobody wants it back', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/review' }, async (page) => {
    await boxes(page).first().waitFor();
    const id = await itemOf(page);
    await page.getByTestId('review-remove').click();
    await eventually(async () => (await itemOf(page)) !== id, 'the next picture');
    assert.ok(await stored(page, id, 'waiting'));
    await page.getByTestId('undo').click();
    await eventually(async () => (await itemOf(page)) === id, 'back');
    await page.getByTestId('review-remove').click();
    await eventually(async () => (await stored(page, id, 'waiting')) === undefined, 'gone for good', 20_000);
  });
});

test('an account that the hub refuses loses the entry and is told why', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^403 /] }, async (page) => {
    await page.route('**/api/v1/review?*', (route) => route.fulfill({ status: 403, json: { error: { code: 'forbidden', message: 'your account may not do this' } } }));
    await page.goto(`${BASE}/alerts`);
    await page.locator('nav.rail a[href="/review"]').waitFor({ state: 'detached' });
    await page.evaluate(() => history.pushState(null, '', '/review'));
    await page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
    await page.locator('[data-state=denied]').waitFor();
  });
});

test('a picture that cannot be saved stays, with what was changed', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/review', allowed: [/^500 /] }, async (page) => {
    await boxes(page).first().waitFor();
    const id = await itemOf(page);
    await page.route('**/api/v1/review/rev_*', (route) => (route.request().method() === 'PUT' ? route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'Something failed.', id: 'err_6' } } }) : route.continue()));
    await page.keyboard.press('7');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=note][data-state=bad]').getByText('it stays').waitFor();
    assert.equal(await itemOf(page), id);
    assert.equal(await boxes(page).first().getAttribute('data-label'), 'bird');
  });
});
