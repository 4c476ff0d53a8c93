import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_RULES, IS_MOCK, PASSWORD, PHONE, call, eventually, fillSignIn, liveCamera, useBrowser, withPage } from './house.mjs';

useBrowser();

const PIN = '246813';
const chip = (page, state) => page.locator(`[data-testid=chip-alarm][data-state=${state}]`);
const usual = (page) => (IS_MOCK ? call(page, 'POST', '/mock/alarm', { action: 'usual' }) : null);
const fault = (page, body) => call(page, 'POST', '/mock/alarm', body);

/** A home mode that is armed at once and watches a camera, and a PIN; on a hub of its own the tests make both. */
async function prepare(page) {
  await usual(page);
  // A test that failed may have left the house armed.
  if (!IS_MOCK && (await call(page, 'GET', '/alarm')).state !== 'disarmed') await call(page, 'PUT', '/alarm/mode', { mode: 'disarmed' });
  const live = await liveCamera(page);
  const settings = (exit) => ({ exit_seconds: exit, entry_seconds: 0, watches: [{ sensor: { camera: live.id }, reaction: 'instant', labels: ['bear'] }] });
  if (!IS_MOCK) await call(page, 'PUT', '/alarm/setup', { settings: { modes: { home: settings(0), away: settings(30) }, siren_seconds: 0, schedule: [] }, sirens: [] });
  await call(page, 'PUT', '/alarm/pins', { holder: 'Tester', pin: PIN });
  await page.reload();
  await chip(page, 'disarmed').waitFor();
}

async function typePin(page, pin) {
  for (const digit of pin) await page.getByTestId('pin-pad').getByRole('button', { name: digit, exact: true }).click();
  await page.getByTestId('pin-submit').click();
}

test('the chip arms in two clicks from any page, and a PIN on the pad disarms', { skip: !HAS_RULES }, async () => {
  for (const viewport of [undefined, PHONE]) {
    await withPage({ path: '/events', viewport, allowed: [/^403 \/api\/v1\/alarm\/pin/] }, async (page) => {
      await prepare(page);
      await page.getByTestId('chip-alarm').click();
      await page.getByTestId('mode-home').click();
      await chip(page, 'armed').waitFor();
      await page.getByTestId('alarm-dialog').waitFor({ state: 'detached' });
      assert.equal(await page.getByTestId('chip-alarm').getAttribute('data-mode'), 'home');
      await page.getByTestId('chip-alarm').click();
      await typePin(page, '999999');
      await page.getByTestId('form-error').getByText(/wrong.*\d/i).waitFor();
      assert.equal(await page.locator('[name=pin]').inputValue(), '', 'a PIN does not stay on the page');
      await typePin(page, PIN);
      await chip(page, 'disarmed').waitFor();
      await page.getByTestId('alarm-dialog').waitFor({ state: 'detached' });
    });
  }
});

test('the time to leave counts down in the header, and Cancel takes it back', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/cameras' }, async (page) => {
    await prepare(page);
    await page.keyboard.press('Shift+A');
    await page.getByTestId('alarm-dialog').getByTestId('mode-away').click();
    // The mock's garage is silent; a house of live cameras is ready.
    if (IS_MOCK) await page.getByTestId('arm-anyway').click();
    await chip(page, 'arming').waitFor();
    const left = async () => {
      const [, minutes, seconds] = /(\d+):(\d\d)/.exec(await page.getByTestId('chip-alarm').innerText()) ?? [];
      return Number(minutes) * 60 + Number(seconds);
    };
    const first = await left();
    await eventually(async () => (await left()) < first, 'seconds go by');
    await page.locator('.header').getByTestId('cancel-arming').click();
    await chip(page, 'disarmed').waitFor();
  });
});

test('what is not ready is named before anything is armed, and can be accepted', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alarm' }, async (page) => {
    await usual(page);
    await fault(page, { action: 'exit', mode: 'away', exit_seconds: 1 });
    await page.getByTestId('mode-away').click();
    await page.getByTestId('not-ready').getByText('Garage sends nothing').waitFor();
    assert.equal((await call(page, 'GET', '/alarm')).state, 'disarmed');
    await page.getByTestId('arm-anyway').click();
    await chip(page, 'armed').waitFor();
    await page.locator('[data-testid=alarm-change][data-change=armed]').first().waitFor();
  });
});

