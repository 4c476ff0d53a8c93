import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BASE, HAS_RULES, IS_MOCK, PHONE, call, eventually, liveCamera, useBrowser, withPage } from './house.mjs';

useBrowser();

const row = (page, name) => page.locator(`[data-testid=rule-row][data-rule="${name}"]`);
const ready = (page) => page.locator('[data-testid=rule-check][data-state=ready]').waitFor({ timeout: 20_000 });
const stored = async (page, name) => (await call(page, 'GET', '/rules')).rules.find((one) => one.rule.name === name);

async function forget(page, name) {
  const found = await stored(page, name);
  if (found) await call(page, 'DELETE', `/rules/${found.id}`);
}

test('a rule is built from chips, checked and tried on what is recorded, then saved switched off', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/rules' }, async (page) => {
    await forget(page, 'Built by hand');
    await page.getByTestId('rule-new').click();
    await page.getByText('The rule needs a name.').first().waitFor();
    assert.ok(await page.getByTestId('rule-save').isDisabled());
    await page.locator('[name=rule-name]').fill('Built by hand');
    await page.getByTestId('condition-add').first().selectOption('hours');
    await page.getByTestId('group-chip').waitFor();
    await page.getByTestId('condition-add').last().selectOption('mode');
    assert.equal(await page.getByTestId('condition-line').count(), 3);
    await page.getByTestId('condition-line').last().getByRole('button', { name: 'The opposite' }).click();
    await page.getByTestId('cameras-chip').click();
    await page.locator('.chip-menu:popover-open').getByRole('checkbox').first().check();
    await page.keyboard.press('Escape');
    await page.getByTestId('action-add').selectOption('notify');
    await page.getByTestId('action-add').selectOption('log');
    await ready(page);
    await page.getByTestId('dry-run').waitFor();
    assert.match(await page.getByTestId('check-sentence').innerText(), /^when /);
    await page.getByTestId('rule-save').click();
    await page.waitForURL(/\/rules\/rul_/);
    const { rule } = await stored(page, 'Built by hand');
    assert.equal(rule.is_on, false);
    assert.deepEqual(rule.when.all.map((part) => Object.keys(part)[0]), ['happens', 'hours', 'not']);
    assert.equal(rule.when.all[0].happens.cameras.length, 1);
    assert.deepEqual(rule.then.map((action) => Object.keys(action)[0]), ['notify', 'log']);
    await forget(page, 'Built by hand');
  });
});

test('groups lie in groups, and their lines are taken out again', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/rules/new?template=stranger_night' }, async (page) => {
    await page.getByTestId('condition-add').last().selectOption('any');
    const inner = page.locator('.condition-group .condition-group');
    await inner.getByTestId('condition-add').selectOption('mode');
    await page.getByTestId('group-chip').first().selectOption('any');
    assert.deepEqual(await page.getByTestId('group-chip').evaluateAll((chips) => chips.map((chip) => chip.value)), ['any', 'any']);
    await ready(page);
    await inner.getByRole('button', { name: 'Remove condition 3' }).click();
    await inner.getByRole('button', { name: 'Remove condition 3' }).click();
    await inner.waitFor({ state: 'detached' });
    await ready(page);
  });
});

test('a rule that cannot work is not saved, and the place is marked', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/rules/new' }, async (page) => {
    await page.locator('[name=rule-name]').fill('Never');
    await page.getByTestId('action-add').selectOption('log');
    await page.getByTestId('condition-add').selectOption('mode');
    await page.getByTestId('condition-add').selectOption('mode');
    for (const [index, keep] of [[0, 'Home'], [1, 'Away']]) {
      await page.getByTestId('mode-chip').nth(index).click();
      const menu = page.locator('.chip-menu:popover-open');
      for (const mode of ['Home', 'Away', 'Night', 'Vacation']) if (mode !== keep) await menu.getByRole('checkbox', { name: mode }).uncheck();
      await page.keyboard.press('Escape');
    }
    await page.locator('[data-testid=finding][data-code=never_true]').first().waitFor();
    assert.ok(await page.getByTestId('rule-save').isDisabled());
    await page.getByText('There are errors to mend first.').waitFor();
    await page.getByRole('button', { name: 'Remove condition 3' }).click();
    await page.getByTestId('condition-add').selectOption('hours');
    const line = page.getByTestId('condition-line').nth(2);
    await line.locator('input[type=time]').last().fill('22:00');
    await line.locator('[data-testid=finding][data-code=whole_day]').waitFor();
    assert.ok(await page.getByTestId('rule-save').isEnabled());
  });
});

