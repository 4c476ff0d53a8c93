// A stand-in for the hub, for developing and testing the dashboard without one: serves dist under the
// real Content-Security-Policy and answers the REST, SSE and WebSocket calls from an invented house.
// Nothing here is part of the product. Flags: --port N (4180), --empty (no camera), --claim (unclaimed).

import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { WebSocketServer } from 'ws';

import { Alarm } from './alarm.mjs';
import { Answer } from './answer.mjs';
import { Assistant } from './assistant.mjs';
import { Devices } from './devices.mjs';
import { hostile } from './hostile.mjs';
import { House, id, offerOf, text } from './house.mjs';
import { Identity } from './identity.mjs';
import { Measures } from './measures.mjs';
import { Notifications } from './notifications.mjs';
import { People } from './people.mjs';
import { Replies } from './replies.mjs';
import { Review } from './review.mjs';
import { Rules } from './rules.mjs';
import { Search } from './search.mjs';
import { Security } from './security.mjs';
import { serveLive } from './live.mjs';
import { LOOP_SECONDS, clip, scene } from './media.mjs';
import { Provider } from './provider.mjs';
import { Talks } from './talk.mjs';
import { Visits } from './visits.mjs';
import { WatchList } from './watch-list.mjs';

const flag = (name) => process.argv.includes(`--${name}`);
const option = (name, usual) => (process.argv.includes(`--${name}`) ? process.argv[process.argv.indexOf(`--${name}`) + 1] : usual);

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const port = Number(option('port', 4180));
const CLAIM_CODE = 'ABCD-2345';
let refusing = false;
let isHostile = false;
let slow = 0;
const streams = new Set();

const house = new House({ empty: flag('empty') || flag('claim') });
const identity = new Identity({ claimed: !flag('claim'), cameras: [...house.cameras.keys()] });
const provider = new Provider(identity);
const security = new Security(house);
const devices = new Devices(house, identity);
const measures = new Measures(house, devices);
const people = new People(house, identity);
const visits = new Visits(house, people);
const watchList = new WatchList({ house, identity, people, visits, security });
const replies = new Replies(house, visits);
const talks = new Talks(visits);
const notifications = new Notifications(house, security);
const alarm = new Alarm(house, devices, identity);
const rules = new Rules({ house, devices, people, notifications, alarm, identity });
const assistant = new Assistant(house, identity);
const review = new Review(house);
const search = new Search(house);
const scenes = new Map();
function sceneOf(camera) {
  const key = `${camera.scene}${camera.sound}`;
  if (!scenes.has(key)) scenes.set(key, scene(camera.scene, camera.sound));
  return scenes.get(key);
}

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types hearth";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.webmanifest': 'application/manifest+json', '.png': 'image/png' };

function json(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'private, no-store', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(isHostile ? hostile(body) : body));
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (/^(image|audio)\//.test(request.headers['content-type'] ?? '')) return Buffer.concat(chunks);
  try {
    return JSON.parse(Buffer.concat(chunks).toString() || '{}');
  } catch {
    throw new Answer(400, 'bad_json', 'The request is not JSON.');
  }
}

function sessionOf(request) {
  const token = /hearthwatch=([0-9a-f]+)/.exec(request.headers.cookie ?? '')?.[1];
  return token ? identity.sessions.get(token) : undefined;
}

function begin(response, status, session) {
  json(response, status, identity.body(session), { 'set-cookie': `hearthwatch=${session.token}; HttpOnly; SameSite=Strict; Path=/` });
}

const hostOf = (request) => (request.headers.host ?? '').replace(/:\d+$/, '');

const open = {
  'GET /welcome': (_, response) => json(response, 200, { claim_needed: identity.users.size === 0, version: '0.1.0', house_name: 'House Novak', simulated: !flag('real'), certificate_sha256: '9A:31:5C:07:E2:44:18:BB:6D:F0:93:2A:71:C8:0E:5F:A4:39:D6:12:8B:77:E0:4C:95:2E:61:AF:38:D1:0B:C4', time: text(Date.now()), time_zone: option('zone', 'Europe/Vienna'), sign_in_provider: provider.setting?.name ?? null }),
  async 'POST /claim'(request, response) {
    const { code, name, password } = await body(request);
    if (identity.users.size > 0) throw new Answer(409, 'already_claimed', 'This hub has an owner.');
    if (code === 'OLDX-2345') throw new Answer(400, 'code_expired', 'The code has expired.');
    if (code !== CLAIM_CODE) throw new Answer(400, 'wrong_code', 'The code is wrong.');
    identity.weak(password, name);
    begin(response, 201, identity.begin(identity.add({ name, role: 'admin', password }), request.headers['user-agent']));
  },
  async 'POST /session'(request, response) {
    begin(response, 200, identity.signIn(await body(request), request.headers['user-agent']));
  },
  'POST /session/passkey/begin': (request, response) => json(response, 200, identity.beginPasskey(hostOf(request))),
  async 'POST /session/passkey/finish'(request, response) {
    begin(response, 200, identity.finishPasskey(await body(request), request.headers['user-agent']));
  },
  'POST /session/provider/begin': (_, response) => json(response, 200, provider.begin()),
  async 'POST /session/provider/finish'(request, response) {
    begin(response, 200, provider.signIn(await body(request), request.headers['user-agent']));
  },
};

