import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_SEARCH, IS_MOCK, PASSWORD, PHONE, answerTo, call, eventually, fillSignIn, liveCamera, useBrowser, withPage } from './house.mjs';

useBrowser();

const type = async (page, text) => {
  await page.locator('#search-words').fill(text);
  await page.getByTestId('search-go').click();
};

test('words narrow the list, each that was understood is a chip, and taking one out widens it', { skip: !HAS_SEARCH }, async () => {
  await withPage({ path: '/' }, async (page) => {
    const { name } = await liveCamera(page);
    await page.getByTestId('status-line').waitFor();
    await page.keyboard.press('/');
    await page.waitForURL((url) => url.pathname === '/events');
    await eventually(() => page.evaluate(() => document.activeElement?.id === 'search-words'), 'the box has the focus');
    await page.keyboard.type(`${name} zzyzx`);
    const answer = await answerTo(page, /^\/api\/v1\/search\?/, () => page.keyboard.press('Enter'));
    await page.waitForURL((url) => url.searchParams.get('q') === `${name} zzyzx`);
    await page.locator('[data-testid=meaning][data-meaning=camera]', { hasText: name }).waitFor();
    await page.locator('[data-testid=results][data-state=ready]').waitFor();
    if (answer.not_understood.length > 0) await page.getByTestId('not-understood-words').getByText('zzyzx').waitFor();
    assert.equal(await page.getByTestId('results').getByTestId('event-row').count(), answer.items.length);
    await page.reload();
    assert.equal(await page.locator('#search-words').inputValue(), `${name} zzyzx`, 'the address holds the words');
    await page.locator('[data-testid=meaning][data-meaning=camera] [data-testid=meaning-remove]').click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'zzyzx');
    await page.locator('[data-testid=meaning][data-meaning=camera]').waitFor({ state: 'detached' });
  });
});

test('filters hold beside words, and a search that finds nothing says which', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/events?q=person' }, async (page) => {
    await page.locator('[data-testid=results][data-state=ready] [data-testid=event-row]').first().waitFor();
    const camera = await liveCamera(page);
    await page.locator('#filter-camera').selectOption(camera.id);
    await page.waitForURL((url) => url.searchParams.get('q') === 'person' && url.searchParams.get('camera') === camera.id);
    await eventually(async () => (await page.locator('[data-testid=results] .event-where').allInnerTexts()).every((text) => text.includes(camera.name)), 'only this camera');
    await page.getByRole('button', { name: 'System' }).click();
    await page.locator('[data-testid=results] [data-state=empty-filtered]').getByText('person').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForURL((url) => url.pathname === '/events' && url.search === '');
  });
});

test('a row leads to its moment and to what is like it, with why', { skip: !HAS_SEARCH }, async () => {
  await withPage({}, async (page) => {
    const { items } = await answerTo(page, /^\/api\/v1\/search\?/, () => page.goto(`${BASE}/events?q=person`));
    if (!IS_MOCK && items.length === 0) return;
    const row = page.locator('[data-testid=results] [data-testid=event-row]').first();
    await row.getByTestId('row-similar').click();
    await page.locator('[data-testid=similar-panel]').waitFor();
    if (IS_MOCK) {
      await page.getByTestId('similar-row').first().getByText('% alike').waitFor();
      const times = async () => page.locator('[data-testid=similar-panel] h3').allInnerTexts();
      await page.getByTestId('similar-panel').getByRole('radio', { name: 'Later' }).check({ force: true });
      await eventually(async () => !(await times()).includes('Earlier'), 'only later ones');
      await page.getByTestId('similar-panel').getByRole('radio', { name: 'Earlier' }).check({ force: true });
      await eventually(async () => (await times()).join() === 'Earlier', 'only earlier ones');
      await page.getByTestId('similar-row').first().click();
      await page.getByTestId('clip-panel').waitFor();
    }
    await page.keyboard.press('Escape');
    await row.getByTestId('row-moment').click();
    await page.waitForURL(/\/timeline\?t=.*&c=cam_/);
  });
});

