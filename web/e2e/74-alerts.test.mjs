import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_ALERTS, IS_MOCK, PASSWORD, PHONE, call, eventually, fillSignIn, still, useBrowser, withPage } from './house.mjs';

useBrowser();

const rows = (page) => page.getByTestId('alert-row');

test('open alerts are shown first, others by their state, and the oldest first when wanted', { skip: !HAS_ALERTS }, async () => {
  await withPage({ path: '/alerts?state=all' }, async (page) => {
    // Incidents may be opened at any time: the hub is asked anew, and only what both lists have is compared.
    await eventually(async () => (await call(page, 'GET', '/incidents')).incidents.length === (await rows(page).count()), 'all of them');
    const order = () => rows(page).evaluateAll((list) => list.map((row) => row.dataset.incident));
    const newest = await order();
    await page.getByTestId('oldest-first').click();
    await page.waitForURL((url) => url.searchParams.get('order') === 'oldest');
    await still(page);
    assert.deepEqual((await order()).filter((id) => newest.includes(id)), [...newest].reverse());
    await page.getByTestId('alerts-open').click();
    await page.waitForURL((url) => !url.searchParams.has('state'));
    const states = await rows(page).evaluateAll((list) => [...new Set(list.map((row) => row.dataset.state))]);
    assert.ok(states.every((state) => state === 'open'));
    const texts = await rows(page).evaluateAll((list) => list.map((row) => row.querySelector('a')?.innerText.split('\n')[0]));
    assert.ok(texts.every((text) => /^(Critical|Warning|Info)$/.test(text)), 'the severity stands first');
  });
});

test('an alert shows what cameras saw with the way to each moment, who was told, and what happened to it', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alerts?about=safety' }, async (page) => {
    await rows(page).first().getByText('Drive').waitFor();
    await rows(page).first().locator('a').click();
    await page.locator('[data-testid=incident][data-state=open]').waitFor();
    assert.ok((await page.getByTestId('evidence-row').count()) >= 2);
    await page.getByTestId('told').getByText('Anna').waitFor();
    await page.getByTestId('told').getByText('Waiting').waitFor();
    await page.getByText(/in \d+ min, unless acknowledged/).waitFor();
    await page.getByTestId('steps').getByText('A person at Drive').waitFor();
    await page.getByTestId('evidence-row').first().getByRole('link').click();
    await page.waitForURL(/\/timeline\?t=.*&c=cam_/);
  });
});

test('a new alert arrives by itself; while somebody is in the list it waits', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alerts' }, async (page) => {
    await rows(page).first().waitFor();
    const before = await rows(page).count();
    await page.mouse.move(5, 5);
    const first = await call(page, 'POST', '/mock/incident', {});
    await page.locator(`[data-incident="${first.id}"]`).waitFor();
    await rows(page).first().locator('a').focus();
    const second = await call(page, 'POST', '/mock/incident', {});
    await page.getByTestId('new-rows').waitFor();
    assert.equal(await rows(page).count(), before + 1);
    await page.getByTestId('new-rows').click();
    await page.locator(`[data-incident="${second.id}"]`).waitFor();
    for (const one of [first, second]) await call(page, 'POST', `/incidents/${one.id}/resolve`, { text: 'Test.' });
  });
});

test('rows are walked and chosen by keys, and only the chosen are acknowledged', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alerts' }, async (page) => {
    const made = [await call(page, 'POST', '/mock/incident', {}), await call(page, 'POST', '/mock/incident', {})];
    for (const one of made) await page.locator(`[data-incident="${one.id}"]`).waitFor();
    await page.keyboard.press('ArrowDown');
    const focused = () => page.evaluate(() => document.activeElement?.closest('[data-incident]')?.dataset.incident ?? null);
    const first = await focused();
    assert.ok(first);
    await page.keyboard.press('Space');
    await page.locator(`[data-incident="${first}"] input:checked`).waitFor();
    await page.keyboard.press('ArrowDown');
    assert.notEqual(await focused(), first);
    await page.getByTestId('acknowledge-all').getByText('Acknowledge 1 chosen').waitFor();
    await page.getByTestId('acknowledge-all').click();
    await page.locator('[data-testid=note]').getByText('1 alert acknowledged').waitFor();
    assert.equal((await call(page, 'GET', `/incidents/${first}`)).state, 'acknowledged');
    const other = made.find((one) => one.id !== first);
    assert.equal((await call(page, 'GET', `/incidents/${other.id}`)).state, 'open');
    for (const one of made) await call(page, 'POST', `/incidents/${one.id}/resolve`, { text: 'Test.' });
  });
});

