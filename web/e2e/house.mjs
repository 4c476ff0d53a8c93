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
// HEARTHWATCH_ALERTS=1  the hub groups incidents with what cameras saw, and acknowledges many at once
// HEARTHWATCH_SEARCH=1  the hub searches, answers questions and tells what is unusual
// HEARTHWATCH_ASSISTANT=1  the hub has assistants that wait for approval
// HEARTHWATCH_REVIEW=1  the hub has a review queue
// HEARTHWATCH_GROUPS=1  the hub has groups of people
// HEARTHWATCH_WATCH_LIST=1  the hub has a watch list
// HEARTHWATCH_PRESENCE=1  the hub tells by devices whether somebody is home
// HEARTHWATCH_DRAFTING=1  the hub can ask a language model for drafts of rules
// HEARTHWATCH_INTRUSION=1  its simulated house can be told who passes, and its cameras see them
// HEARTHWATCH_FACES     a folder with photos for it: one.jpg (a face), two.jpg (two faces), none.jpg (no face), blurred.jpg
// HEARTHWATCH_MOCK=1    the hub is web/mock/server.mjs, whose faults can be switched

import assert from 'node:assert/strict';
import { after } from 'node:test';

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

/** Whether incidents say what cameras saw and can be acknowledged together; a hub of an older version cannot. */
export const HAS_ALERTS = IS_MOCK || process.env.HEARTHWATCH_ALERTS === '1';

/** Whether the hub searches and answers; a hub of an older version lists only. */
export const HAS_SEARCH = IS_MOCK || process.env.HEARTHWATCH_SEARCH === '1';

/** Whether assistants of the hub wait for approval. */
export const HAS_ASSISTANT = IS_MOCK || process.env.HEARTHWATCH_ASSISTANT === '1';

/** Whether the hub keeps pictures to look through. */
export const HAS_REVIEW = IS_MOCK || process.env.HEARTHWATCH_REVIEW === '1';

/** Whether people have groups. */
export const HAS_GROUPS = IS_MOCK || process.env.HEARTHWATCH_GROUPS === '1';

/** Whether the hub has a watch list. */
export const HAS_WATCH_LIST = IS_MOCK || process.env.HEARTHWATCH_WATCH_LIST === '1';

/** Whether the alarm knows who is home. */
export const HAS_PRESENCE = IS_MOCK || process.env.HEARTHWATCH_PRESENCE === '1';

/** Whether rules can be drafted by a model. */
export const HAS_DRAFTING = IS_MOCK || process.env.HEARTHWATCH_DRAFTING === '1';

/** Whether somebody can be sent past a camera of the house. */
export const HAS_INTRUSION = process.env.HEARTHWATCH_INTRUSION === '1';

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

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream'];

let browser;
let saved = null;
let isUsed = false;
// Pages of one size and theme live in one context, so that files and compiled code are fetched once; what a test leaves
// in it is taken out again, and the context of a test that failed is thrown away.
const shared = new Map();
const requests = new WeakMap();

/** Ends the browser with the last test. All files may run in one process: they then share it. */
export function useBrowser() {
  if (isUsed) return;
  isUsed = true;
  after(async () => {
    await browser?.close();
  });
}

async function started() {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
  return browser;
}

// What is sensitive needs a sign-in of the last five minutes; a test may take a while.
const FRESH_MS = 120_000;

/** The cookies of the administrator, who signs in again when the last time is a while ago. */
async function administrator() {
  if (saved && Date.now() - saved.at < FRESH_MS) return saved.cookies;
  const context = await (await started()).newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(`${BASE}/signin`);
  await fillSignIn(page, USER, PASSWORD);
  await page.waitForURL((url) => url.pathname === '/');
  saved = { at: Date.now(), cookies: (await context.storageState()).cookies };
  await context.close();
  return saved.cookies;
}

/** A context with these options; the shared one unless the test wants something of its own. */
async function contextOf(options, isShared) {
  const key = JSON.stringify(options);
  const found = isShared ? shared.get(key) : undefined;
  shared.delete(key);
  return found ?? (await started()).newContext({ locale: 'en-GB', ignoreHTTPSErrors: true, ...options, ...(isShared ? { serviceWorkers: 'block' } : {}) });
}

export async function fillSignIn(page, name, password) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button[type=submit]').click();
}

/**
 * Opens a page, runs `body` with it, and fails on what no page may do. `allowed` are refusals the test provokes:
 * the browser prints every answer over 399 to the console. `isAlone` is for what a context can't get rid of again, such
 * as a clock of the test's own.
 */