test('another control brings a value that it takes', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/rules/new?template=ring' }, async (page) => {
    await page.getByTestId('action-add').selectOption('set');
    const line = page.getByTestId('action-line').last();
    await line.getByTestId('device-chip').selectOption({ label: 'Thermostat' });
    await line.getByRole('spinbutton', { name: 'Value' }).waitFor();
    await ready(page);
    const [request] = await Promise.all([page.waitForRequest((one) => one.url().endsWith('/rules/check')), line.getByRole('combobox', { name: 'Control' }).selectOption('mode')]);
    assert.equal(request.postDataJSON().rule.then.at(-1).set.value, 'schedule');
  });
});

test('rules at odds are named, with a way to each', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/rules/new?template=ring' }, async (page) => {
    await page.getByTestId('action-add').selectOption('switch');
    await page.getByTestId('switch-chip').selectOption({ label: 'Hall lamp' });
    await page.getByTestId('action-line').last().getByRole('combobox', { name: 'Value' }).selectOption('off');
    const conflict = page.locator('[data-testid=conflict][data-kind=opposed]');
    await conflict.getByRole('link', { name: 'Stranger at night' }).waitFor();
    assert.ok(await page.getByTestId('rule-save').isEnabled(), 'that is for a person to decide');
  });
});

test('what a rule would have done leads to those moments', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/rules/new?template=baby_pet' }, async (page) => {
    await ready(page);
    const runs = Number(await page.getByTestId('dry-run').getAttribute('data-runs'));
    assert.ok(runs > 0);
    await page.getByTestId('dry-run').getByRole('link').first().click();
    await page.waitForURL(/\/timeline\?t=/);
  });
});

test('a sentence becomes a draft, and what was not understood is said', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/rules' }, async (page) => {
    await page.locator('[name=sentence]').fill('when something rings, notify everybody as warning and sing a song');
    await page.getByTestId('sentence-read').click();
    await page.getByTestId('understood').first().waitFor();
    await page.getByTestId('not-understood').first().waitFor();
    assert.equal(await page.getByTestId('sentence-answer').getAttribute('data-state'), 'partly');
    await page.locator('[name=sentence]').fill('when something rings, notify everybody as warning');
    assert.equal(await page.getByTestId('sentence-answer').count(), 0, 'an answer belongs to its sentence');
    await page.getByTestId('sentence-read').click();
    await page.locator('[data-testid=sentence-answer][data-state=understood]').waitFor();
    await page.getByTestId('sentence-open').click();
    await page.waitForURL(/\/rules\/new/);
    assert.equal(await page.getByTestId('verb-chip').inputValue(), 'ring');
    assert.equal(await page.locator('[data-testid=action-line][data-kind=notify]').count(), 1);
    assert.equal(await page.getByRole('switch', { name: 'In force' }).isChecked(), false);
    assert.equal((await call(page, 'GET', '/rules')).rules.filter((one) => one.rule.name === 'New rule').length, 0, 'nothing is kept before a person saves it');
    await page.goto(`${BASE}/rules`);
    await page.locator('[name=sentence]').fill('sing a song');
    await page.getByTestId('sentence-read').click();
    await page.locator('[data-testid=sentence-answer][data-state=not-understood]').waitFor();
    assert.equal(await page.getByTestId('sentence-open').count(), 0);
  });
});

test('all templates open as drafts that are off and pass the check', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/rules' }, async (page) => {
    await page.getByTestId('template').first().waitFor();
    const names = await page.locator('[data-testid=template][data-state=ready]').evaluateAll((rows) => rows.map((one) => one.dataset.template));
    assert.equal(await page.getByTestId('template').count(), 9);
    if (IS_MOCK) assert.equal(names.length, 9, names.join());
    for (const name of names) {
      await page.goto(`${BASE}/rules/new?template=${name}`);
      await ready(page);
      assert.equal(await page.getByRole('switch', { name: 'In force' }).isChecked(), false, name);
      if (IS_MOCK) assert.equal(await page.locator('[data-testid=finding][data-level=error]').count(), 0, name);
    }
  });
});