function camera(params) {
  const found = house.cameras.get(params[0]);
  if (!found) throw new Answer(404, 'not_found', 'There is no such camera.');
  return found;
}

function time(url, name) {
  const value = Date.parse(url.searchParams.get(name) ?? '');
  if (Number.isNaN(value)) throw new Answer(400, 'bad_time', `${name} is not a time.`);
  return value;
}

function footageAt(found, at) {
  if (!house.spans(found, at - 1, at + 1).length) throw new Answer(404, 'no_footage', 'Nothing was recorded at this time.');
}

function range(request, bytes) {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  return match ? { start: Number(match[1]), end: Math.min(bytes - 1, match[2] ? Number(match[2]) : bytes - 1) } : null;
}

function plan(found, url) {
  const spans = house.spans(found, time(url, 'from'), time(url, 'to'));
  if (spans.length === 0) throw new Answer(404, 'no_footage', 'Nothing was recorded in this time.');
  let offset = 0;
  const list = spans.map((span) => {
    const row = { offset_seconds: offset, from: text(span.from), to: text(span.to) };
    offset += (span.to - span.from) / 1000;
    return row;
  });
  return { spans: list, seconds: offset, phase: (spans[0].from / 1000) % LOOP_SECONDS };
}

const view = (row) => ({ ...row, from: text(row.from), to: row.to === null ? null : text(row.to) });

function listEvents(url) {
  const wanted = (name) => (url.searchParams.get(name) ?? '').split(',').filter(Boolean);
  const [kinds, cameras, labels] = ['kind', 'camera', 'label'].map(wanted);
  const from = url.searchParams.has('from') ? time(url, 'from') : -Infinity;
  const to = url.searchParams.has('to') ? time(url, 'to') : Infinity;
  const before = Number(url.searchParams.get('before') ?? Infinity);
  const limit = Number(url.searchParams.get('limit') ?? 100);
  const fits = (list, value) => list.length === 0 || list.includes(value);
  const all = house.events.filter((event) => event.seq < before && fits(kinds, event.kind) && fits(cameras, event.camera) && fits(labels, event.label) && Date.parse(event.at) >= from && Date.parse(event.at) < to);
  const events = all.sort((a, b) => b.seq - a.seq).slice(0, limit);
  return { events, next: all.length > limit ? String(events.at(-1).seq) : null };
}

function subscribe(request, response, url) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'private, no-store' });
  const send = (event, data) => response.write(`${event === 'event' ? `id: ${data.seq}\n` : ''}event: ${event}\ndata: ${JSON.stringify(isHostile ? hostile(data) : data)}\n\n`);
  const after = Number(request.headers['last-event-id'] ?? url.searchParams.get('after') ?? house.seq);
  for (const event of house.events.filter((row) => row.seq > after)) send('event', event);
  send('status', { cameras: house.statuses() });
  const timer = setInterval(() => send('status', { cameras: house.statuses() }), 5000);
  house.listeners.add(send);
  streams.add(response);
  response.on('close', () => {
    clearInterval(timer);
    house.listeners.delete(send);
    streams.delete(response);
  });
}