export async function withPage({ path = '/', viewport = DESKTOP, colorScheme = 'light', signedIn = true, isAlone = false, allowed = [], base = BASE, ...more } = {}, body) {
  const isShared = signedIn && !isAlone && Object.keys(more).length === 0;
  const options = { viewport, colorScheme, isMobile: viewport.width < 600, hasTouch: viewport.width < 600 };
  const cookies = signedIn ? await administrator() : [];
  const context = await contextOf({ ...options, ...more }, isShared);
  await context.clearCookies();
  await context.addCookies(cookies);
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
    // The frame asks how many incidents and pictures wait, for assistants, for devices, visits, the alarm and for the privacy switch; a hub without them says that there is no such thing.
    const isOlder = refused === '404' && ((where === '/api/v1/incidents' && !HAS_IDENTITY) || (/^\/api\/v1\/(devices|house\/privacy)$/.test(where) && !HAS_DEVICES) || (where === '/api/v1/visits' && !HAS_PEOPLE) || (where === '/api/v1/alarm' && !HAS_RULES) || (where === '/api/v1/assistant' && !HAS_ASSISTANT) || (where === '/api/v1/review' && !HAS_REVIEW) || (where === '/api/v1/people/groups' && !HAS_GROUPS) || (where === '/api/v1/watch-list' && !HAS_WATCH_LIST) || (where === '/api/v1/rules/drafting' && !HAS_DRAFTING) || (/^\/api\/v1\/(searches|insights|forecast|conversations)$/.test(where) && !HAS_SEARCH));
    // The test's browser does not trust the hub's certificate, and says so when it refuses the service worker.
    const isUntrusted = BASE.startsWith('https:') && message.text().startsWith('An SSL certificate error occurred when fetching the script');
    if (isFirst || isOlder || isUntrusted || allowed.some((pattern) => pattern.test(`${refused ?? ''} ${where} ${message.text()}`))) return;
    problems.push(`console: ${message.text()} (${where})`);
  });
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  const origin = new URL(base).host;
  const judge = (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== origin) problems.push(`request to another origin: ${request.url()}`);
  };
  context.on('request', judge);
  count(page);
  let isGood = false;
  try {
    const response = await page.goto(base + path);
    assert.match(response.headers()['content-security-policy'] ?? '', /require-trusted-types-for 'script'/);
    await body(page, context);
    assert.deepEqual(problems, []);
    if (isShared) await page.evaluate(() => localStorage.clear());
    isGood = true;
  } finally {
    context.off('request', judge);
    // Of two that were open at once one is enough.
    const isKept = isGood && isShared && !shared.has(JSON.stringify(options));
    if (isKept) {
      for (const one of context.pages()) await one.close();
      shared.set(JSON.stringify(options), context);
    } else await context.close();
  }
}

/** Counts what the page waits for; streams and pictures that move have no end. */
function count(page) {
  const open = new Set();
  requests.set(page, open);
  page.on('request', (request) => {
    if (!['eventsource', 'websocket', 'media'].includes(request.resourceType())) open.add(request);
  });
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => open.delete(request));
}

/** Within the page: resolves when it draws nothing new for a few frames, with everything that moves at its end. */
async function drawn() {
  const QUIET_MS = 60;
  const LONGEST_MS = 1_500;
  await new Promise((resolve) => {
    let quiet = 0;
    const longest = setTimeout(done, LONGEST_MS);
    const observer = new MutationObserver(wait);
    function wait() {
      clearTimeout(quiet);
      quiet = setTimeout(done, QUIET_MS);
    }
    function done() {
      observer.disconnect();
      clearTimeout(quiet);
      clearTimeout(longest);
      resolve();
    }
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    wait();
  });
  // What moves is brought to its end: on a busy machine a frame may take so long that colours are still on their way from one theme to the other.
  for (const animation of document.getAnimations()) if (Number.isFinite(animation.effect?.getComputedTiming().endTime)) animation.finish();
}

/** Waits until nothing on a page changes or moves. */
export const still = (page) => page.evaluate(drawn);

/** Waits until a page has its answers and stands still. */
export async function settled(page) {
  await page.locator('main h1, .entry h1').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() => !document.querySelector('[data-state=loading][aria-busy]'));
  await eventually(() => requests.get(page).size === 0, 'all answers are there', 30_000);
  await still(page);
  // What was drawn may have asked for more.
  await eventually(() => requests.get(page).size === 0, 'all answers are there', 30_000);
}

/** Leads an open page to another address, as a link in it would: nothing but that page is loaded. */
export async function lead(page, path) {
  // The same page with another query begins anew, and a dialog of the frame would stay open.
  const isOpen = await page.evaluate(() => document.querySelector('dialog[open], :popover-open') !== null);
  if (isOpen || new URL(page.url()).pathname === path.split('?')[0]) await page.goto(BASE + path);
  else {
    await page.evaluate((to) => {
      history.pushState(null, '', to);
      dispatchEvent(new PopStateEvent('popstate'));
      scrollTo(0, 0);
    }, path);
  }
  await settled(page);
}

/** Calls the API as the page would, from inside the page. */
export async function call(page, method, path, body) {
  // The mock makes every sign-in an old one: the next test begins with a new one.
  if (path === '/mock/age') saved = null;
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
  // One that is just connecting again will be live soon.
  return eventually(async () => (await call(page, 'GET', '/cameras')).cameras.find((camera) => camera.state === 'live' && fits(camera)), 'the house has a live camera of the wanted kind', 30_000);
}

/** Does `action` and returns what the page itself is answered to `path`: an answer fetched later may tell of a later house. */
export async function answerTo(page, path, action) {
  const [response] = await Promise.all([page.waitForResponse((one) => one.request().method() === 'GET' && path.test(new URL(one.url()).pathname + new URL(one.url()).search) && one.ok()), action()]);
  return response.json();
}

/** Opens an address and waits until the page hears what happens in the house. */
export async function hearing(page, path) {
  await Promise.all([page.waitForResponse((response) => new URL(response.url()).pathname === '/api/v1/events/stream'), page.goto(BASE + path)]);
  await settled(page);
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
