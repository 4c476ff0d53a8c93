import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { BASE, DESKTOP, HAS_ASSISTANT, HAS_DEVICES, HAS_DRAFTING, HAS_IDENTITY, HAS_NOTIFICATIONS, HAS_PEOPLE, HAS_REVIEW, HAS_RULES, HAS_SEARCH, HAS_WATCH_LIST, IS_MOCK, PHONE, call, lead, liveCamera, still, useBrowser, withPage } from './house.mjs';

useBrowser();

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function pages(page) {
  const camera = await liveCamera(page);
  const { users } = HAS_IDENTITY ? await call(page, 'GET', '/users') : { users: [] };
  const { incidents } = HAS_IDENTITY ? await call(page, 'GET', '/incidents') : { incidents: [] };
  const more = HAS_IDENTITY ? ['/account', '/account/sessions', '/account/tokens', '/settings/users', '/settings/provider', `/settings/users/${users.at(-1).id}`, `/settings/users/${users[0].id}`, '/security', '/security/promises', '/alerts', '/alerts?state=all&order=oldest', '/alerts?state=resolved&severity=critical', ...incidents.filter((row, index) => index === 0 || row.evidence?.length > 0).slice(0, 2).map((row) => `/alerts/${row.id}`), '/security/audit', '/security/audit?who=nobody-at-all'] : [];
  const { devices } = HAS_DEVICES ? await call(page, 'GET', '/devices') : { devices: [] };
  const shown = devices.filter((device, index) => (IS_MOCK ? /^(Hall lamp|Garage camera|Thermostat|Fridge)$/.test(device.name) : index === 0));
  const things = HAS_DEVICES ? ['/devices', '/devices?only=problems', ...shown.map((device) => `/devices/${device.id}`), '/devices/add', '/energy', '/energy?r=month', '/climate'] : [];
  const { visits } = HAS_PEOPLE ? await call(page, 'GET', '/visits') : { visits: [] };
  const { people } = HAS_PEOPLE ? await call(page, 'GET', '/people') : { people: [] };
  const known = people.filter((person, index) => (IS_MOCK ? /^(Anna Novak|Postman|Old tenant)$/.test(person.name) : index === 0));
  const doors = HAS_PEOPLE ? ['/visits', '/visits?show=kept&camera=cam_00000000000000000000000000000000', ...visits.slice(0, 3).map((visit) => `/visits/${visit.id}`), '/people', ...known.map((person) => `/people/${person.id}`), '/people/unknown', ...(HAS_WATCH_LIST ? ['/people/watch-list'] : []), '/settings/faces', '/settings/replies', ...(HAS_NOTIFICATIONS ? ['/settings/notifications'] : [])] : [];
  const { rules } = HAS_RULES ? await call(page, 'GET', '/rules') : { rules: [] };
  const guards = HAS_RULES ? ['/alarm', '/alarm/settings', '/alarm/pins', '/rules', '/rules/new', ...(HAS_DRAFTING ? ['/rules/drafting'] : []), '/rules/new?template=stranger_night', ...rules.slice(0, 1).map((row) => `/rules/${row.id}`)] : [];
  const asked = HAS_SEARCH ? ['/events?q=person', '/events?q=zzz', '/events?g=activity', '/events?c=' + ((await call(page, 'GET', '/conversations')).conversations[0]?.id ?? '')] : [];
  const others = [...(HAS_ASSISTANT ? ['/assistant'] : []), ...(HAS_REVIEW ? ['/review', '/review?reason=corrected'] : [])];
  return [...more, ...things, ...doors, ...guards, ...asked, ...others, '/exports', '/', '/cameras', `/cameras/${camera.id}`, `/cameras/${camera.id}/settings`, `/timeline?c=${camera.id}`, '/events', '/settings/cameras', '/settings/cameras?add', '/settings/system', '/settings/appearance', '/help', '/nothing'];
}

/** What depends on the theme; everything else is the same in both. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** What a rule finds twice: a button that is just being enabled has a colour of neither. */
async function violations(page, run) {
  if ((await measured(page, run)).length === 0) return [];
  await still(page);
  return measured(page, run);
}