function check(body) {
  let url;
  if (!/^(rtsp|rtsps|http|https|file):\/\//.test(body.url ?? '')) throw new Answer(400, 'bad_url_scheme', 'a camera URL starts with rtsp://, rtsps://, http://, https:// or file://');
  try {
    url = new URL(body.url.replace(/^rtsps?:/, 'http:'));
  } catch {
    throw new Answer(400, 'bad_url_host', 'the camera URL names no valid host');
  }
  if (url.hostname === 'nowhere.invalid') throw new Answer(400, 'bad_url_host', 'the camera URL names no valid host');
  if ([...house.cameras.values()].some((row) => row.status.name === body.name)) throw new Answer(409, 'name_taken', 'A camera of this name exists already.');
}

function checkDays({ events_days_max: events, pictures_days_max: pictures }) {
  const isWithin = (days, least) => days === null || (Number.isInteger(days) && days >= least && days <= 3650);
  if (!isWithin(pictures, 0) || !isWithin(events, 1)) throw new Answer(400, 'invalid', 'Pictures are kept for 0 to 3650 days and events for 1 to 3650.');
}

const routes = [
  ['GET', /^\/session$/, (request, response) => json(response, 200, identity.body(sessionOf(request)))],
  ['DELETE', /^\/session$/, (request, response) => { identity.sessions.delete(sessionOf(request).token); json(response, 204, undefined); }],
  ['GET', /^\/cameras$/, (_, response) => json(response, 200, { cameras: house.statuses() })],
  ['POST', /^\/cameras$/, async (request, response) => { const wanted = await body(request); check(wanted); json(response, 201, { ...house.add(wanted).status, ...(offerOf(wanted.url) ? { rtsps_url: offerOf(wanted.url) } : {}) }); }],
  ['GET', /^\/cameras\/(\w+)$/, (_, response, params) => { const found = camera(params); json(response, 200, { status: found.status, settings: found.settings, has_credentials: found.has_credentials, rtsps_url: security.hasAsked ? offerOf(found.settings.url) : null, footage: house.footage(found) }); }],
  ['PATCH', /^\/cameras\/(\w+)$/, async (request, response, params) => {
    const found = camera(params);
    const { username, password, url, ...change } = await body(request);
    if (url && url !== found.settings.url) {
      if (found.has_credentials && !username) throw new Answer(400, 'credentials_needed', 'At a new address the camera’s user name and password must be given again.');
      house.relocate(found, url);
    }
    if (change.retention) checkDays(change.retention);
    if (username || password) found.has_credentials = true;
    Object.assign(found.settings, change);
    if (change.record) Object.assign(found.status, { record_mode: change.record.usual, recording: change.record.usual === 'continuous' && found.status.state === 'live' });
    if (change.name) found.status.name = change.name;
    house.tellStatus();
    json(response, 200, { status: found.status, settings: found.settings, has_credentials: found.has_credentials, rtsps_url: security.hasAsked ? offerOf(found.settings.url) : null, footage: house.footage(found) });
  }],
  ['DELETE', /^\/cameras\/(\w+)$/, (_, response, params) => json(response, 200, house.remove(camera(params)))],
  ['GET', /^\/cameras\/(\w+)\/snapshot\.jpg$/, (_, response, params, url) => {
    const found = camera(params);
    const at = url.searchParams.has('at') ? time(url, 'at') : Date.parse(found.status.last_frame_at);
    const second = Math.floor(at / 1000);
    response.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'private, no-store', 'x-frame-time': text(second * 1000) });
    response.end(sceneOf(found).stills[second % LOOP_SECONDS]);
  }],
  ['GET', /^\/cameras\/(\w+)\/keyframe$/, (_, response, params, url) => {
    const found = camera(params);
    const at = time(url, 'at');
    footageAt(found, at);
    const { fragments, stills } = sceneOf(found);
    const second = Math.floor(at / 1000);
    const headers = { 'cache-control': 'private, no-store', 'x-frame-time': text(second * 1000), 'x-width': '1280', 'x-height': '720' };
    if (found.mjpeg) {
      response.writeHead(200, { ...headers, 'content-type': 'image/jpeg', 'x-codec': 'jpeg' });
      return response.end(stills[second % LOOP_SECONDS]);
    }
    const keys = fragments.list.filter((row) => row.key);
    const frame = keys.findLast((row) => row.seconds <= (second % LOOP_SECONDS) + 0.01) ?? keys[0];
    response.writeHead(200, { ...headers, 'content-type': 'application/octet-stream', 'x-codec': fragments.codec, 'x-decoder-config': fragments.avcC.toString('base64') });
    response.end(frame.data);
  }],
  ['GET', /^\/cameras\/(\w+)\/timeline$/, (_, response, params, url) => {
    const found = camera(params);
    const [from, to] = [time(url, 'from'), time(url, 'to')];
    const activities = found.activities.filter((row) => row.from < to && (row.to ?? Date.now()) > from);
    json(response, 200, { from: text(from), to: text(to), spans: house.spans(found, from, to).map(view), gaps: house.gaps(found, from, to).map(view), activities: activities.map(view) });
  }],
  ['GET', /^\/cameras\/(\w+)\/clip$/, (_, response, params, url) => {
    const { spans, seconds } = plan(camera(params), url);
    json(response, 200, { bytes: Math.round(seconds * 125_000), duration_seconds: seconds, codecs: 'avc1.4d401f', spans });
  }],
  ['GET', /^\/cameras\/(\w+)\/clip\.mp4$/, async (request, response, params, url) => {
    const found = camera(params);
    const { phase, seconds } = plan(found, url);
    const { path, bytes } = await clip(sceneOf(found), phase, seconds);
    const part = range(request, bytes);
    const headers = { 'content-type': 'video/mp4', 'accept-ranges': 'bytes', 'cache-control': 'private, no-store', 'content-length': part ? part.end - part.start + 1 : bytes };
    if (url.searchParams.has('download')) headers['content-disposition'] = `attachment; filename="${found.status.name.replaceAll(' ', '-')}.mp4"`;
    if (part) headers['content-range'] = `bytes ${part.start}-${part.end}/${bytes}`;
    response.writeHead(part ? 206 : 200, headers);
    const file = createReadStream(path, { ...part, highWaterMark: 65_536 }).on('error', () => response.destroy());
    if (slow > 0 && !part) file.on('data', (piece) => { file.pause(); setTimeout(() => file.resume(), (piece.length / slow) * 1000); });
    file.pipe(response);
  }],
  ['GET', /^\/events$/, (_, response, __, url) => json(response, 200, listEvents(url))],
  ['GET', /^\/events\/stream$/, (request, response, _, url) => subscribe(request, response, url)],
  ['GET', /^\/events\/(\w+)\/thumbnail\.jpg$/, (_, response, params) => {
    const event = house.events.find((row) => row.id === params[0]);
    const found = event && house.cameras.get(event.camera);
    if (!found) throw new Answer(404, 'not_found', 'No picture is kept.');
    response.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'private, no-store' });
    response.end(sceneOf(found).stills[Math.floor(Date.parse(event.at) / 1000 + 3) % LOOP_SECONDS]);
  }],
  ['GET', /^\/holds$/, (_, response) => json(response, 200, { holds: house.holds })],
  ['POST', /^\/holds$/, async (request, response) => { const hold = { id: id('hold'), until: null, ...(await body(request)) }; house.holds.push(hold); json(response, 201, hold); }],
  ['DELETE', /^\/holds\/(\w+)$/, (_, response, params) => { house.holds = house.holds.filter((hold) => hold.id !== params[0]); json(response, 204, undefined); }],
  ['GET', /^\/system$/, (_, response) => json(response, 200, { version: '0.1.0', started_at: text(house.started - 3 * 3600_000), uptime_seconds: 10800 + (Date.now() - house.started) / 1000, storage: { bytes_recorded: 214e9, bytes_free: 137e9, bytes_total: 400e9, days_left: 5.4 }, eyes: { running: true, model: { name: 'yolox-nano', sha256: 'c3'.repeat(32) }, restarts: 0 }, clock: { offset_us: 0, synchronised: true } })],
  ...[...identity.routes(), ...provider.routes(), ...security.routes(), ...devices.routes(), ...measures.routes(), ...people.routes(), ...visits.routes(), ...watchList.routes(), ...replies.routes(), ...talks.routes(), ...notifications.routes(), ...alarm.routes(), ...rules.routes(), ...assistant.routes(), ...review.routes(), ...search.routes()].map(([method, pattern, handle]) => [method, pattern, async (request, response, params, url) => {
    const session = sessionOf(request);
    if (handle.role && session.user.role !== handle.role) throw new Answer(403, 'forbidden', 'your account may not do this');
    const [status, answer, headers] = await handle({ session, params, url, host: hostOf(request), body: ['POST', 'PATCH', 'PUT'].includes(method) ? await body(request) : null });
    if (typeof answer !== 'string' && !Buffer.isBuffer(answer)) return json(response, status, answer);
    response.writeHead(status, { 'cache-control': 'private, no-store', ...headers });
    response.end(answer);
  }]),
  ['GET', /^\/mock\/authorize$/, (_, response, __, url) => {
    response.writeHead(302, { location: `/signin/return?code=good&state=${url.searchParams.get('state')}` });
    response.end();
  }],
  // Faults on demand, for the tests.
  ['POST', /^\/mock\/hostile$/, async (request, response) => { isHostile = (await body(request)).on; json(response, 200, {}); }],
  ['POST', /^\/mock\/slow$/, async (request, response) => { slow = (await body(request)).bytes_per_second; json(response, 200, {}); }],
  ['POST', /^\/mock\/device$/, async (request, response) => json(response, 200, devices.fault(await body(request)))],
  ['POST', /^\/mock\/deaf-camera$/, async (request, response) => { measures.deafCamera = (await body(request)).name; json(response, 200, {}); }],
  ['POST', /^\/mock\/visit$/, async (request, response) => json(response, 200, visits.fault(await body(request)))],
  ['POST', /^\/mock\/watch$/, async (request, response) => json(response, 200, watchList.fault(await body(request)))],
  ['POST', /^\/mock\/bell$/, async (request, response) => { const { camera: name } = await body(request); json(response, 200, house.happen('ring', [...house.cameras.values()].find((row) => row.status.name === name) ?? null, { device: null, name: 'Garden bell' })); }],
  ['POST', /^\/mock\/faces$/, async (request, response) => { people.reason = (await body(request)).reason; json(response, 200, {}); }],
  ['POST', /^\/mock\/alarm$/, async (request, response) => json(response, 200, alarm.fault(await body(request)))],
  ['POST', /^\/mock\/rule$/, async (request, response) => json(response, 200, rules.fault(await body(request)))],
  ['POST', /^\/mock\/incident$/, (_, response) => json(response, 201, security.raise())],
  ['POST', /^\/mock\/approval$/, async (request, response) => json(response, 201, assistant.ask(await body(request)))],
  ['POST', /^\/mock\/age$/, (_, response) => { identity.age(); json(response, 200, {}); }],
  ['POST', /^\/mock\/move$/, async (request, response) => { const { name, label, seconds } = await body(request); const found = [...house.cameras.values()].find((row) => row.status.name === name); json(response, 200, house.move(found, label ?? 'person', seconds ?? 6)); }],
  ['POST', /^\/mock\/live$/, async (request, response) => { const { name, live } = await body(request); house.setLive([...house.cameras.values()].find((row) => row.status.name === name), live); json(response, 200, {}); }],
  ['POST', /^\/mock\/refuse$/, async (request, response) => { refusing = (await body(request)).refuse; if (refusing) for (const stream of streams) stream.destroy(); json(response, 200, {}); }],
];

