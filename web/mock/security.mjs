// What the mock hub tells about its own safety: checks, incidents, the audit log, who watches, keys.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id, offerOf, text } from './house.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ACKNOWLEDGE_MAX = 100;
const ago = (ms) => text(Date.now() - ms);

const CHECKS = [
  ['data_folder', 'Only the hub’s user can read the data folder', 'D-05', 'ok', 'mode 0700, owner 1000'],
  ['keys', 'The key file is outside the data folder', 'K-02', 'failed', 'The key lies beside what it opens. Move it: hearthwatch key move /etc/hearthwatch/key'],
  ['tls', 'Only TLS 1.3 is spoken', 'V-08', 'ok', 'TLS 1.3, certificate valid until 2027-02-20'],
  ['index', 'The index is whole', 'V-17', 'ok', '12 904 rows checked'],
  ['eyes', 'The eyes run confined', 'D-18', 'ok', 'no network, no file, 512 MB'],
  ['audit', 'The audit log is whole', 'V-17', 'skipped', 'not checked yet in this run; see: hearthwatch verify'],
  ['backup', 'There is a backup', 'V-19', 'failed', 'The newest backup is 11 days old. Make one: hearthwatch backup'],
];

const who = (kind, name = null) => ({ kind, id: name ? `usr_${name.toLowerCase()}` : null, name });

export class Security {
  constructor(house) {
    this.house = house;
    this.hasAsked = false;
    this.incidents = house.cameras.size === 0 ? [] : this.#invent();
    this.audit = [];
    for (let index = 0; index < 240; index += 1) this.#line(index);
  }

