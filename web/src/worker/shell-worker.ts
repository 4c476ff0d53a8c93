// Keeps the shell of the dashboard (page, scripts, styles, font, icons) for when the hub is away. It answers only for
// the files named at build time and for navigations; whatever the API answers never passes through here, so no
// picture, footage or name can come into its cache. It also shows the messages that the hub sends to this browser.

import { readPush } from './push-message.ts';

/** Replaced at build time: the files of this version. */
declare const SHELL_FILES: readonly string[];
declare const SHELL_VERSION: string;

interface WorkerEvent extends Event {
  waitUntil: (work: Promise<unknown>) => void;
}

interface FetchEvent extends WorkerEvent {
  readonly request: Request;
  respondWith: (answer: Promise<Response>) => void;
}

interface PushEvent extends WorkerEvent {
  readonly data: { text: () => string } | null;
}

interface ClickEvent extends WorkerEvent {
  readonly notification: { close: () => void; readonly data: unknown };
}

interface Page {
  readonly url: string;
  focus: () => Promise<unknown>;
  navigate: (url: string) => Promise<unknown>;
}

interface Worker {
  addEventListener(kind: 'install' | 'activate', handler: (event: WorkerEvent) => void): void;
  addEventListener(kind: 'fetch', handler: (event: FetchEvent) => void): void;
  addEventListener(kind: 'push', handler: (event: PushEvent) => void): void;
  addEventListener(kind: 'notificationclick', handler: (event: ClickEvent) => void): void;
  skipWaiting: () => Promise<void>;
  readonly registration: { showNotification: (title: string, options: Record<string, unknown>) => Promise<void> };
  readonly clients: { claim: () => Promise<void>; matchAll: (options: { type: 'window' }) => Promise<readonly Page[]>; openWindow: (url: string) => Promise<unknown> };
}

const worker = self as unknown as Worker;
const PREFIX = 'hearthwatch-shell-';
const NAME = PREFIX + SHELL_VERSION;
const PAGE = '/index.html';

async function install(): Promise<void> {
  const cache = await caches.open(NAME);
  // Past the browser's own cache: an old page with new scripts would not start.
  await cache.addAll(SHELL_FILES.map((file) => new Request(file, { cache: 'reload' })));
  await worker.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** Hashed files never change; the page itself comes from the hub as long as that answers. */
async function answer(request: Request, file: string): Promise<Response> {
  const cache = await caches.open(NAME);
  if (file !== PAGE) return (await cache.match(file)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await cache.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function show(data: string | null): Promise<void> {
  const { title, body, tag, url } = readPush(data);
  await worker.registration.showNotification(title, { body, tag, renotify: true, icon: '/icon-192.png', data: { url } });
}

/** Opens what the message tells of, in a page of the dashboard that is there already if there is one. */
async function follow(data: unknown): Promise<void> {
  const { url } = readPush(JSON.stringify(data));
  const [page] = await worker.clients.matchAll({ type: 'window' });
  if (!page) await worker.clients.openWindow(url);
  else {
    await page.focus();
    await page.navigate(url);
  }
}

worker.addEventListener('push', (event) => event.waitUntil(show(event.data?.text() ?? null)));
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(follow(event.notification.data));
});
worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
  const file = request.mode === 'navigate' ? PAGE : url.pathname;
  if (SHELL_FILES.includes(file)) event.respondWith(answer(request, file));
});
