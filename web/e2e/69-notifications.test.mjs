import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_NOTIFICATIONS, IS_MOCK, PASSWORD, call, eventually, fillSignIn, useBrowser, withPage } from './house.mjs';

useBrowser();

const PATH = '/settings/notifications';
const named = (page, kind, name) => page.locator(`[data-testid=${kind}][data-${kind}="${name}"]`);

test('a channel is added, its secret is never shown again, and it stays when the rest changes', { skip: !HAS_NOTIFICATIONS }, async () => {
  await withPage({ path: PATH, allowed: [/^400 \/api\/v1\/notifications/] }, async (page) => {
    await page.getByTestId('channel-add').click();
    await page.locator('#channel-kind').selectOption('ntfy');
    await page.locator('[name=channel-name]').fill('Own ntfy');
    assert.ok(await page.getByTestId('channel-submit').isDisabled(), 'not without an address');
    await page.locator('[name=channel-url]').fill('https://ntfy.example.org');
    await page.locator('[name=channel-secret]').fill('a secret token');
    await page.getByTestId('channel-submit').click();
    await named(page, 'channel', 'Own ntfy').waitFor();
    await named(page, 'channel', 'Own ntfy').getByTestId('channel-edit').click();
    await page.getByText('One is stored, sealed.').waitFor();
    assert.equal(await page.locator('[name=channel-secret]').inputValue(), '');
    const [request] = await Promise.all([page.waitForRequest((one) => one.method() === 'PUT'), page.locator('[name=channel-name]').fill('Our ntfy').then(() => page.getByTestId('channel-submit').click())]);
    assert.ok(!('secret' in request.postDataJSON()));
    await named(page, 'channel', 'Our ntfy').waitFor();
    assert.doesNotMatch(await page.content(), /a secret token/);
    await named(page, 'channel', 'Our ntfy').getByTestId('channel-remove').click();
    await page.getByTestId('confirm').click();
    await named(page, 'channel', 'Our ntfy').waitFor({ state: 'detached' });
    if (IS_MOCK) assert.ok(await named(page, 'channel', 'Family bot').getByTestId('channel-remove').isDisabled(), 'recipients use it');
  });
});

test('a recipient says what goes to whom, how much of it and when not', { skip: !IS_MOCK }, async () => {
  await withPage({ path: PATH, allowed: [/^400 \/api\/v1\/notifications/] }, async (page) => {
    await page.getByTestId('recipient-add').click();
    await page.locator('[name=recipient-name]').fill('Night watch');
    await page.locator('[name=recipient-address]').fill('not a number');
    const person = page.locator('[data-testid=matter-field][data-kind=person]');
    await person.getByRole('checkbox').check();
    await person.locator('summary').click();
    await person.getByRole('button', { name: 'Front door' }).click();
    await page.locator('[data-testid=matter-field][data-kind=incident]').getByRole('combobox').selectOption('warning');
    await page.locator('#recipient-content').selectOption('no_name');
    await page.getByTestId('quiet-add').click();
    await page.getByTestId('recipient-submit').click();
    await page.getByTestId('form-error').getByText('chat id is a number').waitFor();
    await page.locator('[name=recipient-address]').fill('-100200');
    await page.getByTestId('recipient-submit').click();
    const row = named(page, 'recipient', 'Night watch');
    await row.getByText('Known person: Front door').waitFor();
    await row.getByText('quiet 22:00–07:00').waitFor();
    const { recipients } = await call(page, 'GET', '/notifications/recipients');
    const stored = recipients.find((one) => one.name === 'Night watch');
    assert.equal(stored.content, 'no_name');
    assert.deepEqual(stored.matters.map(({ kind, severity, cameras }) => [kind, severity, cameras.length]), [['ring', 'info', 0], ['incident', 'warning', 0], ['person', 'info', 1]]);
    await row.getByTestId('recipient-remove').click();
    await page.getByTestId('confirm').click();
    await row.waitFor({ state: 'detached' });
  });
});

test('a test says how long it took, or why it did not arrive', { skip: !IS_MOCK }, async () => {
  await withPage({ path: PATH }, async (page) => {
    const channel = await call(page, 'POST', '/notifications/channels', { name: 'Broken bot', enabled: true, settings: { kind: 'telegram' }, secret: 'x', private_network: false, certificate_sha256: null });
    const recipient = await call(page, 'POST', '/notifications/recipients', { name: 'Nobody', channel: channel.id, address: '7', matters: [] });
    await page.reload();
    await named(page, 'recipient', 'Ben').getByTestId('recipient-test').click();
    await named(page, 'recipient', 'Ben').getByText('Delivered in 0.4 s.').waitFor();
    await named(page, 'recipient', 'Nobody').getByTestId('recipient-test').click();
    await named(page, 'recipient', 'Nobody').getByText('The service refuses the key. Check the settings of the channel.').waitFor();
    await call(page, 'DELETE', `/notifications/recipients/${recipient.id}`);
    await call(page, 'DELETE', `/notifications/channels/${channel.id}`);
  });
});

test('what could not be delivered is sent again, and what waits is acknowledged', { skip: !IS_MOCK }, async () => {
  await withPage({ path: PATH }, async (page) => {
    await page.getByTestId('deliveries-dead').click();
    await page.getByTestId('replay').click();
    await page.getByTestId('deliveries').getByText('Nothing here.').waitFor();
    await page.getByTestId('deliveries-waiting').click();
    await page.locator('[data-testid=delivery][data-state=waiting]').first().waitFor();
    await page.getByTestId('acknowledge').first().click();
    await page.getByTestId('matters').getByText('Nothing waits for an answer.').waitFor();
  });
});

