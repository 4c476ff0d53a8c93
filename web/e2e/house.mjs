// What every test of the dashboard shares: a browser, a signed-in page, and the rule that a page with a
// console error, a CSP report or a request to another origin has failed.
//
// HEARTHWATCH_URL       base address of the hub under test (the mock's usual one if unset)
// HEARTHWATCH_USER/PASSWORD  an administrator's account
// HEARTHWATCH_CLAIM     the claim code, if the hub is not claimed yet
// HEARTHWATCH_IDENTITY=1  the hub has accounts, tokens, audit log and incidents
// HEARTHWATCH_DEVICES=1  the hub has devices, energy, climate and the privacy switch
// HEARTHWATCH_PEOPLE=1  the hub has visits, people and faces; one camera at least can be rung
// HEARTHWATCH_NOTIFICATIONS=1  the hub has channels and recipients
// HEARTHWATCH_RULES=1   the hub has an alarm and rules
// HEARTHWATCH_FACES     a folder with photos for it: one.jpg (a face), two.jpg (two faces), none.jpg (no face), blurred.jpg
// HEARTHWATCH_MOCK=1    the hub is web/mock/server.mjs, whose faults can be switched

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { chromium } from 'playwright-core';

export const BASE = process.env.HEARTHWATCH_URL ?? 'http://127.0.0.1:4180';
export const USER = process.env.HEARTHWATCH_USER ?? 'Anna';
export const PASSWORD = process.env.HEARTHWATCH_PASSWORD ?? 'correct horse battery';
export const CLAIM = process.env.HEARTHWATCH_CLAIM ?? null;
export const IS_MOCK = process.env.HEARTHWATCH_MOCK === '1' || process.env.HEARTHWATCH_URL === undefined;

/** Whether the hub has accounts with second factors, tokens and an audit log; a hub of an older version has not. */
export const HAS_IDENTITY = IS_MOCK || process.env.HEARTHWATCH_IDENTITY === '1';

/** Whether the hub has devices and what they measure; a hub of an older version has not. */
export const HAS_DEVICES = IS_MOCK || process.env.HEARTHWATCH_DEVICES === '1';

/** Whether the hub has visits, people and faces; a hub of an older version has not. */
export const HAS_PEOPLE = IS_MOCK || process.env.HEARTHWATCH_PEOPLE === '1';

/** Whether the hub tells people what happened; a hub of an older version does not. */
export const HAS_NOTIFICATIONS = IS_MOCK || process.env.HEARTHWATCH_NOTIFICATIONS === '1';

/** Whether the hub has an alarm and rules; a hub of an older version has not. */
export const HAS_RULES = IS_MOCK || process.env.HEARTHWATCH_RULES === '1';

/** Control address of the simulated house, if the hub watches one. */
export const SIMULATION = process.env.HEARTHWATCH_SIMULATION || null;

/** Address of a camera that a hub can be asked to add: a hub refuses one that does not answer. */
export async function addableAddress() {
  if (SIMULATION === null) return 'rtsp://192.0.2.99/none';
  const { cameras } = await (await fetch(SIMULATION)).json();
  const camera = cameras.find((one) => one.protocol === 'rtsp' && one.password);
  return camera.url.replace('://', `://${encodeURIComponent(camera.username)}:${encodeURIComponent(camera.password)}@`);
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let browser;
let state;

/** Starts the browser for a file of tests, and signs in once. */
export function useBrowser({ signedIn = true } = {}) {
  before(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
    if (signedIn) state = await signInOnce();
  });
  after(async () => {
    await browser?.close();
  });
}

async function signInOnce() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(`${BASE}/signin`);
  await fillSignIn(page, USER, PASSWORD);
  await page.waitForURL((url) => url.pathname === '/');
  const saved = await context.storageState();
  await context.close();
  return saved;
}

export async function fillSignIn(page, name, password) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button[type=submit]').click();
}

/**
 * Opens a page, runs `body` with it, and fails on what no page may do. `allowed` are refusals the test provokes:
 * the browser prints every answer over 399 to the console.
 */
export async function withPage({ path = '/', viewport = DESKTOP, colorScheme = 'light', signedIn = true, allowed = [], base = BASE, ...more } = {}, body) {
  const context = await browser.newContext({ viewport, colorScheme, locale: 'en-GB', ignoreHTTPSErrors: true, isMobile: viewport.width < 600, hasTouch: viewport.width < 600, ...(signedIn ? { storageState: state } : {}), ...more });
  const problems = [];
  const page = await context.newPage();
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on('console', (message) => {
    if (message.type() !== 'error' && !/Content Security Policy|TrustedType/i.test(message.text())) return;
    const refused = /the server responded with a status of (\d+)/.exec(message.text())?.[1];
    const where = new URL(message.location().url || BASE).pathname;
    // Nobody is signed in yet: the first question's answer is 401 by contract.
    const isFirst = refused === '401' && where === '/api/v1/session' && !signedIn;
    // The frame asks how many incidents wait, for devices, visits, the alarm and for the privacy switch; a hub without them says that there is no such thing.
    const isOlder = refused === '404' && ((where === '/api/v1/incidents' && !HAS_IDENTITY) || (/^\/api\/v1\/(devices|house\/privacy)$/.test(where) && !HAS_DEVICES) || (where === '/api/v1/visits' && !HAS_PEOPLE) || (where === '/api/v1/alarm' && !HAS_RULES));
    // The test's browser does not trust the hub's certificate, and says so when it refuses the service worker.
    const isUntrusted = BASE.startsWith('https:') && message.text().startsWith('An SSL certificate error occurred when fetching the script');
    if (isFirst || isOlder || isUntrusted || allowed.some((pattern) => pattern.test(`${refused ?? ''} ${where} ${message.text()}`))) return;
    problems.push(`console: ${message.text()} (${where})`);
  });
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  const origin = new URL(base).host;
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== origin) problems.push(`request to another origin: ${request.url()}`);
  });
  try {
    const response = await page.goto(base + path);
    assert.match(response.headers()['content-security-policy'] ?? '', /require-trusted-types-for 'script'/);
    await body(page, context);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

/** Calls the API as the page would, from inside the page. */
export async function call(page, method, path, body) {
  return page.evaluate(
    async ({ method, path, body }) => {
      const session = await (await fetch('/api/v1/session')).json();
      const headers = { 'content-type': 'application/json', 'x-csrf-token': session.csrf };
      const response = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      return response.status === 204 ? null : response.json();
    },
    { method, path, body },
  );
}

/** A camera that is live, to look at; the first that records by default. */
export async function liveCamera(page, fits = (camera) => camera.record_mode === 'continuous' && camera.codec?.startsWith('avc1')) {
  const { cameras } = await call(page, 'GET', '/cameras');
  const found = cameras.find((camera) => camera.state === 'live' && fits(camera));
  assert.ok(found, 'the house has a live camera of the wanted kind');
  return found;
}

/** Durations of a measure, in milliseconds. */
export const measures = (page, name) => page.evaluate((wanted) => performance.getEntriesByName(wanted).map((entry) => entry.duration), name);

export async function eventually(check, what, timeout = 10_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await check();
    if (value) return value;
    assert.ok(Date.now() < end, `not within ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