test('a rule is switched and removed with a way back, by keyboard too', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/rules', viewport: PHONE }, async (page) => {
    await forget(page, 'To and fro');
    await call(page, 'POST', '/rules', { version: 1, name: 'To and fro', is_on: false, when: { happens: { kinds: ['ring'] } }, then: [{ log: {} }] });
    await page.reload();
    const line = row(page, 'To and fro');
    await line.getByRole('switch').focus();
    await page.keyboard.press('Space');
    await page.locator('[data-testid=rule-row][data-rule="To and fro"][data-state=on]').waitFor();
    assert.equal((await stored(page, 'To and fro')).rule.is_on, true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('[data-testid=rule-row][data-rule="To and fro"][data-state=off]').waitFor();
    await line.getByTestId('rule-remove').click();
    await line.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await line.waitFor();
    assert.ok(await stored(page, 'To and fro'));
    await line.getByTestId('rule-remove').click();
    await line.waitFor({ state: 'detached' });
    await eventually(() => stored(page, 'To and fro').then((found) => found === undefined), 'gone for good', 20_000);
  });
});

test('a run arrives in the history with its causes and what came of each action', { skip: !HAS_RULES }, async () => {
  await withPage({ path: '/rules' }, async (page) => {
    const name = IS_MOCK ? 'Stranger at night' : 'Armed at home';
    if (!IS_MOCK) {
      await forget(page, name);
      const watches = [{ sensor: { camera: (await liveCamera(page)).id }, reaction: 'instant', labels: ['bear'] }];
      await call(page, 'PUT', '/alarm/setup', { settings: { modes: { home: { exit_seconds: 0, entry_seconds: 0, watches } }, siren_seconds: 0, schedule: [] }, sirens: [] });
      await call(page, 'POST', '/rules', { version: 1, name, is_on: true, when: { mode: { is: ['home'] } }, then: [{ log: {} }] });
    }
    const { id } = await stored(page, name);
    await page.goto(`${BASE}/rules/${id}`);
    await page.getByTestId('runs').waitFor();
    const count = () => page.getByTestId('run').count();
    if (IS_MOCK) {
      await page.locator('[data-testid=run-action][data-outcome=failed]').getByText('The device did not answer in time.').waitFor();
      await page.locator('[data-testid=run-action][data-outcome=overruled]').waitFor();
    }
    const before = await count();
    if (IS_MOCK) await call(page, 'POST', '/mock/rule', { name, action: 'run' });
    else await call(page, 'PUT', '/alarm/mode', { mode: 'home' });
    await eventually(async () => (await count()) > before, 'the run without a reload');
    await page.getByTestId('run').first().locator('[data-testid=run-action][data-outcome=done]').first().waitFor();
    if (!IS_MOCK) {
      await call(page, 'PUT', '/alarm/mode', { mode: 'disarmed' });
      await forget(page, name);
    }
  });
});

test('a rule that was suspended says so, and goes on by a click', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/rules' }, async (page) => {
    await call(page, 'POST', '/mock/rule', { name: 'Heater left on', action: 'suspend' });
    await page.reload();
    const line = row(page, 'Heater left on');
    await line.getByTestId('rule-resume').click();
    await line.getByTestId('suspended').waitFor({ state: 'detached' });
    assert.equal((await stored(page, 'Heater left on')).is_suspended, false);
    await call(page, 'POST', '/mock/rule', { name: 'Heater left on', action: 'suspend' });
  });
});

test('rules and alarm have words among the events, and the page says what it cannot load', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/events?g=alarm', allowed: [/^500 \/api\/v1\/rules/] }, async (page) => {
    await page.locator('[data-testid=event-row][data-kind=alarm_changed]').getByText('Wrong PIN').first().waitFor();
    await call(page, 'POST', '/mock/rule', { name: 'Stranger at night', action: 'run' });
    await page.locator('[data-testid=event-row][data-kind=rule_ran]').getByText('Stranger at night').first().waitFor();
    await page.route('**/api/v1/rules', (route) => route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'Something failed.', id: 'err_1' } } }));
    await page.goto(`${BASE}/rules`);
    await page.locator('[data-state=error]').getByText('err_1').waitFor();
    await page.unroute('**/api/v1/rules');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('rules').waitFor();
    await page.route('**/api/v1/rules', (route) => route.fulfill({ json: { rules: [] } }));
    await page.goto(`${BASE}/rules`);
    await page.locator('[data-state=empty]').getByText('No rules yet').waitFor();
    assert.equal(await page.locator('#starters ~ [data-testid=templates] [data-testid=template]').count(), 3);
  });
});