test('muting is for a while and ends by a click', { skip: !HAS_NOTIFICATIONS }, async () => {
  await withPage({ path: PATH }, async (page) => {
    await page.getByTestId('mute-4').click();
    await page.locator('[data-testid=mute][data-state=on]').waitFor();
    const { until } = await call(page, 'GET', '/notifications/mute');
    assert.ok(Math.abs(Date.parse(until) - Date.now() - 4 * 3_600_000) < 60_000);
    await page.getByTestId('mute-end').click();
    await page.locator('[data-testid=mute][data-state=off]').waitFor();
  });
});

test('steps of escalation are saved only in rising order', { skip: !IS_MOCK }, async () => {
  await withPage({ path: PATH }, async (page) => {
    await page.getByTestId('step-add').click();
    const last = page.getByTestId('step').last();
    await last.getByRole('button', { name: 'Ben' }).click();
    await last.getByRole('spinbutton').fill('2');
    await page.getByText('Each step comes later').waitFor();
    assert.ok(await page.getByTestId('escalation-save').isDisabled());
    await last.getByRole('spinbutton').fill('20');
    await page.getByTestId('escalation-save').click();
    await page.locator('[data-testid=note][data-state=ok]').waitFor();
    assert.deepEqual((await call(page, 'GET', '/notifications/escalation')).steps.map((step) => step.after_seconds), [300, 1200]);
  });
});

test('this browser asks for the permission only on a click, then is told and can be switched off', { skip: !IS_MOCK }, async () => {
  await withPage({ serviceWorkers: 'allow' }, async (page, context) => {
    await context.grantPermissions(['notifications'], { origin: BASE });
    // The relay of the browser's maker is out of reach here: what the browser would answer is put in its place.
    await page.addInitScript(() => {
      globalThis.asked = 0;
      const ask = Notification.requestPermission.bind(Notification);
      Notification.requestPermission = () => {
        globalThis.asked += 1;
        return ask();
      };
      let current = null;
      PushManager.prototype.getSubscription = async () => current;
      PushManager.prototype.subscribe = async ({ applicationServerKey, userVisibleOnly }) => {
        if (!userVisibleOnly || applicationServerKey.byteLength !== 65) throw new TypeError('not so');
        current = { toJSON: () => ({ endpoint: 'https://push.example/abc', expirationTime: null, keys: { p256dh: 'a', auth: 'b' } }), unsubscribe: async () => { current = null; return true; } };
        return current;
      };
    });
    await page.goto(BASE + PATH);
    await page.locator('[data-testid=push][data-state=off]').waitFor({ timeout: 10_000 });
    assert.equal(await page.evaluate(() => globalThis.asked), 0);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 15_000 });
    await page.getByTestId('push-on').click();
    await page.locator('[data-testid=push][data-state=on]').waitFor();
    assert.equal(await page.evaluate(() => globalThis.asked), 1);
    const { subscriptions } = await call(page, 'GET', '/notifications/web-push');
    assert.deepEqual(subscriptions.map(({ content }) => content), ['no_picture']);
    await page.getByTestId('push-remove').click();
    await page.locator('[data-testid=push][data-state=off]').waitFor();
    assert.equal((await call(page, 'GET', '/notifications/web-push')).subscriptions.length, 0);
  });
});

test('a push shows its title and text, and one that is not understood still says something', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/help', serviceWorkers: 'allow' }, async (page, context) => {
    await context.grantPermissions(['notifications'], { origin: BASE });
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 15_000 });
    const devtools = await context.newCDPSession(page);
    const registered = new Promise((resolve) => devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && resolve(registrations[0].registrationId)));
    await devtools.send('ServiceWorker.enable');
    const registrationId = await registered;
    const shown = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url })));
    const deliver = (data) => devtools.send('ServiceWorker.deliverPushMessage', { origin: BASE, registrationId, data });
    await deliver(JSON.stringify({ title: 'Somebody rang', body: 'Front door', tag: 'one', severity: 'info', url: '/visits' }));
    await eventually(async () => (await shown()).length === 1, 'a notification');
    assert.deepEqual(await shown(), [{ title: 'Somebody rang', body: 'Front door', tag: 'one', url: '/visits' }]);
    await deliver(JSON.stringify({ title: 'Anna Novak rang', body: 'Front door', tag: 'one', url: 'https://elsewhere.example' }));
    await eventually(async () => (await shown())[0]?.title === 'Anna Novak rang', 'the same matter is one notification');
    assert.deepEqual((await shown()).map(({ url }) => url), ['/']);
    await deliver('no json');
    await eventually(async () => (await shown()).some(({ title }) => title === 'Hearthwatch'), 'a word in any case');
  });
});

test('somebody who only looks has this browser, and nothing of the house’s channels', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/signin', signedIn: false, allowed: [/^401 /] }, async (page) => {
    await fillSignIn(page, 'Ben', PASSWORD);
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto(BASE + PATH);
    await page.getByTestId('push').waitFor();
    for (const part of ['channels', 'recipients', 'deliveries', 'mute', 'matters']) assert.equal(await page.getByTestId(part).count(), 0, part);
    assert.doesNotMatch(await page.locator('main').innerText(), /Family bot/);
    await page.goto(`${BASE}/people`);
    await page.locator('[data-state=denied]').waitFor();
    await page.goto(`${BASE}/visits`);
    await page.getByTestId('visit').first().waitFor();
    assert.equal(await page.getByTestId('visit-reject').count(), 0);
    assert.equal(await page.getByTestId('visit-delete').count(), 0);
  });
});