test('an alarm is a red band on every page until somebody ends it', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/' }, async (page) => {
    await prepare(page);
    if (IS_MOCK) await fault(page, { action: 'trigger', by: 'Drive' });
    else await call(page, 'POST', '/alarm/panic', { silent: false });
    await page.getByTestId('alarm-band').waitFor();
    assert.equal(await page.getByTestId('alarm-region').getAttribute('role'), 'alert');
    if (IS_MOCK) {
      await page.getByTestId('alarm-band').getByText('Noticed by Drive.').waitFor();
      const { cameras } = await call(page, 'GET', '/cameras');
      assert.equal(await page.getByTestId('alarm-band').getByRole('link', { name: 'Look' }).getAttribute('href'), `/cameras/${cameras.find((camera) => camera.name === 'Drive').id}`);
    }
    for (const path of ['/events', '/settings/appearance', '/help']) {
      await page.goto(BASE + path);
      await page.getByTestId('alarm-band').waitFor();
      const { width, whole } = await page.getByTestId('alarm-band').evaluate((band) => ({ width: band.clientWidth, whole: band.closest('.body').clientWidth }));
      assert.equal(width, whole, 'from side to side');
    }
    await page.getByTestId('alarm-acknowledge').click();
    await page.locator('[data-testid=alarm-band][data-state=acknowledged]').waitFor();
    assert.equal(await page.getByTestId('alarm-acknowledge').count(), 0);
    await page.getByTestId('alarm-false').click();
    await typePin(page, PIN);
    await page.getByTestId('alarm-band').waitFor({ state: 'detached' });
    await chip(page, 'disarmed').waitFor();
    await page.goto(`${BASE}/alarm`);
    await page.locator('[data-testid=alarm-change][data-change=false_alarm]').first().waitFor();
  });
});

test('who comes in is told how long there is to disarm', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/help' }, async (page) => {
    await prepare(page);
    await fault(page, { action: 'enter', by: 'Front door' });
    await page.getByTestId('alarm-entering').waitFor();
    await chip(page, 'entering').waitFor();
    await page.getByTestId('entering-disarm').click();
    assert.ok(await page.locator('[name=pin]').evaluate((input) => input === document.activeElement), 'the keyboard is ready for digits');
    await page.keyboard.type(PIN);
    await page.keyboard.press('Enter');
    await chip(page, 'disarmed').waitFor();
    assert.equal(await page.getByTestId('alarm-entering').count(), 0);
  });
});

test('on the smallest phone nothing of the alarm pushes the page wide, and arming can be taken back', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/help', viewport: { width: 320, height: 700 } }, async (page) => {
    await prepare(page);
    const wide = async (what) => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, what);
    await page.getByTestId('chip-alarm').click();
    await page.getByTestId('mode-away').click();
    await page.getByTestId('arm-anyway').click();
    await chip(page, 'arming').waitFor();
    await wide('arming');
    await page.getByTestId('arming-band').getByTestId('cancel-arming').click();
    await chip(page, 'disarmed').waitFor();
    await fault(page, { action: 'enter', by: 'Drive' });
    await page.getByTestId('entering-disarm').click();
    await wide('pin pad');
    await page.keyboard.press('Escape');
    await fault(page, { action: 'trigger', by: 'Drive' });
    await page.getByTestId('alarm-band').waitFor();
    await wide('triggered');
    await usual(page);
  });
});

test('wrong PINs lock the pad for a while that is counted down', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alarm', allowed: [/^(403|429) \/api\/v1\/alarm\/pin/] }, async (page) => {
    await prepare(page);
    await page.getByTestId('mode-home').click();
    for (let left = 5; left > 0; left -= 1) {
      await page.locator('[name=pin]').fill('999999');
      await page.getByTestId('pin-submit').click();
      if (left > 1) await page.getByTestId('form-error').getByText(`${left - 1} more tries`).waitFor();
    }
    await page.locator('[data-testid=pin-pad][data-state=locked]').waitFor();
    assert.ok(await page.locator('[name=pin]').isDisabled());
    await page.getByTestId('pin-locked').waitFor();
    await page.locator('[data-testid=pin-pad][data-state=open]').waitFor({ timeout: 10_000 });
    await page.locator('[name=pin]').fill(PIN);
    await page.getByTestId('pin-submit').click();
    await chip(page, 'disarmed').waitFor();
  });
});

test('without a PIN a sign-in disarms, and an old one is proved first', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alarm', allowed: [/^403 \/api\/v1\/alarm\/mode/] }, async (page) => {
    await prepare(page);
    await page.getByTestId('mode-home').click();
    await chip(page, 'armed').waitFor();
    await call(page, 'POST', '/mock/age', {});
    await page.getByTestId('disarm-sign-in').click();
    await page.getByTestId('proof-dialog').locator('[name=password]').fill(PASSWORD);
    await page.getByTestId('proof-submit').click();
    await chip(page, 'disarmed').waitFor();
  });
});