test('a question is answered with figures and what they rest on, goes on, and is forgotten when wanted', { skip: !HAS_SEARCH }, async () => {
  await withPage({ path: '/events', allowed: [/^404 \/api\/v1\/conversations\//] }, async (page) => {
    await type(page, 'How many people came yesterday?');
    const answer = page.getByTestId('answer');
    await answer.first().waitFor({ timeout: 20_000 });
    await page.waitForURL((url) => url.searchParams.get('c')?.startsWith('cnv_'));
    const id = new URL(page.url()).searchParams.get('c');
    if (IS_MOCK) {
      await page.locator('[data-testid=answer][data-state=answer] .figure-value').waitFor();
      await page.getByTestId('follow-up').first().click();
      await answer.nth(1).waitFor();
      assert.equal(await page.getByTestId('follow-up').count() > 0 && (await answer.first().getByTestId('follow-up').count()), 0, 'only the last answer can be followed up');
    }
    const { turns } = await call(page, 'GET', `/conversations/${id}`);
    await page.reload();
    await eventually(async () => (await page.getByTestId('kept-turn').count()) === turns.length, 'what was asked is still there, with its answers');
    const line = page.locator('[data-testid=conversation]', { hasText: turns[0].text }).first();
    await line.getByTestId('conversation-delete').click();
    await page.waitForURL((url) => !url.searchParams.has('c'));
    assert.equal((await call(page, 'GET', '/conversations')).conversations.filter((one) => one.id === id).length, 0);
    await page.goto(`${BASE}/events?c=${id}`);
    await page.locator('[data-testid=note][data-state=bad]').waitFor();
    await page.waitForURL((url) => !url.searchParams.has('c'));
  });
});

test('what is asked back and what is not known look different from an answer', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/events', allowed: [/^400 /] }, async (page) => {
    await type(page, 'How many cars?');
    await page.locator('[data-testid=answer][data-state=clarification]').waitFor();
    await page.getByTestId('follow-up').first().click();
    await page.locator('[data-testid=answer][data-state=answer]').waitFor();
    await type(page, 'How is the weather?');
    await page.locator('[data-testid=answer][data-state=nothing_known]').waitFor();
    await page.getByTestId('answer-search').first().click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'car' && !url.searchParams.has('c'));
    await page.route('**/api/v1/questions', (route) => route.fulfill({ status: 400, json: { error: { code: 'question_too_long', message: 'A question has at most 500 characters.', id: 'err_1' } } }));
    await type(page, 'Who came?');
    await page.locator('[data-testid=note][data-state=bad]').getByText('at most 500').waitFor();
    assert.equal(await page.locator('#search-words').inputValue(), 'Who came?', 'what was typed stays');
  });
});

test('a search is saved under a name, opened again and removed with a way back', { skip: !HAS_SEARCH }, async () => {
  await withPage({ path: '/events?q=dog', viewport: PHONE }, async (page) => {
    for (const one of (await call(page, 'GET', '/searches')).searches.filter((row) => row.q === 'dog')) await call(page, 'DELETE', `/searches/${one.id}`);
    await page.reload();
    await page.getByTestId('save-search').click();
    await page.locator('[name=saved-name]').fill('All dogs');
    await page.getByTestId('save-search-submit').click();
    const chip = page.getByTestId('saved-open').filter({ hasText: 'All dogs' });
    await chip.waitFor();
    await page.goto(`${BASE}/events`);
    await chip.click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'dog');
    await page.getByRole('button', { name: 'Remove saved search All dogs' }).click();
    await chip.waitFor({ state: 'detached' });
    await page.getByTestId('undo').click();
    await chip.waitFor();
    await page.getByRole('button', { name: 'Remove saved search All dogs' }).click();
    await eventually(async () => (await call(page, 'GET', '/searches')).searches.every((row) => row.name !== 'All dogs'), 'gone for good', 20_000);
  });
});

test('what is unusual stands with the figures it is compared with, and a forecast only with enough days', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/events' }, async (page) => {
    const spike = page.locator('[data-testid=insight][data-kind=spike]');
    await spike.getByText('usually 0 to 5, mostly 2 (21 days)').waitFor();
    assert.equal(await spike.locator('.figure-value').innerText(), '14');
    await page.getByText('21 days looked at').waitFor();
    await page.locator('[data-testid=forecast][data-state=forecast]').waitFor();
    await page.locator('#filter-camera').selectOption({ label: 'Drive' });
    await page.locator('[data-testid=forecast][data-state=insufficient_data]').getByText('3 of 14').waitFor();
    assert.deepEqual(await page.getByTestId('insight').evaluateAll((rows) => rows.map((row) => row.dataset.kind)), ['spike']);
  });
});

