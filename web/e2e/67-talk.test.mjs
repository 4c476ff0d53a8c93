import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_PEOPLE, IS_MOCK, PHONE, SIMULATION, call, eventually, lead, still, useBrowser, withPage } from './house.mjs';

useBrowser();

const HEARING = { permissions: ['microphone'] };

/** The camera with a loudspeaker. */
const SPEAKER = IS_MOCK ? 'Front door' : 'front-door';

async function speaker(page) {
  const { cameras } = await call(page, 'GET', '/cameras');
  return cameras.find((camera) => camera.name === SPEAKER).id;
}

const button = (page) => page.getByTestId('talk');
const state = (page, wanted) => page.locator(`[data-testid=talk][data-state=${wanted}]`).waitFor();
/** What was spoken to the camera until now. */
const heard = async (page) => (IS_MOCK ? call(page, 'POST', '/mock/talk') : simulated());

/** The same of a simulated house: Base64 of each time that somebody spoke. */
async function simulated() {
  const { heard: sayings } = await (await fetch(`${SIMULATION}/cameras/${SPEAKER}/heard`)).json();
  return { codes: sayings.reduce((sum, saying) => sum + saying.samples.length, 0) };
}

async function camera(page) {
  await page.goto(`${BASE}/cameras/${await speaker(page)}`);
  await button(page).waitFor();
}

test('a click opens the microphone, a band on every page says so, and a click closes it', { skip: !IS_MOCK }, async () => {
  await withPage(HEARING, async (page) => {
    await camera(page);
    assert.equal(await page.getByTestId('talk-band').count(), 0);
    await button(page).click();
    await state(page, 'open');
    await page.getByTestId('talk-band').getByText('Microphone open. You are heard at Front door.').waitFor();
    assert.equal(await button(page).getAttribute('aria-pressed'), 'true');
    // The device of the test's browser beeps once a second.
    await eventually(async () => (await heard(page)).loud > 400, 'the camera hears it');
    const { ended } = await heard(page);
    await button(page).click();
    await state(page, 'over');
    assert.equal((await heard(page)).ended, ended + 1);
    assert.equal(await page.getByTestId('talk-band').count(), 0);
    assert.equal(await page.getByTestId('talk-outcome').innerText(), '');
  });
});

test('whoever holds it is heard until they let go, and whoever leaves is not heard any more', { skip: !IS_MOCK }, async () => {
  await withPage(HEARING, async (page) => {
    await camera(page);
    await button(page).hover();
    const place = await button(page).boundingBox();
    await page.mouse.down();
    await state(page, 'open');
    await page.getByTestId('talk-band').waitFor();
    const { x, y } = await button(page).boundingBox();
    assert.deepEqual([x, y], [place.x, place.y], 'it stays under the pointer');
    await eventually(async () => (await heard(page)).codes > 6_000, 'three quarters of a second');
    await page.mouse.up();
    await state(page, 'over');

    await page.keyboard.press('t');
    await state(page, 'open');
    const { ended } = await heard(page);
    await lead(page, '/help');
    await eventually(async () => (await heard(page)).ended === ended + 1, 'it ends with the page');
    assert.equal(await page.getByTestId('talk-band').count(), 0);
  });
});

test('whoever is at the door is spoken to from their visit, and it counts as answered', { skip: !IS_MOCK }, async () => {
  await withPage({ ...HEARING, viewport: PHONE }, async (page) => {
    const visit = await call(page, 'POST', '/mock/visit', { seconds: 30 });
    await page.goto(`${BASE}/visits/${visit.id}`);
    await button(page).click();
    await state(page, 'open');
    await page.getByTestId('talk-close').click();
    await state(page, 'over');
    await eventually(async () => (await call(page, 'GET', `/visits/${visit.id}`)).state === 'answered', 'the visit is answered');
  });
});

test('why nobody is heard is said: no leave, no loudspeaker, nothing said, no contact', { skip: !IS_MOCK }, async () => {
  await withPage({ permissions: [] }, async (page) => {
    await camera(page);
    const before = await heard(page);
    await button(page).click();
    const outcome = page.getByTestId('talk-outcome');
    await outcome.getByText('This page may not use the microphone.').waitFor();
    assert.equal(await outcome.getAttribute('role'), 'alert');
    assert.deepEqual(await heard(page), before, 'the hub was not even asked');
  });
  await withPage(HEARING, async (page) => {
    await camera(page);
    await call(page, 'POST', '/mock/talk', { next: 'quiet' });
    await button(page).click();
    await page.getByTestId('talk-outcome').getByText('Closed: nothing was said for 30 seconds.').waitFor();
    assert.equal(await page.getByTestId('talk-band').count(), 0);
    const { cameras } = await call(page, 'GET', '/cameras');
    await lead(page, `/cameras/${cameras.find((one) => one.name !== SPEAKER).id}`);
    assert.equal(await page.getByTestId('talk-outcome').innerText(), '', 'that was another camera');
    await button(page).click();
    await page.getByTestId('talk-outcome').getByText('You were not heard. This camera has no loudspeaker').waitFor();
  });
});

test('a camera of the house hears what is spoken in a browser', { skip: IS_MOCK || !HAS_PEOPLE || SIMULATION === null }, async () => {
  await withPage(HEARING, async (page) => {
    const before = (await heard(page)).codes;
    await camera(page);
    await button(page).click();
    await state(page, 'open');
    await eventually(async () => (await heard(page)).codes > before + 8_000, 'the camera hears it', 15_000);
    await still(page);
    await button(page).click();
    await state(page, 'over');
    assert.equal(await page.getByTestId('talk-outcome').innerText(), '');
  });
});
