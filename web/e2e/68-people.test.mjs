import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { BASE, HAS_PEOPLE, IS_MOCK, PASSWORD, call, eventually, useBrowser, withPage } from './house.mjs';

useBrowser();

const FACES = process.env.HEARTHWATCH_FACES || null;
const HAS_PHOTOS = IS_MOCK || (HAS_PEOPLE && FACES !== null);
const HOSTILE = '<img src=x onerror=globalThis.hacked=1>';
const consent = (name) => ({ given_by: name, text: 'I agree.' });
const open = async (page, person) => {
  await page.goto(`${BASE}/people/${person.id}`);
  await page.getByTestId('person').waitFor();
};

/** Whether this hub looks at faces at all; without that no sample can be added. */
const looksAtFaces = async (page) => (await call(page, 'GET', '/faces')).available;

/** A photo: from the folder of the tests, or a picture that tells the mock what it would find in it. */
async function photo(page, name, found) {
  if (!IS_MOCK) return join(FACES, `${name}.jpg`);
  const path = join(mkdtempSync(join(tmpdir(), 'hearthwatch-photo-')), `${name}.jpg`);
  const { cameras } = await call(page, 'GET', '/cameras');
  const bytes = await page.evaluate(async (camera) => [...new Uint8Array(await (await fetch(`/api/v1/cameras/${camera}/snapshot.jpg`)).arrayBuffer())], cameras[0].id);
  writeFileSync(path, Buffer.concat([Buffer.from(bytes), Buffer.from(`hearthwatch-test:${JSON.stringify(found)}`)]));
  return path;
}

async function addPhoto(page, path) {
  await page.getByTestId('sample-photo').click();
  await page.getByTestId('photo-dialog').waitFor();
  await page.getByTestId('photo-file').setInputFiles(path);
}

async function forget(page, person) {
  await call(page, 'POST', '/session/confirm', { password: PASSWORD });
  await call(page, 'DELETE', `/people/${person.id}`);
}

test('a person is added without consent, and then no sample can be added, in the page or by the API', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/people', allowed: [/^409 \/api\/v1\/people\//] }, async (page) => {
    await page.getByTestId('person-add').click();
    await page.locator('[name=person-name]').fill('Nora Test');
    await page.getByTestId('person-submit').click();
    await page.getByRole('heading', { level: 1, name: 'Nora Test' }).waitFor();
    const person = { id: page.url().split('/').at(-1) };
    try {
      assert.equal(await page.getByTestId('person-state').getAttribute('data-state'), 'no_consent');
      for (const way of ['photo', 'visit', 'camera']) assert.ok(await page.getByTestId(`sample-${way}`).isDisabled(), way);
      await page.getByTestId('sample-obstacle').getByText('no consent').waitFor();
      const { cameras } = await call(page, 'GET', '/cameras');
      const refused = await call(page, 'POST', `/people/${person.id}/samples/camera`, { camera: cameras[0].id });
      assert.equal(refused.error.code, 'no_consent');
      await page.getByTestId('consent-give').click();
      await page.getByTestId('consent-submit').click();
      await page.getByTestId('consent-dialog').waitFor({ state: 'detached' });
      await page.locator('[data-testid=consent][data-state=in_force]').waitFor();
      assert.equal(await page.locator('[name=given-by]').count(), 0);
      assert.equal(await page.getByTestId('sample-photo').isEnabled(), await looksAtFaces(page));
    } finally {
      await forget(page, person);
    }
  });
});

