import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { BASE, HAS_NOTIFICATIONS, HAS_WATCH_LIST, IS_MOCK, PASSWORD, call, eventually, fillSignIn, settled, useBrowser, withPage } from './house.mjs';

useBrowser();

const PATH = '/people/watch-list';
const FACES = process.env.HEARTHWATCH_FACES || null;
const HAS_PHOTOS = IS_MOCK || (HAS_WATCH_LIST && FACES !== null);
const HOSTILE = '<img src=x onerror=globalThis.hacked=1>';
const DAY_MS = 86_400_000;

const list = (page) => call(page, 'GET', '/watch-list');
const card = (page, person) => page.locator(`[data-testid=watched-person][data-watched="${person.id}"]`);
const waits = (page, visit) => page.locator(`[data-testid=waiting-face][data-visit="${visit.id}"]`);
const comparing = (page, state) => page.locator(`[data-testid=compare][data-state=${state}]`);
const theSwitch = (page) => page.getByRole('switch', { name: 'Compare faces with the watch list' });
const listNow = async (page, name) => (await list(page)).people.find((person) => person.name === name);

async function prove(page) {
  await page.getByTestId('proof-dialog').locator('input[name=password]').fill(PASSWORD);
  await page.getByTestId('proof-submit').click();
  await page.getByTestId('proof-dialog').waitFor({ state: 'detached' });
}

/** Sets something as it was before a test. */
async function put(page, settings) {
  await call(page, 'POST', '/session/confirm', { password: PASSWORD });
  await call(page, 'PUT', '/watch-list/settings', settings);
}

const added = (page, name) => call(page, 'POST', '/watch-list/people', { name, reason: 'A test.', ends_at: new Date(Date.now() + 5 * DAY_MS).toISOString() });
const forget = (page, person) => call(page, 'DELETE', `/watch-list/people/${person.id}`);

/** A photo: from the folder of the tests, or a picture that tells the mock what it would find in it. */
async function photo(page, name, found) {
  if (!IS_MOCK) return join(FACES, `${name}.jpg`);
  const path = join(mkdtempSync(join(tmpdir(), 'hearthwatch-photo-')), `${name}.jpg`);
  const { cameras } = await call(page, 'GET', '/cameras');
  const bytes = await page.evaluate(async (camera) => [...new Uint8Array(await (await fetch(`/api/v1/cameras/${camera}/snapshot.jpg`)).arrayBuffer())], cameras[0].id);
  writeFileSync(path, Buffer.concat([Buffer.from(bytes), Buffer.from(`hearthwatch-test:${JSON.stringify(found)}`)]));
  return path;
}

test('comparing is off until somebody proves who they are and switches it on, and off again', { skip: !HAS_WATCH_LIST }, async () => {
  await withPage({ allowed: [/^403 \/api\/v1\/watch-list/] }, async (page) => {
    const { settings } = await list(page);
    try {
      await put(page, { ...settings, is_on: false });
      // On a hub the sign-in of a test is fresh, and nothing more is asked.
      if (IS_MOCK) await call(page, 'POST', '/mock/age');
      await page.goto(BASE + PATH);
      await comparing(page, 'off').getByText('did not agree to be recognised').waitFor();
      await comparing(page, 'off').getByText('law of your country').waitFor();
      await theSwitch(page).click();
      if (IS_MOCK) {
        await page.getByTestId('proof-dialog').getByRole('button', { name: 'Cancel' }).click();
        await page.getByTestId('proof-dialog').waitFor({ state: 'detached' });
        await page.getByText('Off. Nobody is compared').waitFor();
        assert.equal(await theSwitch(page).isChecked(), false);
        assert.equal((await list(page)).settings.is_on, false);
        await theSwitch(page).click();
        await prove(page);
      }
      await comparing(page, 'on').waitFor();
      assert.deepEqual((await list(page)).settings, { ...settings, is_on: true });
      await theSwitch(page).click();
      await comparing(page, 'off').waitFor();
      assert.equal((await list(page)).settings.is_on, false);
    } finally {
      await put(page, settings);
    }
  });
});