async function measured(page, run) {
  // The page's own policy refuses foreign scripts; axe runs in the debugger's world instead.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  return page.evaluate(async (runOnly) => {
    // Rows that a list has scrolled out of sight lie, for axe, over what is above the list.
    for (const element of document.querySelectorAll('*')) if (element.scrollTop > 0) element.scrollTop = 0;
    // Without a look at what is played: a page of cameras would be waited for until each has a picture.
    const { violations: found } = await globalThis.axe.run(document, { runOnly, resultTypes: ['violations'], preload: false });
    const loud = [...document.querySelectorAll('video, audio')].filter((element) => element.autoplay && !element.muted && !element.paused).map(() => 'plays sound by itself');
    return [...loud, ...found.map((row) => `${row.id}: ${row.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`)];
  }, run);
}

/** All rules in the theme at hand, and in the other one those that colours decide. */
async function flaws(page) {
  const found = await violations(page, { type: 'tag', values: TAGS });
  const isDark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  await page.emulateMedia({ colorScheme: isDark ? 'light' : 'dark' });
  await still(page);
  found.push(...(await violations(page, { type: 'rule', values: COLOURS })).map((flaw) => `${isDark ? 'light' : 'dark'}: ${flaw}`));
  await page.emulateMedia({ colorScheme: isDark ? 'dark' : 'light' });
  await still(page);
  return found;
}

/** Chooses a language as another tab of the browser would. */
async function speak(page, language) {
  await page.evaluate((newValue) => dispatchEvent(new StorageEvent('storage', { key: 'hearthwatch.language', newValue })), language);
  await page.waitForFunction((name) => document.documentElement.lang === name, language);
  await still(page);
}