test('U-18: a blurred photo is refused with its flaw, several faces ask which, and a good one is taken', { skip: !HAS_PHOTOS }, async () => {
  await withPage({ path: '/people', allowed: [/^422 \/api\/v1\/people\//] }, async (page) => {
    const person = await call(page, 'POST', '/people', { name: 'Paula Test', consent: consent('Paula Test') });
    try {
      await open(page, person);
      await addPhoto(page, await photo(page, 'blurred', { faces: 1, flaws: ['blurred'] }));
      await page.getByTestId('form-error').getByText('Refused').waitFor();
      if (IS_MOCK) assert.match(await page.getByTestId('form-error').innerText(), /blurred/);
      await page.getByTestId('photo-file').setInputFiles(await photo(page, 'none', { faces: 0 }));
      await page.getByTestId('form-error').getByText('no face').waitFor();
      await page.getByTestId('photo-file').setInputFiles(await photo(page, 'two', { faces: 2 }));
      await page.getByTestId('face-choose').first().waitFor();
      assert.equal(await page.getByTestId('face-choose').count(), 2);
      const boxes = await page.getByTestId('face-choose').evaluateAll((list) => list.map((box) => box.getBoundingClientRect().width));
      assert.ok(boxes.every((width) => width >= 24), `boxes can be hit: ${boxes}`);
      await page.getByTestId('face-choose').first().click();
      await page.getByTestId('photo-dialog').waitFor({ state: 'detached' });
      await page.getByTestId('sample').waitFor();
      assert.equal((await call(page, 'GET', `/people/${person.id}`)).samples, 1);
    } finally {
      await forget(page, person);
    }
  });
});

test('what is no picture is refused before it is sent', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/people' }, async (page) => {
    if (!(await looksAtFaces(page))) return;
    const person = await call(page, 'POST', '/people', { name: 'Rita Test', consent: consent('Rita Test') });
    try {
      await open(page, person);
      await page.getByTestId('sample-photo').click();
      await page.getByTestId('photo-file').setInputFiles({ name: 'notes.gif', mimeType: 'image/gif', buffer: Buffer.from('GIF89a') });
      await page.getByTestId('form-error').getByText('JPEG or PNG').waitFor();
      await page.getByTestId('photo-file').setInputFiles({ name: 'big.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(16 * 1024 * 1024 + 1) });
      await page.getByTestId('form-error').getByText('16 MB').waitFor();
    } finally {
      await forget(page, person);
    }
  });
});

test('a sample is removed with undo, and one from a camera or a visit is chosen on its picture', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/people', allowed: [/^422 \/api\/v1\/people\//] }, async (page) => {
    const { people } = await call(page, 'GET', '/people');
    const ben = people.find((person) => person.name === 'Ben Novak');
    await open(page, ben);
    const before = await page.getByTestId('sample').count();
    await page.locator('.sample-remove').first().click();
    await eventually(async () => (await page.getByTestId('sample').count()) === before - 1, 'one less');
    await page.getByTestId('undo').click();
    await eventually(async () => (await page.getByTestId('sample').count()) === before, 'all again');
    await page.getByTestId('sample-camera').click();
    await page.getByTestId('camera-use').click();
    await page.getByTestId('face-choose').first().click();
    await page.getByTestId('camera-dialog').waitFor({ state: 'detached' });
    await eventually(async () => (await page.getByTestId('sample').count()) === before + 1, 'one more');
    await page.getByTestId('sample-visit').click();
    await page.getByTestId('visit-choice').filter({ hasText: 'Ben Novak' }).first().click();
    await page.getByTestId('from-visit-dialog').waitFor({ state: 'detached' });
    await eventually(async () => (await page.getByTestId('sample').count()) === before + 2, 'two more');
  });
});

test('consent is withdrawn: matching stops, and the page offers to erase', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/people' }, async (page) => {
    const person = await call(page, 'POST', '/people', { name: 'Sofia Test', consent: consent('Sofia Test') });
    try {
      await open(page, person);
      await page.getByTestId('consent-withdraw').click();
      await page.getByTestId('confirm-dialog').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Cancel');
      await page.getByTestId('confirm').click();
      await page.locator('[data-testid=consent][data-state=withdrawn]').waitFor();
      assert.equal(await page.getByTestId('matching').getAttribute('data-state'), 'off');
      assert.ok(await page.getByTestId('sample-photo').isDisabled());
      assert.notEqual((await call(page, 'GET', `/people/${person.id}`)).consent.withdrawn_at, null);
    } finally {
      await forget(page, person);
    }
  });
});

test('who is it: a note names one visit only and makes nobody known', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    const visit = await call(page, 'POST', '/mock/visit', { heads: [11], seconds: 1 });
    const { people: before } = await call(page, 'GET', '/people');
    await page.goto(`${BASE}/visits/${visit.id}`);
    await page.getByTestId('panel-who').click();
    await page.locator('[name=who-name]').fill('The plumber');
    await page.getByTestId('who-note').click();
    await page.getByText('“The plumber”').waitFor();
    assert.equal((await call(page, 'GET', '/people')).people.length, before.length);
    const again = await call(page, 'POST', '/mock/visit', { heads: [11], seconds: 1 });
    assert.deepEqual([again.note, again.faces[0].decision], [null, 'unknown']);
  });
});

