import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, DESKTOP, HAS_PEOPLE, IS_MOCK, PHONE, call, eventually, hearing, measures, useBrowser, withPage } from './house.mjs';

useBrowser();

const UNKNOWN = 7;
const ANNA = 0;
const card = (page, id) => page.locator(`[data-testid=visit][data-visit="${id}"]`);
const focused = (page) => page.evaluate(() => ({ tag: document.activeElement?.tagName, visit: document.activeElement?.closest('[data-visit]')?.dataset.visit ?? null }));

/** The camera at the door; visits are switched on if they are not. */
async function door(page) {
  const { cameras } = await call(page, 'GET', '/faces');
  const found = cameras.find((camera) => camera.visits);
  if (found) return found;
  const { cameras: list } = await call(page, 'GET', '/cameras');
  const camera = list.find((row) => row.state === 'live');
  const { settings } = await call(page, 'GET', `/cameras/${camera.id}`);
  await call(page, 'PATCH', `/cameras/${camera.id}`, { detection: { ...settings.detection, visits: true } });
  return { camera: camera.id, name: camera.name };
}

/** Somebody rings: with a given face in the mock, by the virtual button anywhere else. */
async function rings(page, options = {}) {
  if (IS_MOCK) return call(page, 'POST', '/mock/visit', { seconds: 30, ...options });
  return call(page, 'POST', `/cameras/${(await door(page)).camera}/ring`);
}

/** Waits until whoever it was has left, and what was recorded of it has an end. */
const gone = (page, visit) => eventually(async () => !(await call(page, 'GET', `/visits/${visit.id}`)).at_the_door, 'the visit has ended');

async function inbox(page) {
  await page.goto(`${BASE}/visits`);
  await page.getByTestId('visit').first().waitFor();
}

// At the simulated door somebody may stand already, and a ring then belongs to their visit: the mock's door is empty.
test('U-07: a ring is announced on every page at once, over it, and the visit stands on top of the inbox', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    await page.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().filter((entry) => !entry.hadRecentInput))).observe({ type: 'layout-shift', buffered: true });
    });
    const paths = ['/', '/cameras', '/timeline', '/events', '/people', '/devices', '/settings/appearance', '/help'];
    for (const path of paths) {
      await hearing(page, path);
      await page.getByTestId('ring-region').waitFor({ state: 'attached' });
      // A list grows by the row of the ring; nothing else may move.
      await page.evaluate(() => globalThis.shifts.splice(0));
      const start = Date.now();
      const visit = await rings(page);
      const banner = page.locator(`[data-testid=ring-banner][data-visit="${visit.id}"]`);
      await banner.waitFor({ timeout: 2_000 });
      assert.ok(Date.now() - start < 1_500, `${path}: ${Date.now() - start} ms`);
      assert.equal(await page.getByTestId('ring-region').getAttribute('role'), 'alert');
      assert.match(await banner.innerText(), new RegExp(visit.camera_name));
      assert.deepEqual(await page.evaluate(() => globalThis.shifts.filter((entry) => entry.value > 0.01 && !entry.sources.every(({ node }) => node?.parentElement?.closest('.list-card, .home-list'))).map((entry) => entry.value)), [], path);
    }
    await page.getByTestId('ring-close').click();
    await page.getByTestId('ring-banner').waitFor({ state: 'detached' });
    await inbox(page);
    const last = await rings(page);
    await eventually(async () => (await page.getByTestId('visit').first().getAttribute('data-visit')) === last.id, 'the newest visit is on top', 2_000);
    await page.getByRole('link', { name: 'Show visit' }).click();
    await page.waitForURL(`${BASE}/visits/${last.id}`);
    await page.getByTestId('ring-banner').waitFor({ state: 'detached' });
  });
});

