import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_ASSISTANT, IS_MOCK, PASSWORD, PHONE, call, eventually, fillSignIn, useBrowser, withPage } from './house.mjs';

useBrowser();

async function forget(page, name) {
  for (const row of (await call(page, 'GET', '/tokens')).tokens.filter((one) => one.name === name)) await call(page, 'DELETE', `/tokens/${row.id}`);
}

const card = (page, approval) => page.locator(`[data-approval="${approval.id}"]`);

test('a new access only looks unless more is chosen; its token is shown once, ready to be put into a program', { skip: !HAS_ASSISTANT }, async () => {
  await withPage({ path: '/assistant' }, async (page) => {
    await page.getByTestId('access-new').waitFor();
    await forget(page, 'Test desk');
    await page.getByTestId('access-new').click();
    await page.locator('[name=access-name]').fill('Test desk');
    await page.locator('[name=access-until]').fill('2099-01-01');
    await page.getByTestId('field-error').getByText('90 days').waitFor();
    assert.ok(await page.getByTestId('access-submit').isDisabled());
    const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    await page.locator('[name=access-until]').fill(day);
    await page.locator('[name=access-calls]').fill('0');
    await page.getByTestId('field-error').waitFor();
    await page.locator('[name=access-calls]').fill('25');
    await page.getByTestId('access-submit').click();
    const proof = page.locator('dialog input[type=password]');
    await Promise.race([proof.waitFor(), page.getByTestId('snippet').waitFor()]);
    if (await proof.count()) {
      await proof.fill(process.env.HEARTHWATCH_PASSWORD ?? PASSWORD);
      await page.keyboard.press('Enter');
    }
    const stdio = JSON.parse(await page.getByTestId('snippet').innerText()).mcpServers.hearthwatch;
    assert.equal(stdio.command, 'hearthwatch');
    const secret = stdio.env.HEARTHWATCH_TOKEN;
    assert.ok(secret.length > 20);
    await page.getByTestId('snippet-transport').getByRole('radio', { name: 'HTTP' }).check({ force: true });
    const http = JSON.parse(await page.getByTestId('snippet').innerText()).mcpServers.hearthwatch;
    assert.match(http.url, /\/mcp\?mode=read$/);
    assert.equal(http.headers.Authorization, `Bearer ${secret}`);
    await page.getByTestId('snippet-close').click();
    assert.ok(!(await page.content()).includes(secret), 'shown once');
    const row = page.locator('[data-testid=access-row][data-name="Test desk"]');
    await row.getByText('only look').waitFor();
    const { access, tools } = await call(page, 'GET', '/assistant');
    const made = access.find((one) => one.name === 'Test desk');
    const looking = new Set(tools.filter((tool) => tool.effect === 'looks').map((tool) => tool.action));
    assert.ok(made.actions.length > 0 && made.actions.every((action) => looking.has(action)));
    assert.equal(made.calls_per_day, 25);
    assert.equal(made.asks, 'always');
    await row.getByTestId('access-revoke').click();
    await page.getByTestId('confirm').click();
    await row.waitFor({ state: 'detached' });
    assert.equal((await call(page, 'GET', '/tokens')).tokens.filter((one) => one.name === 'Test desk').length, 0);
  });
});

/** One message of an assistant with this token; its session, and what was answered. */
const message = (page, secret, session, method, params) =>
  page.evaluate(
    async ([token, id, body]) => {
      const headers = { authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...(id ? { 'mcp-session-id': id } : {}) };
      const answer = await fetch('/mcp', { method: 'POST', credentials: 'omit', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }) });
      return { session: answer.headers.get('mcp-session-id'), result: (await answer.json()).result };
    },
    [secret, session, { method, params }],
  );

test('what an assistant wants to change waits on every page until a person says yes', { skip: IS_MOCK || !HAS_ASSISTANT }, async () => {
  await withPage({ path: '/system' }, async (page) => {
    await forget(page, 'Waiting desk');
    const actions = ['list_cameras', 'playback', 'manage_holds'];
    const { secret } = await call(page, 'POST', '/tokens', { name: 'Waiting desk', scope: { actions } });
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const { session } = await message(page, secret, null, 'initialize', hello);
    const [{ id: camera }] = (await call(page, 'GET', '/cameras')).cameras;
    const time = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const held = () => call(page, 'GET', '/holds').then(({ holds }) => holds.filter((hold) => hold.reason === 'An assistant asked'));
    const hold = { camera, from: time(-2), to: time(-1), reason: 'An assistant asked' };
    const asked = message(page, secret, session, 'tools/call', { name: 'hold_add', arguments: hold });
    await page.getByTestId('approval-band').getByText('An assistant asked').waitFor();
    assert.deepEqual(await held(), [], 'nothing is done yet');
    await page.getByTestId('approve-once').click();
    const { result } = await asked;
    assert.equal(result.isError, false, JSON.stringify(result));
    await page.getByTestId('approval-band').waitFor({ state: 'detached' });
    for (const { id } of await held()) await call(page, 'DELETE', `/holds/${id}`);
    const again = message(page, secret, session, 'tools/call', { name: 'hold_add', arguments: hold });
    await page.getByTestId('approve-deny').click();
    assert.equal((await again).result.isError, true);
    assert.deepEqual(await held(), []);
    await forget(page, 'Waiting desk');
  });
});