test('who is it: recognising from now on takes consent, then the face, and a known name merges', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    const visit = await call(page, 'POST', '/mock/visit', { heads: [12], seconds: 1 });
    await page.goto(`${BASE}/visits/${visit.id}`);
    await page.getByTestId('panel-who').click();
    await page.getByTestId('who-way').getByRole('radio', { name: 'Recognise from now on' }).check({ force: true });
    await page.locator('[name=who-name]').fill('anna novak');
    await page.getByTestId('who-dialog').getByText('Anna Novak has agreed already').waitFor();
    assert.equal(await page.locator('[name=given-by]').count(), 0);
    await page.locator('[name=who-name]').fill('Quentin Test');
    await page.locator('[name=given-by]').fill('');
    assert.ok(await page.getByTestId('who-recognise').isDisabled(), 'nobody is recognised without consent');
    await page.locator('[name=given-by]').fill('Quentin Test');
    await page.getByTestId('who-recognise').click();
    await page.getByRole('heading', { level: 1, name: 'Quentin Test' }).waitFor();
    const { people } = await call(page, 'GET', '/people');
    const person = people.find((one) => one.name === 'Quentin Test');
    assert.deepEqual([person.state, person.samples, person.consent.given_by], ['known', 1, 'Quentin Test']);
    await forget(page, person);
  });
});

test('U-20: erasing names the counts, asks for the password, leaves no name, and ends in a receipt', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/people', allowed: [/^403 \/api\/v1\/people\//, /^404 \/api\/v1\/people\//] }, async (page) => {
    const person = await call(page, 'POST', '/people', { name: 'Tilda Test', consent: consent('Tilda Test') });
    let visit = null;
    if (IS_MOCK) {
      visit = await call(page, 'POST', '/mock/visit', { heads: [13], seconds: 1 });
      await call(page, 'POST', `/people/${person.id}/samples/visit`, { visit: visit.id, face: 0 });
      await call(page, 'POST', '/mock/age');
    }
    await open(page, person);
    await page.getByTestId('person-erase').click();
    await page.getByTestId('confirm-dialog').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Cancel');
    const counts = await page.getByTestId('erase-counts').innerText();
    assert.match(counts, IS_MOCK ? /1 sample with its template[\s\S]*The name in 1 visit/ : /0 samples/);
    if (IS_MOCK) {
      await page.getByText('stays until its own end').waitFor();
      await page.getByRole('switch', { name: 'Also the footage of these visits' }).check();
      assert.equal(await page.getByText('stays until its own end').count(), 0);
    }
    await page.getByTestId('confirm').click();
    const proof = page.getByTestId('proof-dialog');
    if (IS_MOCK) {
      await proof.locator('input[name=password]').fill(PASSWORD);
      await page.getByTestId('proof-submit').click();
    }
    await page.getByTestId('erased').waitFor();
    assert.equal(await page.getByText('1 recordings (').count(), IS_MOCK ? 1 : 0);
    await page.getByRole('link', { name: 'See the audit log' }).waitFor();
    assert.doesNotMatch(JSON.stringify([await call(page, 'GET', '/people'), await call(page, 'GET', '/visits'), await call(page, 'GET', '/events')]), /Tilda/);
    if (visit) {
      await page.goto(`${BASE}/visits/${visit.id}`);
      await page.getByRole('heading', { level: 1, name: 'Erased person' }).waitFor();
      assert.doesNotMatch(await page.locator('body').innerText(), /Tilda/);
    }
    assert.equal((await call(page, 'GET', `/people/${person.id}`)).error.code, 'not_found');
  });
});

test('everything that is kept of a person can be saved as a file', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/people' }, async (page) => {
    const person = await call(page, 'POST', '/people', { name: 'Ulla Test', consent: consent('Ulla Test') });
    try {
      await call(page, 'POST', '/session/confirm', { password: PASSWORD });
      await open(page, person);
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('person-export').click()]);
      assert.match(readFileSync(await download.path(), 'utf8'), /Ulla Test/);
    } finally {
      await forget(page, person);
    }
  });
});

test('U-30: a hostile name and an Arabic one are text everywhere they stand', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/people' }, async (page) => {
    const people = [];
    try {
      for (const name of [HOSTILE, 'ليلى']) {
        const person = await call(page, 'POST', '/people', { name, consent: { given_by: name, text: name } });
        people.push(person);
        await page.goto(`${BASE}/people`);
        await page.locator(`[data-person="${person.id}"]`).getByText(name, { exact: true }).waitFor();
        await open(page, person);
        await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
        await page.getByTestId('person-erase').click();
        await page.getByTestId('confirm-dialog').waitFor();
        assert.equal(await page.evaluate(() => document.querySelectorAll('img[src="x"]').length), 0);
        assert.equal(await page.evaluate(() => globalThis.hacked ?? null), null);
        assert.equal(await page.getByRole('heading', { level: 1 }).getAttribute('dir'), 'auto');
      }
    } finally {
      for (const person of people) await forget(page, person);
    }
  });
});