test('somebody is put on the list with a reason and an end, changed, and taken off again', { skip: !HAS_WATCH_LIST }, async () => {
  await withPage({ path: '/people' }, async (page) => {
    await page.getByTestId('people-watch-list').click();
    await page.getByTestId('watched-add').click();
    const days = (await page.locator('[name=watched-until]').inputValue().then(Date.parse)) - Date.now();
    assert.ok(Math.abs(days / DAY_MS - 90) < 2, `${days / DAY_MS} days ahead`);
    await page.locator('[name=watched-name]').fill('Walter Test');
    assert.ok(await page.getByTestId('watched-submit').isDisabled(), 'not without a reason');
    await page.locator('[name=watched-reason]').fill('Came over the fence.');
    await page.locator('[name=watched-until]').fill(new Date(Date.now() + 400 * DAY_MS).toISOString().slice(0, 10));
    await page.getByTestId('field-error').waitFor();
    assert.ok(await page.getByTestId('watched-submit').isDisabled(), 'a year ahead at most');
    const end = new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10);
    await page.locator('[name=watched-until]').fill(end);
    await page.getByTestId('watched-submit').click();
    await page.getByTestId('watched-dialog').waitFor({ state: 'detached' });
    const person = await eventually(() => listNow(page, 'Walter Test'), 'on the list');
    try {
      assert.deepEqual([person.reason, person.source.kind, person.faces], ['Came over the fence.', 'house', []]);
      assert.ok(Math.abs(Date.parse(person.ends_at) - Date.parse(`${end}T23:59:59Z`)) < DAY_MS, person.ends_at);
      await card(page, person).getByText('nobody is compared with them').waitFor();
      await card(page, person).getByTestId('watched-change').click();
      assert.equal(await page.locator('[name=watched-until]').inputValue(), end);
      await page.locator('[name=watched-reason]').fill('Came over the fence twice.');
      await page.getByTestId('watched-submit').click();
      await card(page, person).getByText('Came over the fence twice.').waitFor();
      assert.equal((await listNow(page, 'Walter Test')).reason, 'Came over the fence twice.');
      await card(page, person).getByTestId('watched-remove').click();
      await eventually(() => page.evaluate(() => document.activeElement?.textContent === 'Cancel'), 'the question begins on Cancel');
      await page.getByTestId('confirm').click();
      await card(page, person).waitFor({ state: 'detached' });
      assert.equal(await listNow(page, 'Walter Test'), undefined);
      await eventually(() => page.evaluate(() => document.activeElement?.id === 'watched'), 'the heading has the focus');
    } finally {
      if (await listNow(page, 'Walter Test')) await forget(page, person);
    }
  });
});

