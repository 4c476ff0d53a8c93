import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { BASE, HAS_IDENTITY, IS_MOCK, PASSWORD, call, eventually, fillSignIn, useBrowser, withPage } from './house.mjs';

useBrowser();

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code an authenticator app shows now (RFC 6238). */
function codeOf(secret) {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** An account for one test, so that tests do not lock each other out. */
async function withUser({ role = 'operator', password = 'seven grey cats sleep' } = {}, body) {
  await withPage({}, async (admin) => {
    const name = `Test ${Math.random().toString(36).slice(2, 8)}`;
    const { user } = await call(admin, 'POST', '/users', { name, role, password });
    try {
      await body({ name, password, id: user.id }, admin);
    } finally {
      await call(admin, 'DELETE', `/users/${user.id}`);
    }
  });
}

async function signedInAs({ name, password }, options, body) {
  await withPage({ ...options, path: '/signin', signedIn: false }, async (page, context) => {
    await fillSignIn(page, name, password);
    await page.waitForURL((url) => url.pathname === '/');
    await body(page, context);
  });
}

test('a password changes only with the current one, and a weak one is refused with its reason', { skip: !HAS_IDENTITY }, async () => {
  await withUser({}, async (user) => {
    await signedInAs(user, { allowed: [/^4\d\d \/api\/v1\/account\/password/] }, async (page) => {
      await page.goto(`${BASE}/account`);
      const form = page.getByTestId('password-form');
      const change = async (old, next) => {
        await form.locator('input[name=old-password]').fill(old);
        await form.locator('input[name=new-password]').fill(next);
        await form.locator('button[type=submit]').click();
      };
      const error = form.getByTestId('form-error');
      await change('not this one at all', 'nine blue whales sing');
      await error.getByText('not your current password').waitFor();
      await change(user.password, 'short');
      await error.getByText('12 characters').waitFor();
      assert.equal(await form.locator('input[name=new-password]').inputValue(), 'short');
      await change(user.password, 'nine blue whales sing');
      await page.locator('[data-testid=note]', { hasText: 'Password changed' }).waitFor();
      // The sign-in at hand goes on.
      await page.goto(`${BASE}/account/sessions`);
      await page.getByTestId('session-row').waitFor();
    });
    await signedInAs({ ...user, password: 'nine blue whales sing' }, {}, async () => undefined);
  });
});

test('an authenticator app is set up with its code, asked for at the next sign-in, and replaced by a recovery code', { skip: !HAS_IDENTITY }, async () => {
  await withUser({}, async (user) => {
    let recovery = '';
    await signedInAs(user, { allowed: [/^4\d\d \/api\/v1\/account\/totp/] }, async (page) => {
      await page.goto(`${BASE}/account`);
      await page.getByTestId('totp-begin').click();
      const dialog = page.getByTestId('totp-dialog');
      await dialog.getByTestId('qr').waitFor();
      const secret = (await dialog.getByTestId('totp-secret').innerText()).replace(/\s/g, '');
      await dialog.locator('input[name=totp]').fill('000000');
      await dialog.getByTestId('totp-confirm').click();
      await dialog.getByTestId('field-error').waitFor();
      await dialog.locator('input[name=totp]').fill(codeOf(secret));
      await dialog.getByTestId('totp-confirm').click();
      const codes = page.getByTestId('secret-dialog');
      await codes.waitFor();
      const lines = (await codes.getByTestId('secret').innerText()).split('\n').filter(Boolean);
      assert.equal(lines.length, 10);
      recovery = lines[0];
      const [file] = await Promise.all([page.waitForEvent('download'), codes.getByRole('button', { name: 'Save' }).click()]);
      assert.equal(file.suggestedFilename(), 'hearthwatch-recovery-codes.txt');
      await page.getByTestId('secret-close').click();
      await page.locator('[data-testid=authenticator][data-state=on]').waitFor();
      assert.ok(!(await page.content()).includes(recovery), 'codes are shown once');
    });
    await withPage({ path: '/signin', signedIn: false, allowed: [/^401 /] }, async (page) => {
      await fillSignIn(page, user.name, user.password);
      await page.locator('[data-testid=sign-in][data-step=code]').waitFor();
      await page.locator('input[name=code]').fill('123456');
      await page.locator('button[type=submit]').click();
      await page.getByTestId('form-error').getByText('wrong or was used').waitFor();
      await page.locator('input[name=code]').fill(recovery);
      await page.locator('button[type=submit]').click();
      await page.waitForURL((url) => url.pathname === '/');
    });
  });
});

test('a passkey is made with the device, signs in without a password, and is listed with its use', { skip: !HAS_IDENTITY || !/127\.0\.0\.1|localhost/.test(BASE) }, async () => {
  const named = BASE.replace('127.0.0.1', 'localhost');
  await withUser({}, async (user) => {
    await withPage({ path: '/signin', signedIn: false, base: named }, async (page, context) => {
      const devtools = await context.newCDPSession(page);
      await devtools.send('WebAuthn.enable');
      await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
      await fillSignIn(page, user.name, user.password);
      await page.waitForURL((url) => url.pathname === '/');
      await page.goto(`${named}/account`);
      await page.getByTestId('passkey-form').getByRole('textbox').fill('Key of the test');
      await page.getByTestId('passkey-add').click();
      const row = page.getByTestId('passkey-row');
      await row.getByText('never used').waitFor();
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(`${named}/signin`);
      await page.getByTestId('passkey-sign-in').click();
      await page.waitForURL((url) => url.pathname === '/');
      await page.goto(`${named}/account`);
      await page.getByTestId('passkey-row').getByText(/used \d\d:\d\d/).waitFor();
    });
  });
});

test('under an address there are no passkeys, and the page says why', { skip: !HAS_IDENTITY || !BASE.includes('127.0.0.1') }, async () => {
  await withPage({ path: '/account' }, async (page) => {
    await page.getByTestId('passkey-obstacle').getByText('by its name').waitFor();
    assert.equal(await page.getByTestId('passkey-add').count(), 0);
  });
});

test('a provider is set, an account linked, and its owner signs in there', { skip: !IS_MOCK }, async () => {
  await withUser({}, async (user, admin) => {
    await admin.goto(`${BASE}/settings/provider`);
    const form = admin.getByTestId('provider-form');
    await form.locator('input[name=provider-name]').fill('Key of the house');
    await form.locator('input[name=issuer]').fill('https://id.example/realms/home');
    await form.locator('input[name=client-id]').fill('hearthwatch');
    await form.locator('input[name=client-secret]').fill('never shown again');
    await admin.getByTestId('provider-save').click();
    await admin.getByTestId('provider-remove').waitFor();
    assert.equal(await form.locator('input[name=client-secret]').inputValue(), '');
    await withPage({ path: '/signin?next=%2Fevents', signedIn: false, allowed: [/^401 /] }, async (page) => {
      await page.getByTestId('provider-sign-in').click();
      await page.getByTestId('form-error').getByText('No account here is linked').waitFor();
      assert.equal(new URL(page.url()).search, '', 'the answer is not left in the address');
      await page.getByRole('link', { name: 'Back' }).click();
      await fillSignIn(page, user.name, user.password);
      await page.waitForURL((url) => url.pathname === '/');
      await page.goto(`${BASE}/account`);
      await page.getByTestId('provider-link').click();
      await page.getByTestId('provider-linked').getByText('anna@house.example').waitFor();
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.goto(`${BASE}/signin?next=%2Fevents`);
      await page.getByTestId('provider-sign-in').click();
      await page.waitForURL((url) => url.pathname === '/events');
    });
    await admin.getByTestId('provider-remove').click();
    await admin.getByTestId('confirm').click();
    await admin.getByTestId('provider-remove').waitFor({ state: 'detached' });
  });
});

test('one ends a sign-in elsewhere, and that page is signed out', { skip: !HAS_IDENTITY }, async () => {
  await withUser({}, async (user) => {
    // With the sign-in its connections end, and whatever the browser fetches by them: its worker's script, too.
    await signedInAs(user, { allowed: [/^401 /, /ERR_/, /fetching the script/] }, async (other) => {
      await signedInAs(user, {}, async (page) => {
        await page.goto(`${BASE}/account/sessions`);
        await eventually(async () => (await page.getByTestId('session-row').count()) === 2, 'both sign-ins are listed');
        await page.getByTestId('session-end').click();
        await eventually(async () => (await page.getByTestId('session-row').count()) === 1, 'one sign-in is left');
      });
      await other.goto(`${BASE}/events`);
      await other.waitForURL((url) => url.pathname === '/signin');
    });
  });
});

test('a token is made with its scope, shown once, replaced and revoked', { skip: !HAS_IDENTITY }, async () => {
  await withPage({ path: '/account/tokens', allowed: [/^4\d\d \/api\/v1\/tokens/] }, async (page) => {
    const name = `panel ${Math.random().toString(36).slice(2, 8)}`;
    await page.getByTestId('token-add').click();
    const dialog = page.getByTestId('token-dialog');
    await dialog.getByLabel('What for').fill(name);
    await dialog.getByLabel('Playback').check();
    await dialog.getByLabel('Only from these addresses').fill('not an address');
    await dialog.getByTestId('token-submit').click();
    await dialog.getByTestId('form-error').waitFor();
    await dialog.getByLabel('Only from these addresses').fill('192.168.1.0/24, 10.0.0.7');
    await dialog.getByTestId('token-submit').click();
    const secret = page.getByTestId('secret');
    await secret.waitFor();
    const shown = await secret.innerText();
    assert.ok(shown.length > 20);
    await page.getByTestId('secret-close').click();
    const row = page.locator('[data-testid=token-row]', { hasText: name });
    await row.getByText(/192\.168\.1\.0\/24, 10\.0\.0\.7/).waitFor();
    assert.ok(!(await page.content()).includes(shown));
    await row.getByRole('button', { name: `Replace ${name}` }).click();
    await page.getByTestId('confirm').click();
    await secret.waitFor();
    assert.notEqual(await secret.innerText(), shown);
    await page.getByTestId('secret-close').click();
    await row.getByTestId('token-revoke').click();
    await eventually(() => page.evaluate(() => document.activeElement?.textContent === 'Cancel'), 'the harmless answer has the focus');
    await page.getByTestId('confirm').click();
    await row.waitFor({ state: 'detached' });
  });
});

test('an old sign-in is asked for its password once more, and the action then goes on', { skip: !IS_MOCK }, async () => {
  await withPage({ path: '/account', allowed: [/^40[13] /] }, async (page) => {
    await call(page, 'POST', '/mock/age', {});
    await page.getByTestId('totp-begin').click();
    const dialog = page.getByTestId('proof-dialog');
    await dialog.locator('input[name=password]').fill('wrong');
    await page.getByTestId('proof-submit').click();
    await dialog.getByTestId('field-error').waitFor();
    await dialog.locator('input[name=password]').fill(PASSWORD);
    await page.getByTestId('proof-submit').click();
    await page.getByTestId('totp-dialog').getByTestId('qr').waitFor();
    await page.keyboard.press('Escape');
    await call(page, 'POST', '/mock/age', {});
    await page.getByTestId('totp-begin').click();
    await page.getByTestId('proof-dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('proof-dialog').waitFor({ state: 'detached' });
    assert.equal(await page.getByTestId('form-error').count(), 0, 'closing the question is no failure');
  });
});

test('a password that somebody else chose must be changed before anything else', { skip: !HAS_IDENTITY }, async () => {
  await withPage({ path: '/settings/users' }, async (admin) => {
    const name = `Guest ${Math.random().toString(36).slice(2, 8)}`;
    await admin.getByTestId('user-add').click();
    const dialog = admin.getByTestId('user-dialog');
    await dialog.locator('input[name=new-user]').fill(name);
    await dialog.getByRole('radio', { name: 'Guest' }).check();
    await admin.getByTestId('user-submit').click();
    const made = await admin.getByTestId('secret').innerText();
    await admin.getByTestId('secret-close').click();
    await admin.getByRole('heading', { level: 1, name }).waitFor();
    const id = admin.url().split('/').at(-1);
    await signedInAs({ name, password: made }, { allowed: [/^40[03] /] }, async (page) => {
      const form = page.getByTestId('new-password');
      await form.locator('input[name=old]').fill(made);
      await form.locator('input[name=password]').fill('eleven quiet rivers run');
      await form.locator('button[type=submit]').click();
      await page.getByTestId('status-line').waitFor();
      // A guest sees live pictures and nothing that is for others.
      const entries = await page.locator('nav.rail a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
      assert.deepEqual(entries, ['/', '/', '/cameras', '/settings', '/help']);
      await page.goto(`${BASE}/security`);
      await page.locator('[data-state=denied]').waitFor();
    });
    await call(admin, 'DELETE', `/users/${id}`);
  });
});

test('an account gets rules for single cameras, and undo takes them back', { skip: !HAS_IDENTITY }, async () => {
  await withUser({ role: 'viewer' }, async (user, page) => {
    await page.goto(`${BASE}/settings/users/${user.id}`);
    const row = page.getByTestId('matrix-row').first();
    assert.equal(await row.getAttribute('data-own'), 'false');
    await row.getByRole('checkbox', { name: /Export/ }).check();
    await row.getByRole('checkbox', { name: /Faces/ }).uncheck();
    await page.getByTestId('access-save').click();
    const stored = async () => Object.values((await call(page, 'GET', `/users/${user.id}`)).camera_access.cameras);
    await eventually(async () => (await stored()).length === 1, 'the rule is stored');
    assert.deepEqual([...(await stored())[0]].sort(), ['export', 'live', 'playback']);
    await page.getByTestId('undo').click();
    await eventually(async () => (await stored()).length === 0, 'the rule is taken back');
  });
});

test('disabling an account ends its sign-ins', { skip: !HAS_IDENTITY }, async () => {
  await withUser({ role: 'viewer' }, async (user, admin) => {
    // What shows live is told that it is over, and asks once more before the page knows why.
    await signedInAs(user, { allowed: [/^401 /, /ERR_/, /\/live' failed: HTTP Authentication failed/] }, async (page) => {
      await admin.goto(`${BASE}/settings/users/${user.id}`);
      await admin.getByTestId('session-row').waitFor();
      await admin.getByRole('switch', { name: 'May sign in' }).uncheck();
      await admin.locator('[data-testid=note][data-state=undo]').waitFor();
      await page.goto(`${BASE}/events`);
      await page.waitForURL((url) => url.pathname === '/signin');
    });
  });
});
