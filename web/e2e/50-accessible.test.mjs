import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { BASE, DESKTOP, HAS_DEVICES, HAS_IDENTITY, HAS_NOTIFICATIONS, HAS_PEOPLE, HAS_RULES, IS_MOCK, PHONE, call, liveCamera, useBrowser, withPage } from './house.mjs';

useBrowser();

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function pages(page) {
  const camera = await liveCamera(page);
  const { users } = HAS_IDENTITY ? await call(page, 'GET', '/users') : { users: [] };
  const { incidents } = HAS_IDENTITY ? await call(page, 'GET', '/incidents') : { incidents: [] };
  const more = HAS_IDENTITY ? ['/account', '/account/sessions', '/account/tokens', '/settings/users', '/settings/provider', `/settings/users/${users.at(-1).id}`, `/settings/users/${users[0].id}`, '/security', '/security/promises', '/security/incidents', ...incidents.slice(0, 1).map((row) => `/security/incidents/${row.id}`), '/security/audit', '/security/audit?who=nobody-at-all'] : [];
  const { devices } = HAS_DEVICES ? await call(page, 'GET', '/devices') : { devices: [] };
  const shown = devices.filter((device, index) => (IS_MOCK ? /^(Hall lamp|Garage camera|Thermostat|Fridge)$/.test(device.name) : index === 0));
  const things = HAS_DEVICES ? ['/devices', '/devices?only=problems', ...shown.map((device) => `/devices/${device.id}`), '/devices/add', '/energy', '/energy?r=month', '/climate'] : [];
  const { visits } = HAS_PEOPLE ? await call(page, 'GET', '/visits') : { visits: [] };
  const { people } = HAS_PEOPLE ? await call(page, 'GET', '/people') : { people: [] };
  const known = people.filter((person, index) => (IS_MOCK ? /^(Anna Novak|Postman|Old tenant)$/.test(person.name) : index === 0));
  const doors = HAS_PEOPLE ? ['/visits', '/visits?show=kept&camera=cam_00000000000000000000000000000000', ...visits.slice(0, 3).map((visit) => `/visits/${visit.id}`), '/people', ...known.map((person) => `/people/${person.id}`), '/people/unknown', '/settings/faces', ...(HAS_NOTIFICATIONS ? ['/settings/notifications'] : [])] : [];
  const { rules } = HAS_RULES ? await call(page, 'GET', '/rules') : { rules: [] };
  const guards = HAS_RULES ? ['/alarm', '/alarm/settings', '/alarm/pins', '/rules', '/rules/new', '/rules/new?template=stranger_night', ...rules.slice(0, 1).map((row) => `/rules/${row.id}`)] : [];
  return [...more, ...things, ...doors, ...guards, '/exports', '/', '/cameras', `/cameras/${camera.id}`, `/cameras/${camera.id}/settings`, `/timeline?c=${camera.id}`, '/events', '/settings/cameras', '/settings/cameras?add', '/settings/system', '/settings/appearance', '/help', '/nothing'];
}

async function settled(page, path) {
  await page.goto(BASE + path);
  await page.locator('main h1, .entry h1').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() => !document.querySelector('[data-state=loading][aria-busy]'));
  await page.waitForTimeout(400);
}

async function violations(page) {
  // The page's own policy refuses foreign scripts; axe runs in the debugger's world instead.
  await page.evaluate(axe);
  return page.evaluate(async (tags) => {
    // Rows that a list has scrolled out of sight lie, for axe, over what is above the list.
    for (const element of document.querySelectorAll('*')) if (element.scrollTop > 0) element.scrollTop = 0;
    const { violations: found } = await globalThis.axe.run(document, { runOnly: tags });
    return found.map((row) => `${row.id}: ${row.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`);
  }, TAGS);
}