test('a photo is refused with its flaw, several faces ask which, and a view goes with undo', { skip: !HAS_PHOTOS }, async () => {
  await withPage({ path: PATH, allowed: [/^422 \/api\/v1\/watch-list\//] }, async (page) => {
    if (!(await call(page, 'GET', '/faces')).available) return;
    const person = await added(page, 'Xaver Test');
    try {
      await page.reload();
      await card(page, person).getByTestId('watched-photo').click();
      await page.getByTestId('photo-file').setInputFiles(await photo(page, 'none', { faces: 0 }));
      await page.getByTestId('form-error').getByText('no face').waitFor();
      await page.getByTestId('photo-file').setInputFiles(await photo(page, 'two', { faces: 2 }));
      await page.getByTestId('face-choose').first().waitFor();
      assert.equal(await page.getByTestId('face-choose').count(), 2);
      await page.getByTestId('face-choose').first().click();
      await page.getByTestId('photo-dialog').waitFor({ state: 'detached' });
      await card(page, person).getByTestId('sample').waitFor();
      assert.equal((await listNow(page, 'Xaver Test')).faces.length, 1);
      await card(page, person).locator('.sample-remove').click();
      await card(page, person).getByText('nobody is compared with them').waitFor();
      assert.equal((await listNow(page, 'Xaver Test')).faces.length, 1, 'not before it can be taken back no more');
      await page.getByTestId('undo').click();
      await card(page, person).getByTestId('sample').waitFor();
    } finally {
      await forget(page, person);
    }
  });
});

test('a face is taken from a visit, and only strangers are offered', { skip: !IS_MOCK }, async () => {
  await withPage({ path: PATH }, async (page) => {
    const person = await added(page, 'Yara Test');
    try {
      await page.reload();
      await card(page, person).getByTestId('watched-visit').click();
      await page.getByTestId('visit-choice').first().waitFor();
      const names = await page.getByTestId('visit-choice').locator('.strong').allInnerTexts();
      assert.ok(names.every((name) => !/Novak/.test(name)), names.join());
      await page.getByTestId('visit-choice').first().click();
      await page.getByTestId('from-visit-dialog').waitFor({ state: 'detached' });
      await card(page, person).getByTestId('sample').waitFor();
    } finally {
      await forget(page, person);
    }
  });
});

test('D-34: a face waits, names nobody, and is somebody else’s once a person says so', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    const visit = await call(page, 'POST', '/mock/watch', {});
    const { name } = (await list(page)).waiting.find((one) => one.visit === visit.id);
    await page.goto(`${BASE}/visits/${visit.id}`);
    await page.getByTestId('watch-mark').getByText('Like one on the watch list: look').waitFor();
    assert.ok(!(await page.locator('main').innerText()).includes(name), 'the visit names nobody');
    assert.equal(visit.faces[0].watch.name, null);
    await page.goto(`${BASE}/visits`);
    const badge = page.locator(`[data-testid=visit][data-visit="${visit.id}"]`).getByTestId('watch-mark');
    await badge.click();
    await page.waitForURL(BASE + PATH);
    const one = waits(page, visit);
    await one.getByText(`Like ${name}`).waitFor();
    await eventually(() => one.locator('img').evaluateAll((pictures) => pictures.length === 2 && pictures.every((picture) => picture.naturalWidth > 0)), 'both pictures');
    assert.equal(await one.getByRole('link', { name: 'The visit and its clip' }).getAttribute('href'), `/visits/${visit.id}`);
    const [is, other] = await Promise.all(['waiting-is', 'waiting-else'].map((id) => one.getByTestId(id).evaluate((button) => ({ class: button.className, width: Math.round(button.getBoundingClientRect().width) }))));
    assert.deepEqual(is, other, 'both answers weigh the same');
    const { incidents: before } = await call(page, 'GET', '/incidents');
    const { rejections } = await listNow(page, name);
    await one.getByTestId('waiting-else').click();
    await one.waitFor({ state: 'detached' });
    await eventually(() => page.evaluate(() => document.activeElement?.id === 'waiting'), 'the heading has the focus');
    assert.equal((await call(page, 'GET', `/visits/${visit.id}`)).faces[0].watch, null);
    assert.equal((await call(page, 'GET', '/incidents')).incidents.length, before.length);
    assert.equal((await listNow(page, name)).rejections, rejections + 1);
  });
});

test('it is them: the page asks once more, opens an incident without a name, and the visit says who said so', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/people' }, async (page) => {
    const visit = await call(page, 'POST', '/mock/watch', {});
    const { waiting, people } = await list(page);
    const { name } = waiting[0];
    await eventually(async () => (await page.getByTestId('watch-count').innerText()).startsWith(String(waiting.length)), 'how many wait');
    await page.getByTestId('people-watch-list').click();
    await waits(page, visit).getByTestId('waiting-is').click();
    await page.getByTestId('confirm-dialog').getByText('An incident is opened').waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.textContent === 'Cancel'), 'the question begins on Cancel');
    assert.equal((await call(page, 'GET', `/visits/${visit.id}`)).faces[0].watch.state, 'waiting');
    await page.getByTestId('confirm').click();
    await waits(page, visit).waitFor({ state: 'detached' });
    const incident = (await call(page, 'GET', '/incidents')).incidents.find((one) => one.kind === 'watch_list' && one.subject === visit.id);
    assert.ok(!JSON.stringify(incident).includes(name));
    assert.equal((await list(page)).people.length, people.length);
    await page.goto(`${BASE}/alerts/${incident.id}`);
    await page.getByRole('heading', { level: 1, name: 'Somebody on the watch list came' }).waitFor();
    await page.goto(`${BASE}/visits/${visit.id}`);
    const mark = page.locator('[data-testid=watch-mark][data-state=confirmed]');
    await mark.getByText(`On the watch list: ${name}`).waitFor();
    await mark.getByText('Anna said so').waitFor();
    // Who was wrong says the other, and the incident stays to be resolved.
    await page.getByTestId('watch-refuse').click();
    await mark.waitFor({ state: 'detached' });
    assert.equal((await call(page, 'GET', `/incidents/${incident.id}`)).state, 'open');
    await call(page, 'POST', `/incidents/${incident.id}/resolve`, { text: 'A test.' });
  });
});

