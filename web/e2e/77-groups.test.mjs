import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_DRAFTING, HAS_GROUPS, HAS_PRESENCE, HAS_RULES, IS_MOCK, PHONE, call, eventually, useBrowser, withPage } from './house.mjs';

useBrowser();

const row = (page, name) => page.locator(`[data-testid=group][data-group="${name}"]`);
const groups = async (page) => (await call(page, 'GET', '/people/groups')).groups;
const stored = async (page, name) => (await groups(page)).find((group) => group.name === name);

async function forget(page, ...names) {
  for (const group of (await groups(page)).filter((one) => names.includes(one.name))) await call(page, 'DELETE', `/people/groups/${group.id}`);
}

const usual = { is_on: false, url: '', model: '', may_name_people: false, may_describe_events: false, may_see_pictures: false, key: null };
const setDrafting = (page, change = {}) => call(page, 'PUT', '/rules/drafting', { ...usual, ...change });

test('a group is made of people, changed, and removed only when nobody wants it back', { skip: !HAS_GROUPS }, async () => {
  await withPage({ path: '/people', allowed: [/^(400|409) \/api\/v1\/people\/groups/] }, async (page) => {
    await forget(page, 'Night shift', 'Day shift');
    const person = await call(page, 'POST', '/people', { name: 'Vera Test', consent: null });
    try {
      await page.reload();
      await page.getByTestId('group-add').click();
      assert.ok(await page.getByTestId('group-submit').isDisabled(), 'not without a name');
      await page.locator('[name=group-name]').fill('x'.repeat(61));
      await page.getByTestId('field-error').waitFor();
      assert.ok(await page.getByTestId('group-submit').isDisabled());
      await page.locator('[name=group-name]').fill('Night shift');
      await page.getByTestId('group-dialog').getByRole('checkbox', { name: 'Vera Test' }).check();
      await page.getByTestId('group-submit').click();
      await row(page, 'Night shift').getByText('Vera Test').waitFor();
      await row(page, 'Night shift').getByText('No rule names it').waitFor();
      assert.deepEqual((await stored(page, 'Night shift')).members, [person.id]);
      // Two of one name would be one word for a rule.
      await page.getByTestId('group-add').click();
      await page.locator('[name=group-name]').fill('Night shift');
      await page.getByTestId('group-submit').click();
      await page.getByTestId('form-error').waitFor();
      await page.keyboard.press('Escape');
      await row(page, 'Night shift').getByTestId('group-edit').click();
      await page.locator('[name=group-name]').fill('Day shift');
      await page.getByTestId('group-dialog').getByRole('checkbox', { name: 'Vera Test' }).uncheck();
      await page.getByTestId('group-submit').click();
      await row(page, 'Day shift').getByText('Nobody yet').waitFor();
      await row(page, 'Day shift').getByTestId('group-remove').click();
      await row(page, 'Day shift').waitFor({ state: 'detached' });
      assert.ok(await stored(page, 'Day shift'), 'nothing is removed while it can be taken back');
      await page.getByTestId('undo').click();
      await row(page, 'Day shift').waitFor();
      await row(page, 'Day shift').getByTestId('group-remove').click();
      await page.locator('[data-testid=note][data-state=undo]').getByRole('button', { name: 'Close' }).click();
      await eventually(async () => (await stored(page, 'Day shift')) === undefined, 'gone for good');
    } finally {
      await forget(page, 'Night shift', 'Day shift');
      await call(page, 'DELETE', `/people/${person.id}`);
    }
  });
});