test('a bell at which nobody looks for visits is announced too', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    await hearing(page, '/help');
    await page.getByTestId('ring-region').waitFor({ state: 'attached' });
    await call(page, 'POST', '/mock/bell', { camera: 'Garden' });
    await page.getByTestId('ring-banner').getByText('Somebody rings: Garden').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Show visit' }).count(), 0);
    await page.getByRole('link', { name: 'Look now' }).click();
    await page.getByTestId('ring-banner').waitFor({ state: 'detached' });
    await call(page, 'POST', '/mock/bell', {});
    await page.getByTestId('ring-banner').getByText('Somebody rings: Garden bell').waitFor();
    // The bell and the visit that it begins are one.
    const visit = await rings(page, { seconds: 1 });
    await page.locator(`[data-testid=ring-banner][data-visit="${visit.id}"]`).waitFor();
    await call(page, 'POST', '/mock/bell', { camera: 'Front door' });
    await page.waitForTimeout(500);
    assert.equal(await page.locator(`[data-testid=ring-banner][data-visit="${visit.id}"]`).count(), 1);
  });
});

test('the virtual bell rings, the visit is at the door, and the rail counts what nobody has seen', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/visits' }, async (page) => {
    const { camera } = await door(page);
    await page.reload();
    const { unseen: before } = await call(page, 'GET', '/visits?limit=1');
    await page.getByTestId('test-bell').first().click();
    await page.locator('[data-testid=note][data-state=ok]').waitFor();
    // A ring while somebody is there belongs to that visit; whoever leaves while it is looked for is followed by the next ring.
    await eventually(async () => {
      const { visits, unseen } = await call(page, 'GET', `/visits?camera=${camera}&limit=10`);
      const here = visits.find((visit) => visit.at_the_door);
      if (here && unseen >= before && (await card(page, here.id).getByTestId('at-the-door').count()) === 1) return true;
      if (!here) await call(page, 'POST', `/cameras/${camera}/ring`);
      return false;
    }, 'the visit is at the door', 20_000);
    await eventually(async () => (await page.getByTestId('nav-count').first().innerText()).startsWith(String((await call(page, 'GET', '/visits?limit=1')).unseen)), 'the rail says how many');
  });
});

test('U-08: one click on the newest ring of Home plays its clip and marks it as seen', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    // Which moment of a clip is painted first; how long that takes is the mock's, which makes each clip when it is asked for.
    await page.addInitScript(() => {
      const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
      HTMLVideoElement.prototype.requestVideoFrameCallback = function (told) {
        return ask.call(this, (now, frame) => {
          if (this.closest('[data-testid=clip]')) globalThis.firstFrame ??= frame.mediaTime;
          told(now, frame);
        });
      };
    });
    const visit = await rings(page, { seconds: 1 });
    await gone(page, visit);
    await page.reload();
    await page.locator('[data-testid=event-row][data-kind=visit_began]').first().getByText('Unknown visitor').waitFor();
    await page.locator('[data-testid=event-row][data-kind=visit_began] button').first().click();
    await page.locator('[data-testid=clip][data-state=playing]').waitFor();
    assert.equal((await measures(page, 'hw:clip-frame')).length, 1);
    const { first, duration } = await page.evaluate(() => ({ first: globalThis.firstFrame, duration: document.querySelector('[data-testid=clip] video').duration }));
    assert.ok(Number.isFinite(duration) && first < duration / 2, `from its start: ${first} of ${duration} s`);
    await eventually(async () => (await call(page, 'GET', `/visits/${visit.id}`)).state === 'seen', 'seen after two seconds', 30_000);
    await page.getByTestId('clip-visit').click();
    await page.waitForURL(`${BASE}/visits/${visit.id}`);
  });
});

test('visits say in words who came, and what is not known', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/visits' }, async (page) => {
    await page.getByTestId('visit').first().waitFor();
    const titles = await page.locator('.visit-title').allInnerTexts();
    for (const words of ['Unknown visitor', 'Anna Novak', 'Anna Novak + Unknown visitor', 'Faces were not checked', 'No face seen']) assert.ok(titles.some((title) => title.split('\n')[0].trim() === words), words);
    await page.getByText('“Parcel for the neighbours”').waitFor();
    const who = page.locator('[data-testid=visit][data-who=not_checked]').first();
    await who.getByTestId('visit-open').click();
    await page.getByTestId('visit-panel').getByText('Nobody looked at faces').waitFor();
  });
});