for (const [size, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing on any page, ${size}, ${colorScheme}`, async () => {
      await withPage({ viewport, colorScheme }, async (page) => {
        const found = {};
        for (const path of await pages(page)) {
          await settled(page, path);
          const list = await violations(page);
          if (list.length > 0) found[path] = list;
        }
        assert.deepEqual(found, {});
      });
      await withPage({ viewport, colorScheme, path: '/signin', signedIn: false }, async (page) => {
        await page.locator('h1').waitFor();
        assert.deepEqual(await violations(page), []);
      });
    });
  }
}

test('nothing scrolls sideways at 320 px, and every page has one heading and a title', async () => {
  await withPage({ viewport: { width: 320, height: 700 } }, async (page) => {
    const wide = [];
    for (const path of await pages(page)) {
      await settled(page, path);
      const { scroll, width, headings, title } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: innerWidth, headings: document.querySelectorAll('h1').length, title: document.title }));
      if (scroll > width || width !== 320) wide.push(`${path}: ${scroll} of ${width}`);
      assert.equal(headings, 1, path);
      assert.match(title, /.+ – Hearthwatch/, path);
    }
    assert.deepEqual(wide, []);
  });
});

test('with little motion wanted, tiles are stills with their age', async () => {
  await withPage({ reducedMotion: 'reduce' }, async (page) => {
    await page.locator('[data-testid=live-view][data-state=still]').first().waitFor();
    assert.equal(await page.locator('[data-testid=tile] [data-testid=live-view][data-state=live]').count(), 0);
  });
});

test('forced colours and German keep every page usable', async () => {
  await withPage({ forcedColors: 'active', locale: 'de-DE' }, async (page) => {
    for (const path of await pages(page)) {
      await settled(page, path);
      const words = await page.locator('body').innerText();
      assert.doesNotMatch(words, /\b[a-z]+\.[a-z_]+\b(?!\.(mp4|jpg))(?<!\d)\{|\{[a-z]+\}/, path);
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
    }
  });
});

test('dialogs with forms and secrets pass the same rules', { skip: !HAS_IDENTITY }, async () => {
  for (const [viewport, colorScheme] of [[DESKTOP, 'dark'], [PHONE, 'light']]) {
    await withPage({ viewport, colorScheme }, async (page) => {
      const found = {};
      const look = async (name, path, button, dialog) => {
        await settled(page, path);
        await page.getByTestId(button).first().click();
        await page.getByTestId(dialog).waitFor();
        const list = await violations(page);
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
      await settled(page, `/cameras/${camera.id}/settings`);
      await page.getByTestId('rule-add').click();
      const list = await violations(page);
      if (list.length > 0) found['schedule'] = list;
      assert.deepEqual(found, {});
    });
  }
});

test('dialogs, steps and failures of devices pass the same rules', { skip: !IS_MOCK }, async () => {
  for (const [viewport, colorScheme] of [[DESKTOP, 'light'], [PHONE, 'dark']]) {
    await withPage({ viewport, colorScheme, allowed: [/^5\d\d /] }, async (page) => {
      const found = {};
      const judge = async (name) => {
        const list = await violations(page);
        if (list.length > 0) found[name] = list;
      };
      const { devices } = await call(page, 'GET', '/devices');
      const lamp = devices.find((device) => device.name === 'Hall lamp');
      for (const [button, dialog] of [['schedules-add', 'schedule-dialog'], ['limits-add', 'limit-dialog'], ['action-reboot', 'confirm-dialog'], ['device-remove', 'confirm-dialog'], ['chip-privacy', 'privacy-dialog']]) {
        await settled(page, `/devices/${lamp.id}`);
        await page.getByTestId(button).click();
        await page.getByTestId(dialog).waitFor();
        await judge(button);
      }
      await call(page, 'POST', '/mock/deaf-camera', { name: 'Garden' });
      await call(page, 'PUT', '/house/privacy', { is_on: true });
      await settled(page, '/');
      await page.getByTestId('privacy-band').waitFor();
      await judge('privacy');
      await page.getByTestId('chip-privacy').click();
      await page.getByTestId('privacy-results').waitFor();
      await judge('privacy results');
      await call(page, 'PUT', '/house/privacy', { is_on: false });
      await call(page, 'POST', '/mock/deaf-camera', { name: null });
      await settled(page, '/devices/add');
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
      await settled(page, '/energy');
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
        const list = await violations(page);
        if (list.length > 0) found[name] = list;
      };
      await settled(page, '/visits');
      await page.locator('[data-testid=visit][data-who=unknown] [data-testid=visit-open]').first().click();
      await page.getByTestId('face-picture').waitFor();
      await judge('panel');
      await call(page, 'POST', '/mock/visit', { seconds: 4 });
      await page.getByTestId('ring-banner').waitFor();
      await judge('ring');
      await page.getByTestId('ring-close').click();
      await settled(page, '/visits');
      await page.getByTestId('visit-who').first().click();
      await judge('who: note');
      await page.getByTestId('who-way').getByRole('radio', { name: 'Recognise from now on' }).check({ force: true });
      await page.locator('[name=given-by]').waitFor();
      await judge('who: recognise');
      await settled(page, '/people');
      await page.getByTestId('person-add').click();
      await page.getByRole('switch').check();
      await judge('add person');
      const { people } = await call(page, 'GET', '/people');
      const anna = people.find((person) => person.name === 'Anna Novak');
      for (const [button, dialog] of [['person-rename', 'rename-dialog'], ['person-erase', 'confirm-dialog'], ['consent-give', 'consent-dialog'], ['sample-photo', 'photo-dialog'], ['sample-camera', 'camera-dialog'], ['sample-visit', 'from-visit-dialog']]) {
        await settled(page, `/people/${anna.id}`);
        await page.getByTestId(button).click();
        await page.getByTestId(dialog).waitFor();
        await page.waitForTimeout(300);
        await judge(button);
      }
      for (const [button, dialog] of [['channel-add', 'channel-dialog'], ['channel-edit', 'channel-dialog'], ['recipient-edit', 'recipient-dialog']]) {
        await settled(page, '/settings/notifications');
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
  for (const [viewport, colorScheme] of [[DESKTOP, 'dark'], [PHONE, 'light'], [DESKTOP, 'light'], [PHONE, 'dark']]) {
    await withPage({ viewport, colorScheme }, async (page) => {
      const found = {};
      const judge = async (name) => {
        await page.waitForTimeout(250);
        const list = await violations(page);
        if (list.length > 0) found[name] = list;
      };
      await call(page, 'POST', '/mock/alarm', { action: 'usual' });
      await settled(page, '/alarm');
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
      await settled(page, '/alarm');
      await call(page, 'POST', '/mock/alarm', { action: 'trigger' });
      await page.getByTestId('alarm-band').waitFor();
      await judge('triggered');
      await page.getByTestId('panic-page').click();
      await judge('panic');
      await call(page, 'POST', '/mock/alarm', { action: 'usual' });
      await settled(page, '/alarm/pins');
      await page.getByTestId('pin-add').click();
      await page.getByTestId('pin-dialog').getByRole('switch').check();
      await judge('pin form');
      await settled(page, '/rules/new?template=baby_pet');
      await page.getByTestId('labels-chip').click();
      await judge('menu of labels');
      await settled(page, '/rules');
      await page.locator('[name=sentence]').fill('when an unknown person is at Drive, notify Ben and sing a song');
      await page.getByTestId('sentence-read').click();
      await page.getByTestId('sentence-answer').waitFor();
      await judge('sentence');
      assert.deepEqual(found, {});
    });
  }
});

// Longer words must not be cut or push the page wide; mirrored pages must not either.
for (const language of ['en-XA', 'ar-XB']) {
  test(`in ${language} no page scrolls sideways, shows a key or cuts a button, on desktop and phone`, async () => {
    for (const viewport of [DESKTOP, PHONE, { width: 320, height: 700 }]) {
      await withPage({ viewport }, async (page) => {
        await page.evaluate((name) => localStorage.setItem('hearthwatch.language', name), language);
        const wrong = [];
        for (const path of await pages(page)) {
          await settled(page, path);
          const { wide, dir, cut, keys } = await page.evaluate(() => ({
            wide: document.documentElement.scrollWidth - innerWidth,
            dir: document.documentElement.dir,
            cut: [...document.querySelectorAll('main button, main .badge, main label, .tabs a')].filter((element) => !element.closest('.visually-hidden') && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible').map((element) => element.textContent),
            keys: document.body.innerText.match(/(?<![\w.@/])[a-z]+\.[a-z]+_[a-z_]+/g) ?? [],
          }));
          assert.equal(dir, language === 'ar-XB' ? 'rtl' : 'ltr');
          if (wide > 0) wrong.push(`${path} at ${viewport.width}: ${wide} px too wide`);
          if (cut.length > 0) wrong.push(`${path} at ${viewport.width} cuts ${cut.join(' | ')}`);
          if (keys.length > 0) wrong.push(`${path} shows ${keys.join(' ')}`);
        }
        assert.deepEqual(wrong, []);
      });
    }
  });
}