test('where a picture is not remembered or kept, a sign says so', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    await page.route('**/api/v1/watch-list', async (route) => {
      const answer = await (await route.fetch()).json();
      const waiting = answer.waiting.map((one) => ({ ...one, picture: false }));
      await route.fulfill({ json: { ...answer, waiting, people: answer.people.map((person) => ({ ...person, faces: person.faces.map((face) => ({ ...face, picture: false })) })) } });
    });
    const visit = await call(page, 'POST', '/mock/watch', {});
    await page.goto(BASE + PATH);
    await waits(page, visit).getByText('not remembered any more').waitFor();
    await waits(page, visit).getByText('No picture of them is kept').waitFor();
    assert.equal(await page.locator('[data-testid=watch-list] img').count(), 0);
    await call(page, 'POST', `/visits/${visit.id}/faces/0/watch`, { is_them: false });
  });
});

test('whoever may not look learns that a face waits, and cannot open the list', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (admin) => {
    const visit = await call(admin, 'POST', '/mock/watch', {});
    await withPage({ path: '/signin', signedIn: false }, async (page) => {
      await fillSignIn(page, 'Ben', PASSWORD);
      await page.waitForURL((url) => url.pathname === '/');
      await page.goto(`${BASE}/visits/${visit.id}`);
      const mark = page.getByTestId('watch-mark');
      await mark.getByText('Like one on the watch list', { exact: true }).waitFor();
      assert.equal(await mark.evaluate((element) => element.tagName), 'SPAN');
      await page.goto(BASE + PATH);
      await page.locator('[data-state=denied]').waitFor();
    });
    await call(admin, 'POST', `/visits/${visit.id}/faces/0/watch`, { is_them: false });
  });
});

test('what cannot be the address, the number or the headings of a published list is told at the field', { skip: !HAS_WATCH_LIST }, async () => {
  await withPage({ path: PATH }, async (page) => {
    const { settings } = await list(page);
    const form = page.getByTestId('published-form');
    await form.waitFor();
    assert.ok(await page.getByTestId('published-save').isDisabled(), 'nothing is changed yet');
    for (const [name, bad] of [['published-url', 'https://user@list.example.org/'], ['published-url', 'list.example.org'], ['published-most', '0'], ['published-most', '201'], ['published-most', 'many']]) {
      const before = await form.locator(`[name=${name}]`).inputValue();
      await form.locator(`[name=${name}]`).fill(bad);
      await form.getByTestId('field-error').waitFor();
      assert.ok(await page.getByTestId('published-save').isDisabled(), bad);
      await form.locator(`[name=${name}]`).fill(before);
      await form.getByTestId('field-error').waitFor({ state: 'detached' });
    }
    for (const box of await form.getByRole('checkbox').all()) await box.uncheck();
    await form.getByText('Choose one at least.').waitFor();
    assert.ok(await page.getByTestId('published-save').isDisabled(), 'no heading');
    assert.deepEqual((await list(page)).settings, settings);
  });
});

test('how a published list is read is set while it is off', { skip: !HAS_WATCH_LIST }, async () => {
  await withPage({ path: PATH }, async (page) => {
    const { settings } = await list(page);
    // What is on may be read at any time; that is left alone.
    if (settings.import.is_on) return;
    try {
      await call(page, 'POST', '/session/confirm', { password: PASSWORD });
      await page.locator('[name=published-most]').fill(settings.import.most === 7 ? '8' : '7');
      await page.getByTestId('published-save').click();
      await page.locator('[data-testid=note][data-state=ok]').waitFor();
      const after = (await list(page)).settings;
      assert.deepEqual([after.import.is_on, after.import.most], [false, settings.import.most === 7 ? 8 : 7]);
      assert.ok(await page.getByTestId('published-read').isDisabled(), 'not while it is off');
    } finally {
      await put(page, settings);
    }
  });
});