  /** How every camera's stream travels, and what could be done about one in the clear. */
  #transports() {
    return [...this.house.cameras.values()].map(({ status, settings }) => {
      const offer = offerOf(settings.url);
      const [outcome, detail] = status.encrypted_transport ? ['ok', 'encrypted']
        : offer ? ['failed', `its stream travels in clear, and the camera offers RTSPS: set its address to ${offer}, or to what its manual says, with its user name and password`]
        : ['skipped', 'its stream travels in clear; it does not offer RTSPS where it was asked ([cameras] rtsps_ports). Keep it in a network of its own'];
      return [`camera.${status.id}.transport`, `${status.name} sends encrypted`, 'V-10', outcome, detail];
    });
  }

  /** Asks all cameras; what they offered is known from then on. */
  #asked() {
    this.hasAsked = true;
    return this.#transports();
  }

  #incident(kind, severity, state, subject, title, opened, count, timeline, more = {}) {
    return { id: id('inc'), kind, subject, title, severity, state, opened_at: ago(opened), last_at: ago(opened / 2), count, escalates_at: state === 'open' ? text(Date.now() + 34 * MINUTE) : null, timeline, cameras: [], evidence: [], is_grouped: count > 1, about: 'security', ...more };
  }

  /** What cameras saw, as what an incident of the house shows. */
  #evidence() {
    const seen = this.house.events.filter((event) => event.kind === 'activity_noticed' && ['Drive', 'Front door'].includes(event.camera_name)).slice(-4).reverse();
    return { cameras: [...new Set(seen.map((event) => event.camera))], evidence: seen.map((event) => ({ event: event.id, camera: event.camera, at: event.at, text: `${event.label} at ${event.camera_name}` })), about: 'safety' };
  }

  /** A new open incident, told to all pages. */
  raise() {
    return this.#open('unusual_place', 'warning', 'account Ben', 'An account was used from a new network', 'Ben signed in from 10.9.8.7');
  }

  /** A person says that somebody on the watch list came; the incident names nobody. */
  watchedCame(visit, by) {
    return this.#open('watch_list', 'critical', visit, 'Somebody on the watch list came', `${by} looked at the face. Who it is stands in the visit.`, { about: 'safety' });
  }

  #open(kind, severity, subject, title, words, more = {}) {
    const incident = this.#incident(kind, severity, 'open', subject, title, 0, 1, [{ at: text(Date.now()), step: 'opened', who: null, text: words }], more);
    this.incidents.push(incident);
    this.house.happen('incident_opened', null, { incident: incident.id, about: incident.kind, severity, title: incident.title }, 'warning');
    return incident;
  }

  #invent() {
    const at = (ms, step, by, words) => ({ at: ago(ms), step, who: by, text: words });
    return [
      this.#incident('alarm', 'critical', 'open', 'house', 'Somebody moved while the house was armed', 25 * MINUTE, 4, [at(25 * MINUTE, 'opened', null, 'A person at Drive'), at(12 * MINUTE, 'repeated', null, 'A person at Front door')], this.#evidence()),
      this.#incident('failed_sign_ins', 'critical', 'open', 'address 192.168.1.77', 'Failed sign-ins from one address', 2 * HOUR, 34, [at(2 * HOUR, 'opened', null, '12 failed sign-ins in 10 minutes from 192.168.1.77'), at(100 * MINUTE, 'repeated', null, '22 more'), at(HOUR, 'escalated', null, 'Nobody has acknowledged it.')]),
      this.#incident('changed_file', 'warning', 'acknowledged', 'file config.toml', 'A file of the hub was changed', 26 * HOUR, 1, [at(26 * HOUR, 'opened', null, 'config.toml has another owner'), at(25 * HOUR, 'acknowledged', who('user', 'Anna'), '')]),
      this.#incident('unusual_time', 'info', 'resolved', 'account Ben', 'An account was used at an unusual time', 5 * DAY, 2, [at(5 * DAY, 'opened', null, 'Ben signed in at 03:12'), at(4 * DAY, 'resolved', who('user', 'Anna'), 'Night shift.')]),
    ];
  }

  #line(index) {
    const cameras = [...this.house.cameras.keys()];
    const camera = cameras[index % Math.max(1, cameras.length)];
    const rows = [
      ['data_access', 'view', 'get_cameras_camera_live', who('user', 'Anna'), '192.168.1.31', { camera }, 'ok', null],
      ['data_access', 'export', 'get_cameras_camera_clip_mp4', who('user', 'Ben'), '192.168.1.20', { camera }, 'ok', null],
      ['authentication', 'sign_in', 'post_session', who('nobody'), '192.168.1.77', {}, 'denied', 'wrong_credentials'],
      ['authorization', 'configure', 'patch_cameras_camera', who('user', 'Ben'), '192.168.1.20', { camera }, 'denied', 'your account may not do this'],
      ['system', 'configure', 'patch_cameras_camera', who('user', 'Anna'), '192.168.1.31', { camera }, 'ok', null],
      ['security', 'key', 'post_tokens', who('user', 'Anna'), '192.168.1.31', { token: 'tok_1' }, 'ok', null],
      ['system', 'system', 'start', who('hub'), 'hub', {}, 'ok', null],
      ['data_access', 'view', 'get_events', who('machine', 'Panel in the hall'), '192.168.1.44', {}, 'failed', 'the store was busy'],
    ];
    const [category, kind, action, actor, from, what, result, detail] = rows[(index * 5) % rows.length];
    this.audit.push({ seq: 12_904 - index, at: ago(index * 7 * MINUTE), category, class: kind, action, who: actor, from, what, result, severity: result === 'ok' ? 'info' : 'warning', detail, duration_ms: 12, more: result === 'denied' && index % 3 === 0 ? 17 : 0 });
  }

  #page(url) {
    const wanted = (name) => url.searchParams.get(name) ?? '';
    const limit = Number(url.searchParams.get('limit') ?? 100);
    const before = Number(url.searchParams.get('before') ?? Infinity);
    const isBy = (entry) => [entry.who.id, entry.who.name, entry.who.kind].includes(wanted('who'));
    const fits = (entry) =>
      entry.seq < before && ['category', 'class', 'result'].every((name) => wanted(name) === '' || entry[name] === wanted(name)) && (wanted('who') === '' || isBy(entry)) && (wanted('camera') === '' || entry.what.camera === wanted('camera')) && (wanted('from') === '' || entry.at >= wanted('from')) && (wanted('to') === '' || entry.at < wanted('to'));
    const all = this.audit.filter(fits);
    const entries = all.slice(0, limit);
    return { entries, next: all.length > limit ? entries.at(-1).seq : null };
  }

  #day(index) {
    const day = Date.now() - index * DAY;
    return { day: text(day).slice(0, 10), from: text(day - HOUR), to: text(day), sign_ins: 3 + index, failed_sign_ins: index === 0 ? 34 : 0, denied: index === 0 ? 4 : 1, views: 210 - index, exports: index % 3, controls: 0, changes: 2, key_uses: 1, person_accesses: 0, incidents_opened: index === 0 ? 1 : 0, incidents_unresolved: 2, audit_ok: true, parties: [{ party: 'Anna', entries: 180 }, { party: '192.168.1.77', entries: 34 }, { party: 'hub', entries: 9 }] };
  }

  #watchers() {
    return [...this.house.cameras.values()].flatMap(({ status }) => Array.from({ length: status.watchers }, (_, index) => ({ camera: status.id, camera_name: status.name, viewer_kind: 'user', viewer: 'Anna', since: ago(MINUTE * (index + 1)), from: '127.0.0.1' })));
  }

  routes() {
    const admin = (handler) => Object.assign(handler, { role: 'admin' });
    const from = (role) => (handle) => (request) => { atLeast(request.session, role); return handle(request); };
    const [viewer, operator] = [from('viewer'), from('operator')];
    const found = (params) => {
      const incident = this.incidents.find((row) => row.id === params[0]);
      if (!incident) throw new Answer(404, 'not_found', 'There is no such incident.');
      return incident;
    };
    const write = (incident, step, session, words) => {
      incident.timeline.push({ at: text(Date.now()), step, who: { kind: 'user', id: session.user.id, name: session.user.name }, text: words });
      this.house.happen(`incident_${incident.state}`, null, { incident: incident.id, by: session.user.name });
      return [200, incident];
    };
    return [
      ['GET', /^\/doctor$/, admin(() => [200, { ok: false, checks: [...CHECKS, ...this.#asked()].map(([check, title, promise, outcome, detail]) => ({ id: check, title, promise, outcome, detail })) }])],
      ['GET', /^\/security\/summary$/, admin(() => [200, { today: this.#day(0), days: [1, 2, 3, 4, 5, 6, 7, 8].map((index) => this.#day(index)) }])],
      ['GET', /^\/watchers$/, () => [200, { watchers: this.#watchers() }]],
      ['GET', /^\/keys$/, admin(() => [200, { vault: 'vlt_1', opened_by: 'key_file', generation: 2, has_recovery_key: false, rotation_pending: false, newest_backup: ago(11 * DAY) }])],
      ['GET', /^\/audit$/, admin(({ url }) => [200, this.#page(url)])],
      ['GET', /^\/audit\/export$/, admin(({ url }) => [200, this.#page(url).entries.map((entry) => JSON.stringify(entry)).join('\n'), { 'content-type': 'application/x-ndjson', 'content-disposition': 'attachment; filename="hearthwatch-audit.ndjson"' }])],
      ['GET', /^\/incidents$/, viewer(({ url }) => {
        const fits = (row) => ['state', 'severity', 'kind', 'about'].every((name) => [null, '', row[name]].includes(url.searchParams.get(name))) && (!url.searchParams.get('camera') || row.cameras.includes(url.searchParams.get('camera')));
        const way = url.searchParams.get('order') === 'oldest' ? 1 : -1;
        return [200, { incidents: this.incidents.filter(fits).sort((a, b) => way * (Date.parse(a.opened_at) - Date.parse(b.opened_at))) }];
      })],
      ['POST', /^\/incidents\/acknowledge$/, operator(({ session, body }) => {
        if (!Array.isArray(body.incidents) || body.incidents.length > ACKNOWLEDGE_MAX) throw new Answer(400, 'bad_body', `At most ${ACKNOWLEDGE_MAX} at once.`);
        const answer = { acknowledged: [], not: [] };
        for (const key of body.incidents) {
          const incident = this.incidents.find((row) => row.id === key);
          if (!incident) answer.not.push({ incident: key, code: 'not_found' });
          else if (incident.state === 'resolved') answer.not.push({ incident: key, code: 'incident_resolved' });
          else {
            Object.assign(incident, { state: 'acknowledged', escalates_at: null });
            write(incident, 'acknowledged', session, '');
            answer.acknowledged.push(key);
          }
        }
        return [200, answer];
      })],
      ['GET', /^\/incidents\/(\w+)$/, viewer(({ params }) => [200, found(params)])],
      ['POST', /^\/incidents\/(\w+)\/acknowledge$/, operator(({ params, session }) => { const incident = found(params); Object.assign(incident, { state: 'acknowledged', escalates_at: null }); return write(incident, 'acknowledged', session, ''); })],
      ['POST', /^\/incidents\/(\w+)\/resolve$/, operator(({ params, session, body }) => { const incident = found(params); Object.assign(incident, { state: 'resolved', escalates_at: null }); return write(incident, 'resolved', session, body.text ?? ''); })],
      ['POST', /^\/incidents\/(\w+)\/notes$/, operator(({ params, session, body }) => { if (!body.text?.trim()) throw new Answer(400, 'bad_note', 'A note has 1 to 2000 characters.'); return write(found(params), 'note', session, body.text); })],
      ['GET', /^\/incidents\/(\w+)\/export$/, admin(({ params }) => [200, { incident: found(params), exported_at: text(Date.now()), audit: this.audit.slice(0, 20), audit_is_cut: false }])],
    ];
  }
}