test('a rule speaks of a group by keyboard too, and the group says which rules do', { skip: !HAS_GROUPS || !HAS_RULES }, async () => {
  await withPage({ path: '/people', viewport: PHONE }, async (page) => {
    const name = 'Somebody of the choir';
    await forget(page, 'Choir');
    for (const one of (await call(page, 'GET', '/rules')).rules.filter((view) => view.rule.name === name)) await call(page, 'DELETE', `/rules/${one.id}`);
    const group = await call(page, 'POST', '/people/groups', { name: 'Choir', members: [] });
    try {
      await page.goto(`${BASE}/rules/new?template=ring`);
      await page.locator('[name=rule-name]').fill(name);
      await page.getByTestId('verb-chip').selectOption('visit');
      await page.getByTestId('who-chip').focus();
      await page.getByTestId('who-chip').selectOption('group');
      await page.getByTestId('people-group-chip').selectOption({ label: 'Choir' });
      await page.locator('[data-testid=rule-check][data-state=ready]').waitFor({ timeout: 20_000 });
      await page.getByTestId('rule-save').click();
      await page.waitForURL(/\/rules\/rul_/);
      const id = page.url().split('/').at(-1);
      assert.deepEqual((await call(page, 'GET', `/rules/${id}`)).rule.when.happens.who, { group: group.id });
      await page.goto(`${BASE}/people`);
      const link = row(page, 'Choir').getByTestId('group-rules').getByRole('link', { name });
      await link.waitFor();
      await link.focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(`${BASE}/rules/${id}`);
      assert.equal(await page.getByTestId('people-group-chip').inputValue(), group.id);
      await call(page, 'DELETE', `/rules/${id}`);
    } finally {
      await forget(page, 'Choir');
    }
  });
});

test('whoever is erased leaves the group, and removing one that a rule names is said', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/people' }, async (page) => {
    await page.route('**/api/v1/people/groups/*', (route) => (route.request().method() === 'DELETE' ? route.abort() : route.continue()));
    await row(page, 'Family').getByText('Anna Novak, Ben Novak, Granny').waitFor();
    await row(page, 'Family').getByTestId('group-remove').click();
    await page.locator('[data-testid=note][data-state=undo]').getByText('A rule that names it fits nobody now').waitFor();
    await page.getByTestId('undo').click();
    const person = await call(page, 'POST', '/people', { name: 'Wanda Test', consent: null });
    const family = await stored(page, 'Family');
    await call(page, 'PUT', `/people/groups/${family.id}`, { name: 'Family', members: [...family.members, person.id] });
    await page.reload();
    await row(page, 'Family').getByText('Wanda Test').waitFor();
    await call(page, 'DELETE', `/people/${person.id}`);
    await row(page, 'Family').getByText('Wanda Test').waitFor({ state: 'detached' });
  });
});

test('who is home is told by chosen devices; by default nothing happens by itself', { skip: !HAS_PRESENCE }, async () => {
  await withPage({ path: '/alarm/settings' }, async (page) => {
    if (IS_MOCK) await call(page, 'POST', '/mock/alarm', { action: 'usual' });
    const before = await call(page, 'GET', '/alarm/setup');
    assert.deepEqual(before.presence, { devices: [], empty_minutes: 15, then: 'nothing', welcome: 'nothing' });
    try {
      await page.reload();
      const card = page.getByTestId('presence');
      assert.equal(await card.getByTestId('presence-then').count(), 0, 'without a device there is nothing to choose');
      await card.getByRole('checkbox').first().check();
      assert.ok(await card.getByTestId('presence-then').getByRole('radio', { name: 'Nothing' }).isChecked());
      // A house without the mode away says so in its place.
      if (IS_MOCK) await card.getByText('Nothing happens by itself.').waitFor();
      await page.locator('[name=empty-minutes]').fill('4');
      await page.getByText('A house counts as empty after 5 to 240 minutes.').waitFor();
      assert.ok(await page.getByTestId('alarm-save').isDisabled());
      await page.locator('[name=empty-minutes]').fill('30');
      await card.getByTestId('presence-then').getByRole('radio', { name: 'Say so' }).check({ force: true });
      await card.getByRole('switch').check();
      await page.getByTestId('alarm-save').click();
      await page.getByTestId('alarm-save-bar').waitFor({ state: 'detached' });
      const { presence } = await call(page, 'GET', '/alarm/setup');
      assert.deepEqual({ ...presence, devices: presence.devices.length }, { devices: 1, empty_minutes: 30, then: 'tell', welcome: 'tell' });
      if (IS_MOCK) {
        await page.goto(`${BASE}/alarm`);
        await page.locator('[data-testid=presence-line][data-state=home]').waitFor();
        await call(page, 'POST', '/mock/alarm', { action: 'empty' });
        await page.locator('[data-testid=presence-line][data-state=empty]').getByText(/^Nobody home since \d\d:\d\d/).waitFor();
      }
    } finally {
      await call(page, 'PUT', '/alarm/setup', before);
      if (IS_MOCK) await call(page, 'POST', '/mock/alarm', { action: 'usual' });
    }
  });
});