test('a published list is read, whoever is taken off stays off, and all of it is taken back', { skip: !IS_MOCK }, async () => {
  await withPage({ path: PATH, allowed: [/^403 \/api\/v1\/watch-list/] }, async (page) => {
    const { settings } = await list(page);
    const published = () => page.locator('[data-testid=watched-person][data-source=published]');
    const reading = (state) => page.locator(`[data-testid=last-reading][data-state=${state}]`);
    try {
      await call(page, 'POST', '/mock/age');
      await page.reload();
      await page.getByRole('switch', { name: 'Read a published list' }).check();
      await page.getByTestId('published-form').getByRole('checkbox', { name: 'Other fugitives' }).check();
      await page.getByTestId('published-save').click();
      await prove(page);
      await page.locator('[data-testid=published][data-state=on]').waitFor();
      await page.getByTestId('published-read').click();
      await reading('reading').waitFor();
      assert.ok(await page.getByTestId('published-read').isDisabled(), 'once at a time');
      await reading('read').getByText('2 of them on the watch list').waitFor();
      assert.equal(await published().count(), 2);
      const otto = published().filter({ hasText: 'Otto Imagined' });
      for (const button of ['watched-change', 'watched-photo', 'watched-visit']) assert.equal(await otto.getByTestId(button).count(), 0, button);
      assert.equal(await otto.locator('.sample-remove').count(), 0);
      const link = otto.getByTestId('watched-entry');
      assert.deepEqual([await link.getAttribute('rel'), new URL(await link.getAttribute('href')).protocol], ['noopener noreferrer', 'https:']);
      await otto.getByTestId('watched-remove').click();
      await page.getByTestId('confirm-dialog').getByText('do not come back').waitFor();
      await page.getByTestId('confirm').click();
      await otto.waitFor({ state: 'detached' });
      await page.getByTestId('left-out').getByText('1 entry').waitFor();
      await page.getByTestId('published-read').click();
      await reading('read').getByText('1 of them on the watch list').waitFor();
      await page.getByTestId('left-out-back').click();
      await page.getByTestId('published-save').click();
      await page.getByTestId('left-out').waitFor({ state: 'detached' });
      await page.getByTestId('published-read').click();
      await otto.waitFor();
      await call(page, 'POST', '/mock/age');
      await page.getByTestId('published-back').click();
      await page.getByTestId('confirm-dialog').getByText('2 people').waitFor();
      await page.getByTestId('confirm').click();
      await prove(page);
      await eventually(async () => (await published().count()) === 0, 'nobody of it is left');
      await eventually(() => page.evaluate(() => document.activeElement?.id === 'watched'), 'the heading of those who are left has the focus');
      assert.deepEqual((await list(page)).settings.import, { ...settings.import, is_on: false, classes: ['ten', 'default'], left_out: [] });
    } finally {
      // Who was on the list before comes back with it.
      await put(page, { ...settings, import: { ...settings.import, is_on: true } });
      await call(page, 'POST', '/watch-list/import');
      await eventually(async () => !(await list(page)).importing, 'read again');
      await put(page, settings);
    }
  });
});

test('a published list that could not be read says why, and that nobody was taken off', { skip: !IS_MOCK }, async () => {
  await withPage({ path: PATH }, async (page) => {
    const { settings } = await list(page);
    try {
      await put(page, { ...settings, import: { ...settings.import, is_on: true, url: 'https://broken.example.org/list' } });
      await page.reload();
      await page.getByTestId('published-read').click();
      await page.locator('[data-testid=last-reading][data-state=failed]').getByText('The service of the list refuses. Nobody was taken off.').waitFor();
    } finally {
      await put(page, settings);
    }
  });
});

test('the watch list is among what somebody can be told of', { skip: !HAS_WATCH_LIST || !HAS_NOTIFICATIONS || !IS_MOCK }, async () => {
  await withPage({ path: '/settings/notifications' }, async (page) => {
    await page.getByTestId('recipient-edit').first().click();
    await page.locator('[data-testid=matter-field][data-kind=watch_list]').getByText('The watch list').waitFor();
  });
});

test('U-30: a hostile name and reason are text wherever they stand', { skip: !HAS_WATCH_LIST }, async () => {
  await withPage({ path: PATH }, async (page) => {
    const person = await call(page, 'POST', '/watch-list/people', { name: HOSTILE, reason: HOSTILE, ends_at: new Date(Date.now() + 5 * DAY_MS).toISOString() });
    try {
      await page.reload();
      await card(page, person).getByRole('heading', { name: HOSTILE, exact: true }).waitFor();
      for (const [button, dialog] of [['watched-change', 'watched-dialog'], ['watched-photo', 'photo-dialog'], ['watched-remove', 'confirm-dialog']]) {
        await card(page, person).getByTestId(button).click();
        await page.getByTestId(dialog).waitFor();
        assert.equal(await page.evaluate(() => document.querySelectorAll('img[src="x"]').length), 0);
        await page.keyboard.press('Escape');
        await page.getByTestId(dialog).waitFor({ state: 'detached' });
      }
      await settled(page);
      assert.equal(await page.evaluate(() => globalThis.hacked ?? null), null);
    } finally {
      await forget(page, person);
    }
  });
});