test('all that are shown are acknowledged at the end of the list, and what was settled meanwhile is told', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alerts?severity=warning', viewport: PHONE }, async (page) => {
    const made = [await call(page, 'POST', '/mock/incident', {}), await call(page, 'POST', '/mock/incident', {})];
    for (const one of made) await page.locator(`[data-incident="${one.id}"]`).waitFor();
    const untouched = (await call(page, 'GET', '/incidents?severity=critical&state=open')).incidents.length;
    await page.route('**/api/v1/incidents/acknowledge', async (route) => {
      const { incidents } = route.request().postDataJSON();
      const response = await route.fetch();
      const answer = await response.json();
      await route.fulfill({ response, json: { acknowledged: answer.acknowledged.slice(1), not: [{ incident: incidents[0], code: 'incident_resolved' }] } });
    });
    await page.getByTestId('acknowledge-all').getByText('Acknowledge all 2 shown').waitFor();
    await page.getByTestId('acknowledge-all').click();
    await page.locator('[data-testid=note]').getByText('resolved already').waitFor();
    assert.equal((await call(page, 'GET', '/incidents?severity=critical&state=open')).incidents.length, untouched, 'what is not shown is not acknowledged');
    for (const one of made) await call(page, 'POST', `/incidents/${one.id}/resolve`, { text: 'Test.' });
  });
});

test('nothing open, nothing that fits and nothing ever are three different things', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^500 /] }, async (page) => {
    const { incidents } = await call(page, 'GET', '/incidents');
    const answer = (list) => page.route('**/api/v1/incidents', (route) => route.fulfill({ json: { incidents: list } }));
    await answer(incidents.filter((one) => one.state === 'resolved'));
    await page.goto(`${BASE}/alerts`);
    await page.locator('[data-state=empty]').getByText(/Nothing open\. Last alert \d+ \w+/).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await rows(page).first().waitFor();
    await page.goto(`${BASE}/alerts?severity=critical`);
    await page.locator('[data-state=empty-filtered]').waitFor();
    await page.unroute('**/api/v1/incidents');
    await answer([]);
    await page.goto(`${BASE}/alerts`);
    await page.locator('[data-state=empty]').getByText('No incident so far').waitFor();
    await page.unroute('**/api/v1/incidents');
    await page.route('**/api/v1/incidents', (route) => route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'Something failed.', id: 'err_8' } } }));
    await page.goto(`${BASE}/alerts`);
    await page.locator('[data-state=error]').getByText('err_8').waitFor();
    await page.unroute('**/api/v1/incidents');
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows(page).first().waitFor();
  });
});

test('a viewer sees alerts and settles none', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/signin', signedIn: false }, async (page) => {
    await fillSignIn(page, 'Ben', PASSWORD);
    await page.waitForURL((url) => url.pathname === '/');
    await page.getByTestId('chip-alerts').click();
    await rows(page).first().waitFor();
    assert.equal(await page.getByTestId('acknowledge-all').count(), 0);
    assert.equal(await page.getByTestId('alert-choose').count(), 0);
    await rows(page).first().locator('a').click();
    await page.getByTestId('steps').waitFor();
    for (const control of ['acknowledge', 'resolve', 'note-form', 'incident-export']) assert.equal(await page.getByTestId(control).count(), 0, control);
  });
});