const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** What is wrong with a page at a size whatever its words are: longer ones must not be cut or push the page wide. */
async function misfits(page, language) {
  const { dir, cut, keys } = await page.evaluate(() => ({
    dir: document.documentElement.dir,
    cut: [...document.querySelectorAll('main button, main .badge, main label, .tabs a')].filter((element) => !element.closest('.visually-hidden') && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible').map((element) => element.textContent),
    keys: document.body.innerText.match(/(?<![\w.@/])[a-z]+\.[a-z]+_[a-z_]+/g) ?? [],
  }));
  const more = await wide(page);
  const { width } = page.viewportSize();
  return [
    ...(dir === (language === 'ar-XB' ? 'rtl' : 'ltr') ? [] : [`${language} runs ${dir}`]),
    ...(more > 0 ? [`${language} at ${width}: ${more} px too wide`] : []),
    ...(cut.length > 0 ? [`${language} at ${width} cuts ${cut.join(' | ')}`] : []),
    ...(keys.length > 0 ? [`${language} shows ${keys.join(' ')}`] : []),
  ];
}

/** One heading, a title, and nothing wider than the screen. */
async function outline(page) {
  const { headings, title } = await page.evaluate(() => ({ headings: document.querySelectorAll('h1').length, title: document.title }));
  const more = await wide(page);
  return [...(headings === 1 ? [] : [`${headings} headings`]), ...(/.+ – Hearthwatch/.test(title) ? [] : [`is called ${title}`]), ...(more > 0 ? [`${more} px too wide at ${page.viewportSize().width}`] : [])];
}

/** Forced colours in German: every word is there. */
async function german(page) {
  await page.emulateMedia({ forcedColors: 'active' });
  await speak(page, 'de');
  const words = await page.locator('body').innerText();
  await page.emulateMedia({ forcedColors: 'none' });
  return /\b[a-z]+\.[a-z_]+\b(?!\.(mp4|jpg))(?<!\d)\{|\{[a-z]+\}/.test(words) ? ['German has a gap'] : [];
}

// Each page is loaded once a size, and everything that can be changed in place is changed in place: theme, width, language.
for (const [size, viewport, widths] of [['desktop', DESKTOP, [DESKTOP.width]], ['phone', PHONE, [PHONE.width, 320]]]) {
  test(`every page, ${size}: axe finds nothing in either theme, nothing scrolls sideways or is cut in any language`, async () => {
    await withPage({ viewport }, async (page) => {
      const found = {};
      for (const path of await pages(page)) {
        await lead(page, path);
        const list = [...(await outline(page)), ...(await flaws(page))];
        for (const width of widths.slice(1)) {
          await page.setViewportSize({ width, height: 700 });
          await still(page);
          list.push(...(await outline(page)));
        }
        for (const language of ['en-XA', 'ar-XB']) {
          await speak(page, language);
          for (const width of [...widths].sort((a, b) => (language === 'en-XA' ? a - b : b - a))) {
            if (page.viewportSize().width !== width) {
              await page.setViewportSize({ width, height: viewport.height });
              await still(page);
            }
            list.push(...(await misfits(page, language)));
          }
        }
        if (size === 'desktop') list.push(...(await german(page)));
        await page.setViewportSize(viewport);
        await speak(page, 'en');
        if (list.length > 0) found[path] = list;
      }
      assert.deepEqual(found, {});
    });
    await withPage({ viewport, path: '/signin', signedIn: false }, async (page) => {
      await page.locator('h1').waitFor();
      assert.deepEqual(await flaws(page), []);
    });
  });
}

test('a reader’s language is that of the browser until another is chosen, in any tab', async () => {
  await withPage({ locale: 'de-DE' }, async (page, context) => {
    await page.getByTestId('status-line').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
    const other = await context.newPage();
    await other.goto(`${BASE}/settings/appearance`);
    await other.getByTestId('language').getByRole('radio', { name: 'English' }).check();
    await page.waitForFunction(() => document.documentElement.lang === 'en');
  });
});

test('with little motion wanted, tiles are stills with their age', async () => {
  await withPage({ reducedMotion: 'reduce' }, async (page) => {
    await page.locator('[data-testid=live-view][data-state=still]').first().waitFor();
    assert.equal(await page.locator('[data-testid=tile] [data-testid=live-view][data-state=live]').count(), 0);
  });
});

test('dialogs with forms and secrets pass the same rules', { skip: !HAS_IDENTITY }, async () => {
  for (const [viewport, colorScheme] of [[DESKTOP, 'dark'], [PHONE, 'light']]) {
    await withPage({ viewport, colorScheme }, async (page) => {
      const found = {};
      const look = async (name, path, button, dialog) => {
        await lead(page, path);
        await page.getByTestId(button).first().click();
        await page.getByTestId(dialog).waitFor();
        const list = await flaws(page);
        if (list.length > 0) found[name] = list;
      };
      await look('token', '/account/tokens', 'token-add', 'token-dialog');
      const { token } = await call(page, 'POST', '/tokens', { name: 'to look at', scope: { actions: ['live'] }, networks: [], expires_at: new Date(Date.now() + 3_600_000).toISOString() });
      await look('revoke', '/account/tokens', 'token-revoke', 'confirm-dialog');
      await call(page, 'DELETE', `/tokens/${token.id}`);
      await look('authenticator', '/account', 'totp-begin', 'totp-dialog');
      await look('user', '/settings/users', 'user-add', 'user-dialog');
      const camera = await liveCamera(page);
      await look('export', `/timeline?c=${camera.id}`, 'export-open', 'export');
      await lead(page, `/cameras/${camera.id}/settings`);
      await page.getByTestId('rule-add').click();
      const list = await flaws(page);
      if (list.length > 0) found['schedule'] = list;
      const plain = await liveCamera(page, (one) => !one.encrypted_transport && one.codec?.startsWith('avc1'));
      await lead(page, `/cameras/${plain.id}/settings`);
      await page.getByTestId('offer-ask').click();
      await page.locator('[data-testid=in-the-clear]:is([data-state=offered], [data-state=answered])').waitFor();
      const clear = await flaws(page);
      if (clear.length > 0) found['in the clear'] = clear;
      assert.deepEqual(found, {});
    });
  }
});

test('dialogs, steps and failures of devices pass the same rules', { skip: !IS_MOCK }, async () => {
  for (const [viewport, colorScheme] of [[DESKTOP, 'light'], [PHONE, 'dark']]) {
    await withPage({ viewport, colorScheme, allowed: [/^5\d\d /] }, async (page) => {
      const found = {};
      const judge = async (name) => {
        const list = await flaws(page);
        if (list.length > 0) found[name] = list;
      };
      const { devices } = await call(page, 'GET', '/devices');
      const lamp = devices.find((device) => device.name === 'Hall lamp');
      for (const [button, dialog] of [['schedules-add', 'schedule-dialog'], ['limits-add', 'limit-dialog'], ['action-reboot', 'confirm-dialog'], ['device-remove', 'confirm-dialog'], ['chip-privacy', 'privacy-dialog']]) {
        await lead(page, `/devices/${lamp.id}`);
        await page.getByTestId(button).click();
        await page.getByTestId(dialog).waitFor();
        await judge(button);
      }
      await call(page, 'POST', '/mock/deaf-camera', { name: 'Garden' });
      await call(page, 'PUT', '/house/privacy', { is_on: true });
      await lead(page, '/');
      await page.getByTestId('privacy-band').waitFor();
      await judge('privacy');
      await page.getByTestId('chip-privacy').click();
      await page.getByTestId('privacy-results').waitFor();
      await judge('privacy results');
      await call(page, 'PUT', '/house/privacy', { is_on: false });
      await call(page, 'POST', '/mock/deaf-camera', { name: null });
      await lead(page, '/devices/add');
      await page.getByTestId('discover').click();
      await page.getByTestId('found-row').first().waitFor();
      await judge('discovery');
      await page.getByTestId('found-add').nth(1).click();
      await page.locator('[name=device-user]').fill('admin');
      await page.locator('[name=device-password]').fill('secret');
      await judge('sign-in');
      await page.getByTestId('probe').click();
      await page.getByTestId('probe-answer').waitFor();
      await judge('name');
      await page.getByTestId('name-next').click();
      await page.getByTestId('pin-step').waitFor();
      await judge('pin');
      await lead(page, '/energy');
      await page.getByText('As table').click();
      await judge('table');
      await page.evaluate(() => sessionStorage.clear());
      assert.deepEqual(found, {});
    });
  }
});

test('dialogs and panels of visits and people pass the same rules', { skip: !IS_MOCK }, async () => {
  for (const [viewport, colorScheme] of [[DESKTOP, 'dark'], [PHONE, 'light']]) {
    await withPage({ viewport, colorScheme }, async (page) => {
      const found = {};
      const judge = async (name) => {
        const list = await flaws(page);
        if (list.length > 0) found[name] = list;
      };
      await lead(page, '/visits');
      await page.locator('[data-testid=visit][data-who=unknown] [data-testid=visit-open]').first().click();
      await page.getByTestId('face-picture').waitFor();
      await judge('panel');
      await call(page, 'POST', '/mock/visit', { seconds: 4 });
      await page.getByTestId('ring-banner').waitFor();
      await judge('ring');
      await page.getByTestId('ring-close').click();
      await lead(page, '/visits');
      await page.getByTestId('visit-who').first().click();
      await judge('who: note');
      await page.getByTestId('who-way').getByRole('radio', { name: 'Recognise from now on' }).check({ force: true });
      await page.locator('[name=given-by]').waitFor();
      await judge('who: recognise');
      await lead(page, '/people');
      await page.getByTestId('person-add').click();
      await page.getByRole('switch').check();
      await judge('add person');
      const { people } = await call(page, 'GET', '/people');
      const anna = people.find((person) => person.name === 'Anna Novak');
      for (const [button, dialog] of [['person-rename', 'rename-dialog'], ['person-erase', 'confirm-dialog'], ['consent-give', 'consent-dialog'], ['sample-photo', 'photo-dialog'], ['sample-camera', 'camera-dialog'], ['sample-visit', 'from-visit-dialog']]) {
        await lead(page, `/people/${anna.id}`);
        await page.getByTestId(button).click();
        await page.getByTestId(dialog).waitFor();
        await judge(button);
      }
      await lead(page, '/people');
      await page.getByTestId('group-edit').first().click();
      await page.getByTestId('group-dialog').waitFor();
      await judge('group');
      for (const [button, dialog] of [['waiting-is', 'confirm-dialog'], ['watched-add', 'watched-dialog'], ['watched-photo', 'photo-dialog'], ['watched-remove', 'confirm-dialog'], ['published-back', 'confirm-dialog']]) {
        await lead(page, '/people/watch-list');
        await page.getByTestId(button).first().click();
        await page.getByTestId(dialog).waitFor();
        await judge(`watch list: ${button}`);
      }
      await lead(page, '/people/watch-list');
      await page.locator('[name=published-most]').fill('none');
      for (const box of await page.getByTestId('published-form').getByRole('checkbox').all()) await box.uncheck();
      await judge('watch list: wrong fields');
      for (const [button, dialog] of [['channel-add', 'channel-dialog'], ['channel-edit', 'channel-dialog'], ['recipient-edit', 'recipient-dialog']]) {
        await lead(page, '/settings/notifications');
        await page.getByTestId(button).first().click();
        await page.getByTestId(dialog).waitFor();
        if (dialog === 'recipient-dialog') await page.getByTestId('quiet-add').click();
        await judge(`${button} ${dialog}`);
      }
      assert.deepEqual(found, {});
    });
  }
});

test('the alarm going off, its dialogs and the menus of rules pass the same rules', { skip: !IS_MOCK }, async () => {
  for (const [viewport, colorScheme] of [[DESKTOP, 'dark'], [PHONE, 'light']]) {
    await withPage({ viewport, colorScheme }, async (page) => {
      const found = {};
      const judge = async (name) => {
        await still(page);
        const list = await flaws(page);
        if (list.length > 0) found[name] = list;
      };
      await call(page, 'POST', '/mock/alarm', { action: 'usual' });
      await lead(page, '/alarm');
      await page.getByTestId('chip-alarm').click();
      await page.getByTestId('alarm-dialog').getByTestId('mode-away').click();
      await judge('not ready');
      await page.getByTestId('alarm-dialog').getByTestId('arm-anyway').click();
      await page.getByTestId('alarm-dialog').waitFor({ state: 'detached' });
      await judge('arming');
      await call(page, 'POST', '/mock/alarm', { action: 'enter' });
      await page.getByTestId('alarm-entering').waitFor();
      await judge('entering');
      await page.getByTestId('entering-disarm').click();
      await judge('pin pad');
      await lead(page, '/alarm');
      await call(page, 'POST', '/mock/alarm', { action: 'trigger' });
      await page.getByTestId('alarm-band').waitFor();
      await judge('triggered');
      await page.getByTestId('panic-page').click();
      await judge('panic');
      await call(page, 'POST', '/mock/alarm', { action: 'usual' });
      await lead(page, '/alarm/pins');
      await page.getByTestId('pin-add').click();
      await page.getByTestId('pin-dialog').getByRole('switch').check();
      await judge('pin form');
      await lead(page, '/rules/new?template=baby_pet');
      await page.getByTestId('labels-chip').click();
      await judge('menu of labels');
      await lead(page, '/rules');
      await page.locator('[name=sentence]').fill('when an unknown person is at Drive, notify Ben and sing a song');
      await page.getByTestId('sentence-read').click();
      await page.getByTestId('sentence-answer').waitFor();
      await judge('sentence');
      assert.deepEqual(found, {});
    });
  }
});

test('answers, panels, approvals and their dialogs pass the same rules', { skip: !IS_MOCK }, async () => {
  for (const [viewport, colorScheme] of [[DESKTOP, 'dark'], [PHONE, 'light']]) {
    await withPage({ viewport, colorScheme }, async (page) => {
      const found = {};
      const judge = async (name) => {
        await still(page);
        const list = await flaws(page);
        if (list.length > 0) found[name] = list;
      };
      await lead(page, '/events?q=person');
      await page.getByTestId('save-search').click();
      await judge('save search');
      await page.getByTestId('row-similar').first().click();
      await page.getByTestId('similar-row').first().waitFor();
      await judge('similar');
      await page.keyboard.press('Escape');
      await page.getByTestId('row-wrong').first().click();
      await page.getByTestId('wrong-dialog').waitFor();
      await judge('wrong');
      await lead(page, '/events');
      for (const text of ['How many cars came yesterday?', 'How many cars?', 'How is the weather?']) {
        await page.locator('#search-words').fill(text);
        await page.getByTestId('search-go').click();
        await page.getByTestId('answer').nth(['How many cars came yesterday?', 'How many cars?', 'How is the weather?'].indexOf(text)).waitFor();
      }
      await judge('answers');
      await lead(page, '/alerts');
      await page.getByTestId('alert-choose').first().check();
      await judge('chosen');
      await call(page, 'POST', '/mock/approval', {});
      await lead(page, '/');
      await page.getByTestId('approval-band').waitFor();
      await judge('band');
      await lead(page, '/assistant');
      await page.getByTestId('approval').first().waitFor();
      await page.getByText('5 rights').click();
      await judge('approval');
      await page.getByTestId('access-new').click();
      await page.getByTestId('access-dialog').getByText('4 tools').click();
      await page.getByTestId('access-dialog').getByRole('switch').uncheck();
      await page.locator('[name=access-calls]').fill('none');
      await judge('access');
      await page.locator('[name=access-calls]').fill('5');
      await page.getByTestId('access-dialog').getByRole('switch').check();
      await page.locator('[name=access-name]').fill('to look at');
      await page.getByTestId('access-submit').click();
      await page.getByTestId('snippet').waitFor();
      await judge('snippet');
      for (const row of (await call(page, 'GET', '/tokens')).tokens.filter((one) => one.name === 'to look at')) await call(page, 'DELETE', `/tokens/${row.id}`);
      const { approvals } = await call(page, 'GET', '/assistant');
      for (const row of approvals) await call(page, 'POST', `/assistant/approvals/${row.id}`, { answer: 'deny' });
      await lead(page, '/review');
      // Boxes that lie over each other are chosen from the list beside the picture.
      await page.getByTestId('label-cat').click();
      await judge('boxes');
      assert.deepEqual(found, {});
    });
  }
});