test('a hub that cannot search keeps its list, without a box that would fail', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^404 \/api\/v1\/searches/] }, async (page) => {
    await page.route('**/api/v1/searches', (route) => route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'There is no such thing.' } } }));
    await page.goto(`${BASE}/events?q=dog`);
    await page.getByTestId('event-row').first().waitFor();
    await page.locator('#search-words').waitFor({ state: 'detached' });
    assert.equal(await page.getByTestId('insights').count(), 0);
  });
});

test('rows are walked and opened by keys', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/events?q=person' }, async (page) => {
    await page.locator('[data-testid=results] [data-testid=event-row]').nth(1).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const second = await page.locator('[data-testid=event-row]').nth(1).getAttribute('data-event');
    assert.equal(await page.evaluate(() => document.activeElement?.closest('[data-event]')?.dataset.event), second);
    await page.keyboard.press('Enter');
    await page.getByTestId('clip-panel').waitFor();
  });
});

test('a failed search says so and can be tried again', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^500 /] }, async (page) => {
    await page.route('**/api/v1/search?*', (route) => route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'Something failed.', id: 'err_7' } } }));
    await page.goto(`${BASE}/events?q=dog`);
    await page.locator('[data-testid=results] [data-state=error]').getByText('err_7').waitFor();
    await page.unroute('**/api/v1/search?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[data-testid=results] [data-testid=event-row]').first().waitFor();
  });
});

test('an event is described only where the house lets it, after somebody read what is sent, and as text', { skip: !IS_MOCK }, async () => {
  const model = (change) => ({ is_on: true, url: 'https://models.example/v1', model: 'small-one', may_name_people: false, may_describe_events: true, may_see_pictures: false, key: null, ...change });
  await withPage({ path: '/events?g=activity', allowed: [/^502 /] }, async (page) => {
    const set = (change) => call(page, 'PUT', '/rules/drafting', model(change));
    try {
      await set({ may_describe_events: false });
      await page.reload();
      await page.getByTestId('row-similar').first().waitFor();
      assert.equal(await page.getByTestId('row-describe').count(), 0);
      await set({ may_see_pictures: true });
      await page.reload();
      const asked = [];
      page.on('request', (request) => request.url().endsWith('/description') && asked.push(request.url()));
      await page.getByTestId('row-describe').first().click();
      const dialog = page.getByTestId('describe-dialog');
      await dialog.getByText('models.example is told what, where and when this was, and shown the picture').waitFor();
      assert.equal(asked.length, 0, 'nothing is sent before somebody says so');
      await page.getByTestId('describe-ask').click();
      await page.getByTestId('description').getByText('<b>Nothing else moves.</b>').waitFor();
      await dialog.getByText('Written by small-one, which saw the picture. It may be wrong.').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).last().click();
      await set({ model: 'broken' });
      await page.getByTestId('row-describe').first().click();
      await page.getByTestId('describe-ask').click();
      await page.getByTestId('form-error').getByText('It does not answer.').waitFor();
    } finally {
      await set({ is_on: false, url: '', model: '' });
    }
  });
});

test('an event that is wrong goes into the review queue with what it was; who may not review is not asked', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/events?g=activity' }, async (page) => {
    const before = (await call(page, 'GET', '/review?state=waiting&reason=corrected&limit=50')).items.length;
    await page.getByTestId('row-wrong').first().click();
    await page.getByTestId('wrong-choice').getByRole('radio', { name: 'Bird' }).check({ force: true });
    await page.getByTestId('wrong-send').click();
    await page.locator('[data-testid=note]').getByText('review queue').waitFor();
    const { items } = await call(page, 'GET', '/review?state=waiting&reason=corrected&limit=50');
    assert.equal(items.length, before + 1);
    assert.equal(items[0].boxes[0].label, 'bird');
    await call(page, 'DELETE', `/review/${items[0].id}`);
  });
  await withPage({ path: '/signin', signedIn: false }, async (page) => {
    await fillSignIn(page, 'Ben', PASSWORD);
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto(`${BASE}/events?g=activity`);
    await page.getByTestId('row-similar').first().waitFor();
    assert.equal(await page.getByTestId('row-wrong').count(), 0);
  });
});
