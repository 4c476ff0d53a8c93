import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_IDENTITY, IS_MOCK, PASSWORD, answerTo, call, eventually, fillSignIn, useBrowser, withPage } from './house.mjs';

useBrowser();

test('the promises page shows exactly what the hub’s checks say, the broken ones first', async () => {
  await withPage({}, async (page) => {
    const { checks } = await answerTo(page, /^\/api\/v1\/doctor$/, () => page.goto(`${BASE}/security/promises`));
    await page.getByTestId('check').first().waitFor();
    const rows = page.getByTestId('check');
    assert.equal(await rows.count(), checks.length);
    const states = await rows.evaluateAll((list) => list.map((row) => row.dataset.state));
    const rank = { failed: 0, skipped: 1, ok: 2 };
    assert.deepEqual(states, [...states].sort((a, b) => rank[a] - rank[b]));
    for (const check of checks) await page.locator('[data-testid=check]', { hasText: check.title }).first().waitFor();
  });
});

test('when a part cannot be told the page says so, and the other parts stay', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^500 /] }, async (page) => {
    await page.route('**/api/v1/doctor', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify({ error: { code: 'internal', message: 'Something failed.', id: 'err_1' } }) }));
    await page.goto(`${BASE}/security`);
    await page.locator('[data-testid=needs] [data-state=error]').getByText('err_1').waitFor();
    await page.locator('[data-testid=vault] dl').waitFor();
    assert.doesNotMatch(await page.getByTestId('needs').innerText(), /kept/i);
  });
});

test('an incident is acknowledged, noted, resolved and saved, and its time line says by whom', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    await page.getByTestId('status-line').waitFor();
    const { incidents: before } = await call(page, 'GET', '/incidents?state=open');
    const incident = await call(page, 'POST', '/mock/incident', {});
    await page.getByTestId('chip-alerts').getByText(`${before.length + 1} alert`).waitFor();
    await page.getByTestId('chip-alerts').click();
    await page.locator(`[data-testid=alert-row] a[href$="${incident.id}"]`).click();
    await page.locator('[data-testid=incident][data-state=open]').waitFor();
    await page.getByTestId('acknowledge').click();
    await page.locator('[data-testid=incident][data-state=acknowledged]').waitFor();
    await page.getByTestId('note-form').getByRole('textbox').fill('It was the new phone.');
    await page.getByTestId('note-add').click();
    await page.getByTestId('steps').getByText('It was the new phone.').waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('incident-export').click()]);
    const chunks = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk);
    assert.ok(JSON.parse(Buffer.concat(chunks)).audit.length > 0);
    await page.getByTestId('note-form').getByRole('textbox').fill('Ordinary.');
    await page.getByTestId('resolve').click();
    await page.locator('[data-testid=incident][data-state=resolved]').waitFor();
    assert.match(await page.getByTestId('steps').innerText(), /Resolved · Anna/);
    await eventually(async () => (await page.getByTestId('chip-alerts').innerText()).startsWith(before.length === 0 ? 'Alerts' : `${before.length} alert`), 'the count in the header is right again');
  });
});

test('the audit log is filtered by party and result, and the address can be shared', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/security/audit?result=denied' }, async (page) => {
    const rows = page.getByTestId('audit-row');
    await rows.first().waitFor();
    const states = await rows.evaluateAll((list) => [...new Set(list.map((row) => row.dataset.state))]);
    assert.deepEqual(states, ['denied']);
    await page.locator('[data-testid=audit-row]', { hasText: 'Ben' }).first().getByRole('button', { name: 'Ben' }).click();
    await page.waitForURL((url) => url.searchParams.get('who') === 'Ben' && url.searchParams.get('result') === 'denied');
    await eventually(async () => (await rows.allInnerTexts()).every((text) => text.includes('Ben')), 'only Ben’s entries');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('audit-export').click()]);
    assert.equal(file.suggestedFilename(), 'hearthwatch-audit.ndjson');
    await page.getByLabel('From').fill('soon');
    await page.keyboard.press('Tab');
    await page.getByText('This is not a time').waitFor();
    await page.getByLabel('From').fill('-1h');
    await page.keyboard.press('Tab');
    await page.waitForURL((url) => url.searchParams.has('from'));
  });
});

test('whoever watches is named in the header', { skip: !HAS_IDENTITY }, async () => {
  await withPage({}, async (page) => {
    await page.locator('[data-testid=live-view][data-state=live]').first().waitFor();
    await page.getByTestId('chip-watching').click();
    await page.locator('#watchers li').first().waitFor();
    assert.match(await page.locator('#watchers').innerText(), /you/);
  });
});

test('a viewer sees neither the security centre nor exports, and asks for nothing it may not have', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/signin', signedIn: false }, async (page) => {
    await fillSignIn(page, 'Ben', PASSWORD);
    await page.waitForURL((url) => url.pathname === '/');
    for (const entry of ['/visits', '/climate', '/alarm']) await page.locator(`nav.rail a[href="${entry}"]`).waitFor();
    const entries = await page.locator('nav.rail a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.equal(await page.getByTestId('chip-privacy').count(), 0);
    assert.deepEqual(entries, ['/', '/', '/cameras', '/timeline', '/visits', '/energy', '/climate', '/alarm', '/settings', '/help']);
    await page.goto(`${BASE}/timeline`);
    await page.getByTestId('clock').waitFor();
    assert.equal(await page.getByTestId('export-open').count(), 0);
    assert.equal(await page.getByTestId('hold').count(), 0);
    await page.goto(`${BASE}/account/tokens`);
    await page.getByTestId('not-found').waitFor();
    for (const path of ['/security', '/security/audit', '/settings/users/usr_1', '/exports', '/devices', '/devices/add', '/devices/dev_1', '/rules', '/alarm/settings', '/assistant', '/review']) {
      await page.goto(BASE + path);
      await page.locator('[data-state=denied]').waitFor();
    }
  });
});