test('a loud call for help is asked for once more; a silent one leaves no sign on the page', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/alarm' }, async (page) => {
    await prepare(page);
    await page.getByTestId('alarm-change').first().waitFor();
    // What the rest of the frame shows comes and goes by itself, and so do ages and whether a camera is ready just now.
    const look = () =>
      page.evaluate(() => {
        const texts = ['main', '[data-testid=chip-alarm]', '[data-testid=alarm-region]', '.notes'].map((part) => {
          const copy = document.querySelector(part)?.cloneNode(true);
          for (const moving of copy?.querySelectorAll('time, [data-testid=not-ready]') ?? []) moving.remove();
          return copy?.textContent ?? '';
        });
        return [...texts, document.title];
      });
    const before = await look();
    await page.getByTestId('panic-page').click();
    await page.getByRole('radio', { name: 'Silent' }).check({ force: true });
    await page.getByTestId('panic-call').click();
    await page.getByTestId('panic-dialog').waitFor({ state: 'detached' });
    await page.waitForTimeout(1_500);
    assert.deepEqual(await look(), before);
    assert.equal(await page.getByTestId('note').count(), 0);
    if (IS_MOCK) assert.equal((await fault(page, {})).calls.at(-1).silent, true);
    await page.getByTestId('panic-page').click();
    assert.ok(await page.getByTestId('panic-dialog').getByRole('button', { name: 'Cancel' }).evaluate((button) => button === document.activeElement), 'nobody calls by accident');
    await page.getByTestId('panic-call').click();
    await page.getByTestId('alarm-band').waitFor();
    await page.getByTestId('alarm-false').click();
    await page.getByTestId('alarm-dialog').locator('[name=pin]').fill(PIN);
    await page.getByTestId('alarm-dialog').getByTestId('pin-submit').click();
    await page.getByTestId('alarm-band').waitFor({ state: 'detached' });
  });
});

test('modes, sensors and the week are a draft until they are saved', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alarm/settings' }, async (page) => {
    await usual(page);
    await page.reload();
    const card = (mode) => page.locator(`[data-testid=mode-card][data-mode=${mode}]`);
    await card('vacation').getByRole('switch').check();
    await card('vacation').locator('[name=exit-vacation]').fill('601');
    await page.getByText('A delay is 0 to 600 seconds.').waitFor();
    assert.ok(await page.getByTestId('alarm-save').isDisabled());
    await card('vacation').locator('[name=exit-vacation]').fill('120');
    await card('vacation').getByTestId('watch-add').selectOption({ label: 'Drive' });
    await card('vacation').getByTestId('watch-labels').click();
    await page.getByRole('checkbox', { name: 'Car' }).check();
    await page.keyboard.press('Escape');
    await card('vacation').getByTestId('watch-reaction').selectOption('delayed');
    await page.getByTestId('mode-change-add').click();
    const change = page.getByTestId('mode-change').last();
    await change.getByRole('button', { name: 'Sunday' }).click();
    await change.locator('input[type=time]').fill('23:15');
    assert.equal((await call(page, 'GET', '/alarm/setup')).settings.modes.vacation, undefined, 'nothing is sent before');
    await page.getByTestId('alarm-save').click();
    await page.getByTestId('alarm-save-bar').waitFor({ state: 'detached' });
    const { settings } = await call(page, 'GET', '/alarm/setup');
    const { exit_seconds: exit, watches } = settings.modes.vacation;
    assert.deepEqual([exit, watches.length, watches[0].reaction, watches[0].labels], [120, 1, 'delayed', ['person', 'car']]);
    const last = settings.schedule.at(-1);
    assert.deepEqual([last.at, last.mode, last.days.length, last.days.includes('sunday')], ['23:15', 'night', 6, false]);
    await page.goto(`${BASE}/alarm`);
    await page.getByTestId('mode-vacation').waitFor();
    await usual(page);
  });
});

test('a PIN goes in and never comes out, and one that is refused says why', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/alarm/pins', allowed: [/^400 \/api\/v1\/alarm\/pins/] }, async (page) => {
    await prepare(page);
    const name = 'Lodger';
    await page.getByTestId('pin-add').click();
    await page.locator('[name=pin-holder]').fill(name);
    await page.locator('[name=new-pin]').fill('1111');
    await page.getByTestId('pin-save').click();
    await page.getByTestId('form-error').waitFor();
    await page.locator('[name=new-pin]').fill('864209');
    await page.getByTestId('pin-dialog').getByRole('switch').check();
    await page.locator('[name=duress-pin]').fill('864209');
    await page.getByText('The two PINs must differ.').waitFor();
    assert.ok(await page.getByTestId('pin-save').isDisabled());
    await page.locator('[name=duress-pin]').fill('864200');
    await page.getByTestId('pin-save').click();
    const row = page.locator(`[data-testid=pin-holder][data-holder="${name}"]`);
    await row.getByText('With a second PIN for duress').waitFor();
    assert.doesNotMatch(await page.content(), /864209|864200/);
    await row.getByTestId('pin-remove').click();
    await page.getByTestId('confirm').click();
    await row.waitFor({ state: 'detached' });
  });
});

test('who only looks sees the alarm and can set nothing', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/signin', signedIn: false, allowed: [/^401 /] }, async (page) => {
    await fillSignIn(page, 'Ben', PASSWORD);
    await page.waitForURL((url) => url.pathname === '/');
    await page.locator('a[data-testid=chip-alarm]').click();
    await page.getByTestId('alarm-state').waitFor();
    for (const part of ['mode-picker', 'panic-page', 'pin-pad']) assert.equal(await page.getByTestId(part).count(), 0, part);
    assert.equal(await page.locator('.tabs').count(), 0);
    await page.getByText('needs the role Operator').waitFor();
    for (const path of ['/alarm/settings', '/alarm/pins', '/rules', '/rules/new']) {
      await page.goto(BASE + path);
      await page.locator('[data-state=denied]').waitFor();
    }
  });
});