test('what waits shows on every page with the exact call, and an answer there is final', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/climate', viewport: PHONE }, async (page) => {
    const approval = await call(page, 'POST', '/mock/approval', {});
    await page.getByTestId('approval-band').waitFor();
    await card(page, approval).getByText('device_set(control="power", device="Heater", value=true)').waitFor();
    assert.match(await card(page, approval).getByTestId('approval-left').innerText(), /^\d+ s left$/);
    await card(page, approval).getByTestId('approve-deny').click();
    await page.getByTestId('approval-band').waitFor({ state: 'detached' });
    const { approvals, calls } = await call(page, 'GET', '/assistant');
    assert.deepEqual([approvals.length, calls[0].outcome], [0, 'denied']);
  });
});

test('once is once; an hour is shown with its end; nothing lasts longer', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/assistant' }, async (page) => {
    const granted = async () => (await call(page, 'GET', '/assistant')).access.flatMap((one) => one.allowed_until).length;
    const before = await granted();
    const first = await call(page, 'POST', '/mock/approval', {});
    await card(page, first).getByTestId('approve-once').click();
    await card(page, first).waitFor({ state: 'detached' });
    assert.equal(await granted(), before);
    await page.locator('[data-testid=call][data-state=done]').first().waitFor();
    const second = await call(page, 'POST', '/mock/approval', {});
    await card(page, second).getByTestId('approve-hour').click();
    await page.getByText(/device_set allowed until \d\d:\d\d/).first().waitFor();
    assert.equal(await granted(), before + 1);
  });
});

test('without an answer it counts down to nothing and leaves; an answer that comes too late is told', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/assistant', allowed: [/^404 \/api\/v1\/assistant\/approvals/] }, async (page) => {
    const short = await call(page, 'POST', '/mock/approval', { ms: 4_000 });
    await card(page, short).waitFor();
    await card(page, short).waitFor({ state: 'detached', timeout: 15_000 });
    await page.locator('[data-testid=call][data-state=expired]').first().waitFor();
    const late = await call(page, 'POST', '/mock/approval', {});
    await card(page, late).waitFor();
    await page.route('**/api/v1/assistant', (route) => route.abort());
    await call(page, 'POST', `/assistant/approvals/${late.id}`, { answer: 'deny' });
    await page.unroute('**/api/v1/assistant');
    await page.route('**/api/v1/assistant/approvals/*', (route) => route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'It has expired, or somebody else answered.' } } }));
    const still = await call(page, 'POST', '/mock/approval', {});
    await card(page, still).getByTestId('approve-once').click();
    await page.locator('[data-testid=note][data-state=bad]').getByText('It waits no more').waitFor();
    await page.unroute('**/api/v1/assistant/approvals/*');
    await call(page, 'POST', `/assistant/approvals/${still.id}`, { answer: 'deny' });
  });
});

test('all assistants are paused and go on', { skip: !HAS_ASSISTANT }, async () => {
  await withPage({ path: '/assistant' }, async (page) => {
    await page.getByTestId('assistant-pause').click();
    await page.getByTestId('assistant-paused').waitFor();
    assert.equal((await call(page, 'GET', '/assistant')).is_paused, true);
    await page.getByTestId('assistant-pause').click();
    await page.getByTestId('assistant-paused').waitFor({ state: 'detached' });
    assert.equal((await call(page, 'GET', '/assistant')).is_paused, false);
  });
});

test('nobody has access, or the hub does not say: the page tells which', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^500 /, /^404 \/api\/v1\/assistant/] }, async (page) => {
    const answer = (response) => page.route('**/api/v1/assistant', (route) => route.fulfill(response));
    await answer({ json: { is_paused: false, tools: [], approvals: [], calls: [], access: [] } });
    await page.goto(`${BASE}/assistant`);
    await page.locator('[data-state=empty]').getByText('No assistant has access').waitFor();
    await page.unroute('**/api/v1/assistant');
    await answer({ status: 500, json: { error: { code: 'internal', message: 'Something failed.', id: 'err_9' } } });
    await page.goto(`${BASE}/assistant`);
    await page.locator('[data-state=error]').getByText('err_9').waitFor();
    await page.unroute('**/api/v1/assistant');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('access').waitFor();
    await answer({ status: 404, json: { error: { code: 'not_found', message: 'There is no such thing.' } } });
    await page.goto(`${BASE}/assistant`);
    await page.getByTestId('not-in-hub').waitFor();
    await page.locator('nav.rail a[href="/assistant"]').waitFor({ state: 'detached' });
  });
});

test('who is no administrator is asked nothing and asks nothing', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/signin', signedIn: false }, async (page) => {
    await fillSignIn(page, 'Ben', PASSWORD);
    await page.waitForURL((url) => url.pathname === '/');
    let asked = 0;
    page.on('request', (request) => {
      if (/\/api\/v1\/(assistant|review)/.test(request.url())) asked += 1;
    });
    const approval = await (await fetch(`${BASE}/api/v1/mock/approval`, { method: 'POST', body: '{"ms":4000}' })).json();
    await page.goto(`${BASE}/climate`);
    await page.waitForTimeout(4_000);
    assert.equal(await card(page, approval).count(), 0);
    assert.equal(asked, 0);
    await eventually(async () => (await page.locator('nav.rail a').count()) > 0 && (await page.locator('nav.rail a[href="/assistant"], nav.rail a[href="/review"]').count()) === 0, 'no entry');
  });
});