test('unknown visitors are gone through one at a time, and the place is kept across reload', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/people/unknown' }, async (page) => {
    await page.getByTestId('stranger').waitFor();
    await page.getByTestId('stranger-next').click();
    await eventually(async () => /^2 of/.test(await page.getByTestId('stranger-place').innerText()), 'the second');
    await page.reload();
    await eventually(async () => /^2 of/.test(await page.getByTestId('stranger-place').innerText()), 'still the second');
    await page.locator('[data-testid=stranger] .sample img').first().waitFor();
    await page.getByTestId('stranger-name').click();
    await page.getByTestId('who-dialog').waitFor();
  });
});

test('an unknown visitor who is ignored is not shown any more, and what was mixed up is told apart anew', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/people/unknown', allowed: [/^404 /] }, async (page) => {
    const shown = async () => (await call(page, 'GET', '/people/unknown')).visitors.map((one) => one.visitor);
    // Others may have come in earlier tests.
    const [first, ...others] = await shown();
    await page.getByTestId('stranger-split').click();
    await eventually(async () => !(await shown()).includes(first), 'learned anew');
    for (const next of others) {
      await eventually(async () => (await page.locator(`[data-testid=stranger][data-visitor="${next}"]`).count()) === 1, 'the next one');
      await page.getByTestId('stranger-ignore').click();
    }
    await page.getByText('No unknown visitor is remembered').waitFor();
    assert.equal((await call(page, 'POST', `/people/unknown/${others.at(-1)}/ignore`)).error.code, 'not_found');
  });
});

test('what is kept of faces, and for which cameras, is set with undo', { skip: !HAS_PEOPLE }, async () => {
  await withPage({ path: '/settings/faces' }, async (page) => {
    const before = await call(page, 'GET', '/faces');
    try {
      await page.getByTestId('faces-privacy').getByRole('radio', { name: 'Strict' }).check({ force: true });
      await eventually(async () => (await call(page, 'GET', '/faces')).settings.privacy === 'strict', 'strict');
      await page.getByText('Faces are blurred before anything is kept.').waitFor();
      await page.getByTestId('undo').first().click();
      await eventually(async () => (await call(page, 'GET', '/faces')).settings.privacy === before.settings.privacy, 'as before');
      const row = page.getByTestId('face-camera').last();
      const name = await row.getAttribute('data-camera');
      const was = before.cameras.find((camera) => camera.name === name).faces;
      await row.getByRole('switch', { name: /^Faces/ }).click();
      await eventually(async () => (await call(page, 'GET', '/faces')).cameras.find((camera) => camera.name === name).faces === !was, 'switched');
      await row.getByRole('switch', { name: /^Faces/ }).click();
      await eventually(async () => (await call(page, 'GET', '/faces')).cameras.find((camera) => camera.name === name).faces === was, 'and back');
      await call(page, 'PATCH', '/faces', { keep_pictures: true });
      await page.reload();
      await page.locator('[name=faces-days]').fill('900');
      await page.locator('[name=faces-days]').blur();
      await page.getByTestId('field-error').waitFor();
    } finally {
      const { privacy, keep_pictures } = before.settings;
      await call(page, 'PATCH', '/faces', { privacy, keep_pictures });
    }
  });
});

test('when faces cannot be looked at, the pages say why and no sample can be added', { skip: !IS_MOCK }, async () => {
  await withPage({}, async (page) => {
    await call(page, 'POST', '/mock/faces', { reason: 'The eyes are down.' });
    try {
      await page.goto(`${BASE}/people`);
      await page.getByTestId('faces-state').getByText('The eyes are down.').waitFor();
      const { people } = await call(page, 'GET', '/people');
      await open(page, people.find((person) => person.state === 'known'));
      await page.getByTestId('sample-obstacle').getByText('The eyes are down.').waitFor();
      assert.equal(await page.getByTestId('matching').getAttribute('data-state'), 'off');
    } finally {
      await call(page, 'POST', '/mock/faces', { reason: null });
    }
  });
});