test('filters stand in the address, and an empty answer says so', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/visits' }, async (page) => {
    await page.getByTestId('visit').first().waitFor();
    await page.getByTestId('show-unknown').click();
    await page.waitForURL((url) => url.searchParams.get('show') === 'unknown');
    // Asked anew each time: whoever is at the door meanwhile may become an unknown one.
    const unknown = async () => (await call(page, 'GET', '/visits')).visits.filter(({ who }) => who === 'unknown').map((visit) => visit.id);
    await eventually(async () => {
      const shown = await page.getByTestId('visit').evaluateAll((rows) => rows.map((row) => row.dataset.visit));
      const known = await unknown();
      return shown.every((id) => known.includes(id));
    }, 'only unknown ones');
    await page.goto(`${BASE}/visits?camera=cam_00000000000000000000000000000000`);
    await page.locator('[data-state=empty-filtered]').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByTestId('visit').first().waitFor();
  });
});

test('U-21: seen, keep, name, delete and undo by keyboard alone, and focus is never lost', { skip: !HAS_PEOPLE }, async () => {
  await withPage({}, async (page) => {
    if (!IS_MOCK) await rings(page);
    await call(page, 'GET', '/visits').then(async ({ visits }) => {
      for (const visit of visits.slice(0, 3)) await call(page, 'PATCH', `/visits/${visit.id}`, { kept: false, note: null, state: 'new' });
    });
    await inbox(page);
    // Whoever is still there cannot be deleted. What the page shows counts: while it has the focus, its rows stay.
    await page.keyboard.press('ArrowDown');
    const rows = await page.getByTestId('visit').evaluateAll((list) => list.map((row) => ({ id: row.dataset.visit, isHere: row.querySelector('[data-testid=at-the-door]') !== null })));
    const here = rows.findIndex((row) => !row.isHere);
    for (let row = 0; row < here; row += 1) await page.keyboard.press('ArrowDown');
    const first = (await focused(page)).visit;
    assert.equal(first, rows[Math.max(0, here)].id);
    await page.keyboard.press('s');
    await eventually(async () => (await call(page, 'GET', `/visits/${first}`)).state === 'seen', 'seen');
    await page.keyboard.press('u');
    await eventually(async () => (await call(page, 'GET', `/visits/${first}`)).state === 'new', 'not seen again');
    await page.keyboard.press('h');
    await eventually(async () => (await call(page, 'GET', `/visits/${first}`)).kept, 'kept');
    assert.equal((await focused(page)).visit, first);
    await page.keyboard.press('w');
    await page.getByTestId('who-dialog').waitFor();
    await page.keyboard.press('Tab');
    await page.locator('[name=who-name]').focus();
    await page.keyboard.type('Parcel');
    await page.keyboard.press('Enter');
    await page.getByTestId('who-dialog').waitFor({ state: 'detached' });
    assert.equal((await call(page, 'GET', `/visits/${first}`)).note, 'Parcel');
    assert.equal((await focused(page)).visit, first);
    if (here < 0 || here === rows.length - 1) return;
    await page.keyboard.press('Delete');
    await card(page, first).waitFor({ state: 'detached' });
    await eventually(async () => (await focused(page)).visit === rows[here + 1].id, 'the next row has the focus');
    await page.keyboard.press('u');
    await card(page, first).waitFor();
    assert.notEqual((await focused(page)).tag, 'BODY');
    assert.equal((await call(page, 'GET', `/visits/${first}`)).id, first);
  });
});

test('a deleted visit is gone from the hub when its undo is over, even if the page is left', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^404 \/api\/v1\/visits\//] }, async (page) => {
    const visit = await rings(page, { seconds: 1 });
    await gone(page, visit);
    await inbox(page);
    await card(page, visit.id).getByTestId('visit-delete').click();
    await card(page, visit.id).waitFor({ state: 'detached' });
    assert.notEqual((await focused(page)).tag, 'BODY');
    await page.goto(`${BASE}/help`);
    await eventually(async () => (await call(page, 'GET', `/visits/${visit.id}`)).error?.code === 'not_found', 'gone');
  });
});