async function api(request, response, url) {
  const path = url.pathname.slice('/api/v1'.length);
  if (refusing && !path.startsWith('/mock')) return request.socket.destroy();
  const free = open[`${request.method} ${path}`];
  if (free) return free(request, response);
  const session = sessionOf(request);
  if (session) session.last_seen_at = text(Date.now());
  // Faults can be switched from outside the page.
  if (!session && !path.startsWith('/mock/')) throw new Answer(401, 'unauthenticated', 'Sign in first.');
  if (session && request.method !== 'GET' && request.headers['x-csrf-token'] !== session.csrf) throw new Answer(403, 'csrf', 'The request does not come from the dashboard.');
  for (const [method, pattern, handle] of routes) {
    const match = pattern.exec(path);
    if (match && method === request.method) return handle(request, response, match.slice(1), url);
  }
  throw new Answer(404, 'not_found', 'There is no such thing.');
}

function asset(response, url) {
  const wanted = join(dist, normalize(url.pathname));
  const isFile = extname(wanted) !== '' && wanted.startsWith(dist) && existsSync(wanted);
  const path = isFile ? wanted : join(dist, 'index.html');
  response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'content-security-policy': POLICY, 'permissions-policy': 'camera=(), microphone=(self)', 'x-content-type-options': 'nosniff', 'cache-control': url.pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache' });
  response.end(readFileSync(path));
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  try {
    if (url.pathname.startsWith('/api/v1/')) await api(request, response, url);
    else asset(response, url);
  } catch (error) {
    const known = error instanceof Answer ? error : new Answer(500, 'internal', 'Something failed.');
    if (!(error instanceof Answer)) console.error(error);
    if (!response.headersSent) json(response, known.status, { error: { code: known.code, message: known.message, id: `err_${randomBytes(6).toString('hex')}` }, ...known.more }, known.headers);
    else response.destroy();
  }
});

const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  const match = /^\/api\/v1\/cameras\/(\w+)\/(live|talk)$/.exec(new URL(request.url, 'http://mock').pathname);
  const found = match && house.cameras.get(match[1]);
  if (!found || !sessionOf(request) || refusing) return socket.destroy();
  sockets.handleUpgrade(request, socket, head, (web) => (match[2] === 'talk' ? talks.serve(web, found) : serveLive(web, house, found, sceneOf(found))));
});

for (const found of house.cameras.values()) sceneOf(found);
server.listen(port, '127.0.0.1', () => console.log(`mock hub on http://127.0.0.1:${server.address().port} (Anna / correct horse battery${flag('claim') ? `, claim code ${CLAIM_CODE}` : ''})`));