test('a house without the mode Away offers no arming of an empty house', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/alarm/settings' }, async (page) => {
    await call(page, 'POST', '/mock/alarm', { action: 'usual' });
    await page.reload();
    const card = page.getByTestId('presence');
    await card.getByRole('checkbox').first().check();
    await card.getByRole('radio', { name: 'Arm Away' }).check({ force: true });
    await page.locator('[data-testid=mode-card][data-mode=away]').getByRole('switch').uncheck();
    await card.getByText('Arming needs the mode Away.').waitFor();
    assert.equal(await card.getByRole('radio', { name: 'Arm Away' }).count(), 0);
    assert.ok(await card.getByRole('radio', { name: 'Say so' }).isChecked());
  });
});

test('drafts by a model are off, say what is sent where, and a key goes in and never comes out', { skip: !HAS_DRAFTING }, async () => {
  await withPage({ path: '/rules' }, async (page) => {
    await setDrafting(page);
    await page.reload();
    await page.getByTestId('sentence').getByText('Nothing leaves the house.').waitFor();
    await page.getByTestId('drafting-link').click();
    await page.locator('[data-testid=drafting][data-state=off]').waitFor();
    try {
      const sent = page.getByTestId('drafting-sent');
      await sent.getByText('no connection is opened').waitFor();
      await page.getByRole('switch', { name: 'A model may be asked' }).check();
      assert.ok(await page.getByTestId('drafting-save').isDisabled(), 'not without an address');
      await page.locator('[name=drafting-url]').fill('ftp://models.example');
      await page.getByTestId('field-error').waitFor();
      await page.locator('[name=drafting-url]').fill('https://models.example/v1');
      await page.locator('[name=drafting-model]').fill('small-one');
      await page.locator('[name=drafting-key]').fill('a-secret-key-of-the-test');
      await sent.getByText('To models.example: your words, and the names of cameras, zones and devices.').waitFor();
      await sent.getByText('names of people.').waitFor();
      await page.getByRole('switch', { name: 'May learn names of people and groups' }).check();
      await sent.getByText('devices, people and groups').waitFor();
      await page.getByRole('switch', { name: 'May learn names of people and groups' }).uncheck();
      const see = page.getByRole('switch', { name: 'May see the picture of that event' });
      assert.ok(await see.isDisabled(), 'no picture of what it is not told of');
      await sent.getByText('Never: sound, pictures, events, names of people.').waitFor();
      await page.getByRole('switch', { name: 'May say what an event was' }).check();
      await see.check();
      await sent.getByText('and its picture.').waitFor();
      await sent.getByText('Never: sound, names of people.').waitFor();
      await page.getByRole('switch', { name: 'May say what an event was' }).uncheck();
      await see.and(page.locator(':not(:checked)')).waitFor();
      await page.getByTestId('drafting-save').click();
      await page.locator('[data-testid=drafting][data-state=on]').waitFor();
      assert.equal(await page.locator('[name=drafting-key]').inputValue(), '');
      assert.doesNotMatch(await page.content(), /a-secret-key-of-the-test/);
      const shown = await call(page, 'GET', '/rules/drafting');
      assert.deepEqual(shown, { is_on: true, url: 'https://models.example/v1', model: 'small-one', has_key: true, may_name_people: false, may_describe_events: false, may_see_pictures: false });
      // Another model, and the key stays.
      const [request] = await Promise.all([page.waitForRequest((one) => one.method() === 'PUT'), page.locator('[name=drafting-model]').fill('large-one').then(() => page.getByTestId('drafting-save').click())]);
      assert.ok(!('key' in request.postDataJSON()));
      await eventually(async () => (await call(page, 'GET', '/rules/drafting')).model === 'large-one', 'saved');
      await page.getByTestId('drafting-key-remove').click();
      await page.getByTestId('drafting-save').click();
      await eventually(async () => (await call(page, 'GET', '/rules/drafting')).has_key === false, 'the key is gone');
    } finally {
      await setDrafting(page);
    }
  });
});