test('new visits wait while somebody has focus in the list', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    await inbox(page);
    await page.mouse.move(5, 5);
    await page.keyboard.press('ArrowDown');
    const before = await page.getByTestId('visit').first().getAttribute('data-visit');
    const visit = await rings(page);
    await page.getByTestId('new-rows').waitFor();
    assert.equal(await page.getByTestId('visit').first().getAttribute('data-visit'), before);
    await page.getByTestId('new-rows').click();
    await card(page, visit.id).waitFor();
  });
});

test('U-19: “not this person” is one click, the same face is not named again, and undo restores both', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    const first = await rings(page, { heads: [ANNA], seconds: 1 });
    await inbox(page);
    await card(page, first.id).getByText('Anna Novak').waitFor();
    await card(page, first.id).getByTestId('visit-reject').click();
    await card(page, first.id).getByText('Unknown visitor').waitFor();
    assert.notEqual((await focused(page)).tag, 'BODY');
    const again = await call(page, 'POST', '/mock/visit', { heads: [ANNA], seconds: 1 });
    assert.equal(again.faces[0].decision, 'unknown');
    await page.getByTestId('undo').first().click();
    await card(page, first.id).getByText('Anna Novak').waitFor();
    await eventually(async () => (await call(page, 'GET', `/visits/${again.id}`)).faces[0].name === 'Anna Novak', 'both are named again');
  });
});

test('a visit in progress says so with the live picture, and its end brings the clip', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    const visit = await rings(page, { heads: [ANNA, UNKNOWN], seconds: 5 });
    await page.goto(`${BASE}/visits/${visit.id}`);
    await page.getByTestId('at-the-door').waitFor();
    await page.locator('[data-testid=live-view]').waitFor();
    await page.locator('[data-testid=clip]').waitFor({ timeout: 9_000 });
    assert.equal(await page.getByTestId('at-the-door').count(), 0);
  });
});

test('with images off a visit is a silhouette and says why', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    await call(page, 'PATCH', '/faces', { keep_pictures: false });
    try {
      await inbox(page);
      assert.equal(await page.locator('.visit-face img').count(), 0);
      await page.locator('[data-testid=visit][data-who=unknown]').first().getByTestId('visit-open').click();
      await page.getByTestId('images-off').getByText('Images are not kept').waitFor();
      await page.getByTestId('panel-who').click();
      await page.getByTestId('who-way').getByRole('radio', { name: 'Recognise from now on' }).check({ force: true });
      await page.getByTestId('who-obstacle').getByText('cannot become a sample').waitFor();
    } finally {
      await call(page, 'PATCH', '/faces', { keep_pictures: true });
    }
  });
});

test('phone: Visits stands in the bar, cards have visible buttons and the panel is a sheet', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ viewport: PHONE }, async (page) => {
    await page.locator('.bottom-bar').getByRole('link', { name: /Visits/ }).click();
    await page.waitForURL(`${BASE}/visits`);
    await page.getByTestId('visit').first().waitFor();
    for (const button of ['visit-keep', 'visit-delete']) assert.ok(await page.getByTestId(button).first().isVisible());
    await page.getByTestId('visit-open').first().click();
    await page.getByTestId('visit-panel').waitFor();
    assert.ok(await page.getByTestId('visit-panel').getByRole('button', { name: 'Close' }).isVisible());
  });
});

test('a house whose door nobody watches says how to choose one', { skip: !IS_MOCK }, async () => {
  await withPage({ viewport: DESKTOP, allowed: [/^404 \/api\/v1\/visits\//] }, async (page) => {
    // Here the hub has no visit at all; those of other tests that end meanwhile are none of it.
    await page.route('**/api/v1/visits/*', (route) => route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'There is no such visit.' } } }));
    await page.route('**/api/v1/visits?*', (route) => route.fulfill({ json: { visits: [], next: null, unseen: 0 } }));
    await page.route('**/api/v1/faces', (route) => route.fulfill({ json: { available: true, reason: null, model: null, threshold: 0.5, settings: { privacy: 'moderate', keep_pictures: true, retention_days: 7 }, cameras: [] } }));
    await page.goto(`${BASE}/visits`);
    await page.locator('[data-state=empty]').getByText('No visits yet').waitFor();
    await page.getByRole('link', { name: /Choose the door/ }).waitFor();
  });
});