test('a model is tried and asked only on a click, its draft is told as its own, and a failure keeps what was read', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/rules', allowed: [/^502 /] }, async (page) => {
    await setDrafting(page, { is_on: true, url: 'https://models.example/v1', model: 'small-one' });
    try {
      await page.goto(`${BASE}/rules/drafting`);
      await page.getByTestId('drafting-test').click();
      await page.getByTestId('drafting-outcome').getByText('It answered in').waitFor();
      await page.goto(`${BASE}/rules`);
      const asked = [];
      page.on('request', (request) => request.url().endsWith('/rules/draft') && asked.push(request.postDataJSON()));
      await page.locator('[name=sentence]').fill('when something rings, notify everybody');
      await page.getByTestId('sentence-read').click();
      await page.locator('[data-testid=sentence-answer][data-by=grammar][data-state=understood]').waitFor();
      assert.equal(await page.getByTestId('improve').count(), 0, 'what was understood is asked nobody');
      await page.locator('[name=sentence]').fill('sing a song for whoever comes');
      await page.getByTestId('sentence-read').click();
      await page.getByTestId('improve').getByText('go to models.example').waitFor();
      assert.ok(asked.every((body) => !body.improve));
      await page.getByTestId('sentence-improve').click();
      await page.locator('[data-testid=sentence-answer][data-by=model]').waitFor();
      assert.equal(asked.at(-1).improve, true);
      await page.getByTestId('by-model').getByText('By a model').waitFor();
      await page.getByText('A model wrote this').waitFor();
      assert.equal(await page.getByTestId('improve').count(), 0);
      await page.getByTestId('sentence-open').click();
      await page.waitForURL(/\/rules\/new/);
      assert.equal(await page.getByRole('switch', { name: 'In force' }).isChecked(), false, 'a draft is only a draft');
      await setDrafting(page, { is_on: true, url: 'https://nowhere.example/v1', model: 'broken' });
      await page.goto(`${BASE}/rules`);
      await page.locator('[name=sentence]').fill('when something rings, notify everybody and sing a song');
      await page.getByTestId('sentence-read').click();
      await page.getByTestId('sentence-improve').click();
      await page.getByTestId('model-error').getByText('is no rule').waitFor();
      await page.locator('[data-testid=sentence-answer][data-by=grammar][data-state=partly]').waitFor();
      await page.goto(`${BASE}/rules/drafting`);
      await page.getByTestId('drafting-test').click();
      await page.getByTestId('drafting-outcome').getByText('is no rule').waitFor();
    } finally {
      await setDrafting(page);
    }
  });
});

test('a hub of an older version shows nothing of groups, presence and drafts', { skip: !IS_MOCK }, async () => {
  await withPage({ allowed: [/^404 \/api\/v1\/(people\/groups|rules\/drafting)/] }, async (page) => {
    const missing = (route) => route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'There is no such thing.' } } });
    await page.route('**/api/v1/people/groups', missing);
    await page.route('**/api/v1/rules/drafting', missing);
    const without = async (route) => {
      const response = await route.fetch();
      const { presence: _, ...rest } = await response.json();
      await route.fulfill({ response, json: rest });
    };
    await page.route('**/api/v1/alarm', without);
    await page.route('**/api/v1/alarm/setup', without);
    const then = async (path, ready, part) => {
      await page.goto(BASE + path);
      await page.getByTestId(ready).first().waitFor();
      await eventually(async () => (await page.getByTestId(part).count()) === 0, `${path} without ${part}`);
    };
    await then('/people', 'people', 'groups');
    await then('/alarm/settings', 'mode-card', 'presence');
    await then('/alarm', 'alarm-state', 'presence-line');
    await then('/rules', 'sentence', 'drafting-link');
    await page.goto(`${BASE}/rules/drafting`);
    await page.getByText('This hub is of a version without drafts by a model.').waitFor();
  });
});