test('a hub without visits has no such entry and no such page', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^404 \/api\/v1\/visits/] }, async (page) => {
    await page.route('**/api/v1/visits?*', (route) => route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'There is no such thing.' } } }));
    await page.goto(`${BASE}/visits`);
    await page.getByTestId('not-in-hub').waitFor();
    assert.equal(await page.locator('.rail').getByRole('link', { name: /Visits|People/ }).count(), 0);
  });
});

/** A tenth of a second of silence. */
function wave() {
  const file = Buffer.alloc(44 + 800, 128);
  file.write('RIFF', 0);
  file.writeUInt32LE(836, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  // PCM, one channel, 8 kHz, 8 bits.
  [[1, 20], [1, 22], [1, 32], [8, 34]].forEach(([value, at]) => file.writeUInt16LE(value, at));
  [[8000, 24], [8000, 28], [800, 40]].forEach(([value, at]) => file.writeUInt32LE(value, at));
  file.write('data', 36);
  return file;
}

test('whoever is at the door is answered from their visit, and it counts as answered', { skip: !IS_MOCK }, async () => {
  await withPage({ viewport: PHONE }, async (page) => {
    const visit = await rings(page);
    await page.goto(`${BASE}/visits/${visit.id}`);
    await page.getByTestId('answer').click();
    assert.equal(await page.getByTestId('answer-with').count(), 2);
    await page.getByTestId('answer-with').first().click();
    await page.getByTestId('answer-outcome').getByText('Saying “We are coming”').waitFor();
    assert.ok(await page.getByTestId('answer').isDisabled(), 'one thing is said at a time');
    await page.getByTestId('answer-outcome').getByText('“We are coming” was said.').waitFor();
    await eventually(async () => (await call(page, 'GET', `/visits/${visit.id}`)).state === 'answered', 'the visit is answered');
  });
});

test('a camera that cannot speak says why, and who may not control it is offered nothing', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^409 \/api\/v1\/cameras\/\w+\/replies/] }, async (page) => {
    const { cameras } = await call(page, 'GET', '/cameras');
    await page.goto(`${BASE}/cameras/${cameras.find((camera) => camera.name !== 'Front door').id}`);
    await page.getByTestId('answer').click();
    await page.getByTestId('answer-with').last().click();
    const outcome = page.getByTestId('answer-outcome');
    await outcome.getByText('was not said. This camera has no loudspeaker').waitFor();
    assert.equal(await outcome.getAttribute('role'), 'status');
    assert.equal(await outcome.getAttribute('data-state'), 'failed');
  });
});

test('what can be said is added with its sound and removed again', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/settings/replies', allowed: [/^400 \/api\/v1\/replies/] }, async (page) => {
    const row = page.locator('[data-testid=reply][data-reply="Test answer"]');
    const choose = (name, buffer) => page.getByTestId('reply-file').setInputFiles({ name, mimeType: 'audio/x-wav', buffer });
    await page.getByTestId('reply-add').click();
    await page.locator('[name=reply-name]').fill('Test answer');
    assert.ok(await page.getByTestId('reply-submit').isDisabled(), 'not without a sound');
    await choose('noise.wav', Buffer.from('no sound at all'));
    await page.getByTestId('reply-submit').click();
    await page.getByTestId('form-error').getByText('It is no WAV file.').waitFor();
    await choose('answer.wav', wave());
    await page.getByTestId('reply-chosen').getByText('answer.wav').waitFor();
    await page.getByTestId('reply-submit').click();
    await row.waitFor();
    await page.reload();
    await row.getByTestId('reply-remove').click();
    await page.getByTestId('confirm').click();
    await row.waitFor({ state: 'detached' });
    const { replies } = await call(page, 'GET', '/replies');
    assert.ok(!replies.some((reply) => reply.name === 'Test answer'));
  });
});
