// The devices of the mock hub: one of every kind and state, all invented. What they answer, how late, and whether at
// all can be switched by `POST /mock/device`.

import { randomBytes } from 'node:crypto';

import { Answer } from './answer.mjs';
import { id, text } from './house.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DEAF_MS = 5_000;
const RANK = { guest: 0, service: 0, viewer: 1, operator: 2, admin: 3 };

export const fingerprint = (seed) => `sha256:${Buffer.from(seed.repeat(32)).toString('hex').slice(0, 64)}`;

/** Refuses whoever's role is less. */
export function atLeast(session, role) {
  if (RANK[session.user.role] < RANK[role]) throw new Answer(403, 'forbidden', 'your account may not do this');
}

const toggle = (key, value, more = {}) => ({ key, kind: 'toggle', value, as_of: text(Date.now() - 2000), sensitive: false, ...more });
const level = (key, value, min, max, step, unit) => ({ key, kind: 'level', min, max, step, unit, value, as_of: text(Date.now() - 2000), sensitive: false });
const choice = (key, value, options) => ({ key, kind: 'choice', options, value, as_of: text(Date.now() - 2000), sensitive: false });
const reboot = { key: 'reboot', kind: 'action', sensitive: true };
const reading = (key, unit, value, old = 2000) => ({ key, unit, value, as_of: value === null ? null : text(Date.now() - old) });
const plug = (on, watt, today) => ({ controls: [toggle('power', on), toggle('led', true), reboot], readings: [reading('power', 'watt', watt), reading('energy_today', 'watt_hour', today), reading('signal', 'dbm', -54)] });

const SEEDS = [
  { name: 'Hall lamp', room: 'Hall', family: 'tapo_plug', model: 'P110', transport: 'klap', ...plug(true, 42.3, 310), history: 'on' },
  { name: 'Front door camera', room: 'Hall', family: 'tapo_camera', model: 'C210', transport: 'tls_pinned', pin: 'a', camera: 'Front door', controls: [toggle('privacy', false), toggle('led', true), choice('night_mode', 'auto', ['auto', 'on', 'off']), level('motion_sensitivity', 60, 0, 100, 10, 'percent'), toggle('siren', false, { sensitive: true }), reboot], readings: [reading('signal', 'dbm', -61)] },
  { name: 'EV charger', room: 'Garage', family: 'tapo_plug', model: 'P115', transport: 'klap', ...plug(true, null, null), state: 'unreachable', reason: 'It did not answer four times in a row.', old: 47 * MINUTE, history: 'on' },
  { name: 'Heater', room: 'Living', family: 'kasa_plug', model: 'HS110', transport: 'xor', insecure: 'xor', ...plug(false, 0, 1240), extra: [reading('voltage', 'volt', 231.4), reading('current', 'ampere', 0)], history: 'on' },
  { name: 'Fridge', room: 'Kitchen', family: 'tapo_plug', model: 'P110', transport: 'klap', ...plug(null, null, null), state: 'wrong_password', reason: 'The device refuses the stored password.', old: 3 * HOUR, history: 'on' },
  { name: 'Deaf plug', room: 'Kitchen', family: 'tapo_plug', model: 'P100', transport: 'aes', ...plug(false, 1.1, 12), deaf: true },
  { name: 'Slow plug', room: 'Kitchen', family: 'tapo_plug', model: 'P100', transport: 'tpap', ...plug(false, 0.4, 3), slow: 1500 },
  { name: 'Reading light', room: 'Living', family: 'tapo_plug', model: 'D230E', transport: 'klap', controls: [toggle('power', null), level('brightness', 40, 0, 100, 1, 'percent')], readings: [reading('power', 'watt', 6.1)], history: 'off' },
  { name: 'Thermostat', room: 'Living', family: 'netatmo_thermostat', model: 'NATherm1', transport: 'tls_public', controls: [level('set_point', 21, 7, 30, 0.5, 'celsius'), choice('mode', 'schedule', ['schedule', 'away', 'frost_guard'])], readings: [reading('temperature', 'celsius', 21.4, 4 * MINUTE), reading('humidity', 'percent', 48, 4 * MINUTE), reading('co2', 'ppm', 830, 4 * MINUTE), reading('noise', 'decibel', 36, 4 * MINUTE), reading('battery', 'percent', 71, 4 * MINUTE)], old: 4 * MINUTE, history: 'on' },
  { name: 'Bedroom station', room: 'Bedroom', family: 'netatmo_weather', model: 'NAMain', transport: 'tls_public', controls: [level('set_point', 18, 7, 30, 0.5, 'celsius')], readings: [reading('temperature', 'celsius', 18.9, 6 * MINUTE), reading('humidity', 'percent', 55, 6 * MINUTE), reading('pressure', 'hectopascal', 1013.2, 6 * MINUTE)], old: 6 * MINUTE, history: 'off' },
  { name: 'Outside', room: null, family: 'netatmo_weather', model: 'NAModule1', transport: 'tls_public', controls: [], readings: [reading('temperature', 'celsius', 4.1, 40 * MINUTE), reading('humidity', 'percent', null), reading('battery', 'percent', 12, 40 * MINUTE)], old: 40 * MINUTE, history: 'on' },
  { name: 'Drive camera', room: 'Outside', family: 'onvif', model: 'DS-2CD2042', transport: 'http_digest', insecure: 'legacy_md5', camera: 'Drive', controls: [choice('night_mode', 'on', ['auto', 'on', 'off']), reboot], readings: [] },
  { name: 'Garage camera', room: 'Garage', family: 'kasa_camera', model: 'KC105', transport: 'linkie', pin: 'g', presented: 'h', camera: 'Garage', controls: [toggle('privacy', null)], readings: [], state: 'certificate_changed', reason: 'The device shows another certificate than the one that was pinned.', old: 2 * HOUR },
  { name: 'Attic camera', room: 'Attic', family: 'tapo_camera', model: 'C100', transport: 'tls_pinned', pin: 't', camera: 'Attic', controls: [toggle('privacy', null), reboot], readings: [], state: 'locked_out', reason: 'Too many wrong passwords. The device refuses everybody for 30 minutes.', old: 20 * MINUTE },
  { name: 'Baby cam', room: 'Nursery', family: 'onvif', model: null, transport: 'http_digest', insecure: 'default_password', camera: 'Nursery', controls: [], readings: [], state: 'unsupported', reason: 'The device answers, but speaks no service that the hub knows.' },
  { name: 'Terrace plug', room: null, family: 'kasa_plug', model: null, controls: [], readings: [], state: 'not_asked_yet', old: null },
];

const FOUND = [
  { family: 'tapo_plug', address: '192.168.1.31:80', model: 'P115', mac: '5C:A6:E6:00:11:22', name: null, pin: null },
  { family: 'onvif', address: '192.168.1.44:2020', model: 'IPC-T42', mac: null, name: 'Garden pole', pin: 'o' },
];

export class Devices {
  constructor(house, identity) {
    Object.assign(this, { house, identity, rows: new Map() });
    if (house.cameras.size > 0) SEEDS.forEach((seed, index) => this.#furnish(seed, index));
    this.timer = setInterval(() => this.#tick(), 5000);
    this.timer.unref();
  }

  #furnish(seed, index) {
    const { name, room, family, model, transport } = seed;
    const old = seed.old === undefined ? 2000 : seed.old;
    const state = seed.state ?? 'answering';
    const camera = [...this.house.cameras.values()].find((row) => row.status.name === seed.camera);
    const view = {
      id: id('dev'), name, room, family, model, firmware: state === 'not_asked_yet' ? null : '1.3.0', address: `192.0.2.${100 + index}:${transport === 'tls_pinned' ? 443 : 80}`, camera: camera?.status.id ?? null, is_simulated: true,
      transport: state === 'not_asked_yet' ? null : transport, is_insecure: Boolean(seed.insecure), weakness: seed.insecure ?? null, fingerprint: seed.pin ? fingerprint(seed.pin) : null, state, reason: seed.reason ?? null, since: text(Date.now() - (old ?? MINUTE) - HOUR), answered_at: old === null ? null : text(Date.now() - old),
      controls: structuredClone(seed.controls), readings: structuredClone([...seed.readings, ...(seed.extra ?? [])]), history: seed.history ?? 'off', ...(seed.presented ? { shown_fingerprint: fingerprint(seed.presented) } : {}),
    };
    this.rows.set(view.id, { view, deaf: Boolean(seed.deaf), slow: seed.slow ?? 0, password: 'device password', schedules: [], limits: [] });
    if (name === 'Hall lamp') {
      this.rows.get(view.id).schedules.push({ id: id('sch'), at: '22:30', days: ['mon', 'tue', 'wed', 'thu', 'fri'], control: 'power', value: false, is_on: true });
      this.rows.get(view.id).limits.push({ id: id('lim'), reading: 'power', above: 1500, for_seconds: 60, then: 'event', is_on: true });
    }
  }

  /** What answers says so again; one lamp draws a little more or less. */
  #tick() {
    for (const { view } of this.rows.values()) {
      if (view.state !== 'answering' || view.family.startsWith('netatmo')) continue;
      view.answered_at = text(Date.now());
      for (const row of [...view.controls, ...view.readings]) if (row.as_of) row.as_of = view.answered_at;
      const power = view.name === 'Hall lamp' && view.readings.find((row) => row.key === 'power');
      if (power) {
        power.value = Math.round((42 + Math.random() * 2) * 10) / 10;
        this.house.tell('device_reading', { device: view.id, readings: [{ ...power }] });
      }
    }
  }

  found(device) {
    const row = this.rows.get(device);
    if (!row) throw new Answer(404, 'not_found', 'There is no such device.');
    return row;
  }

  named = (name) => [...this.rows.values()].find((row) => row.view.name === name);

  /** Throws what an attempt to reach the device comes to. */
  async #reach(row) {
    const { view } = row;
    if (row.slow) await new Promise((resolve) => setTimeout(resolve, row.slow));
    if (row.deaf) {
      await new Promise((resolve) => setTimeout(resolve, row.deaf === true ? DEAF_MS : row.deaf));
      throw new Answer(504, 'device_timeout', 'The device did not answer in time.');
    }
    const codes = { unreachable: [504, 'device_unreachable'], wrong_password: [409, 'device_wrong_password'], locked_out: [409, 'device_locked_out'], certificate_changed: [409, 'device_certificate_changed'], malformed: [502, 'device_malformed'], unsupported: [409, 'device_unsupported'] };
    if (codes[view.state]) throw new Answer(...codes[view.state], view.reason);
  }

  async #set(params, value) {
    const row = this.found(params[0]);
    const control = row.view.controls.find((one) => one.key === params[1] && one.kind !== 'action');
    if (!control) throw new Answer(404, 'control_unknown', 'The device has no such control.');
    const isFit = { toggle: () => typeof value === 'boolean', choice: () => control.options.includes(value), level: () => typeof value === 'number' && value >= control.min && value <= control.max }[control.kind]();
    if (!isFit) throw new Answer(400, 'value_out_of_range', 'The device does not take this value.');
    await this.#reach(row);
    Object.assign(control, { value, as_of: text(Date.now()) });
    row.view.answered_at = control.as_of;
    const power = row.view.readings.find((one) => one.key === 'power');
    if (control.key === 'power' && power) Object.assign(power, { value: value ? 38.5 : 0, as_of: control.as_of });
    this.house.happen('device_control_changed', null, { device: row.view.id, name: row.view.name, control: control.key, value: value === true ? 'on' : value === false ? 'off' : String(value), by: 'Anna' });
    return control;
  }

  /** What a first attempt at an address comes to. */
  async #probe({ family, address, username, password }) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const host = String(address ?? '').split(':')[0];
    if (!/^[\w.-]+$/.test(host)) throw new Answer(400, 'bad_address', 'An address is a name or an IP address, with a port if it is unusual.');
    if (host === '192.0.2.1') throw new Answer(504, 'device_unreachable', 'Nothing answers at this address.');
    if (host === '192.0.2.2') throw new Answer(409, 'device_locked_out', 'Too many wrong passwords. The device refuses everybody for 30 minutes.');
    const isKasa = family.startsWith('kasa');
    if (!isKasa && (username === undefined || password === 'wrong')) throw new Answer(409, 'device_wrong_password', 'The device refuses this user name or password.');
    const known = FOUND.find((row) => row.address === address);
    const isCamera = /camera|onvif/.test(family);
    const isRoom = family.startsWith('netatmo');
    return {
      family, model: known?.model ?? 'P110', firmware: '1.4.2', transport: isKasa ? 'xor' : isCamera ? 'tls_pinned' : isRoom ? 'tls_public' : 'klap', is_insecure: isKasa, weakness: isKasa ? 'xor' : null, fingerprint: isCamera ? fingerprint('o') : null,
      controls: isCamera ? [toggle('privacy', false), reboot] : isRoom ? [level('set_point', 20, 7, 30, 0.5, 'celsius')] : plug(true, 11, 20).controls,
      readings: isCamera ? [] : isRoom ? [reading('temperature', 'celsius', 20.2)] : plug(true, 11.2, 20).readings,
    };
  }

  async #add(wanted) {
    if ([...this.rows.values()].some((row) => row.view.name === wanted.name)) throw new Answer(409, 'name_taken', 'A device of this name exists already.');
    const said = await this.#probe(wanted);
    if (wanted.fingerprint && wanted.fingerprint !== said.fingerprint) throw new Answer(409, 'device_certificate_changed', 'The device shows another certificate than the one that was confirmed.');
    const view = { id: id('dev'), name: wanted.name, room: wanted.room ?? null, address: wanted.address, camera: wanted.camera ?? null, is_simulated: true, ...said, state: 'answering', reason: null, since: text(Date.now()), answered_at: text(Date.now()), history: 'off' };
    this.rows.set(view.id, { view, deaf: false, slow: 0, password: wanted.password, schedules: [], limits: [] });
    this.house.happen('device_added', null, { device: view.id, name: view.name });
    return view;
  }

  #state(view, state, reason = null) {
    Object.assign(view, { state, reason, since: text(Date.now()), ...(state === 'answering' ? { answered_at: text(Date.now()) } : {}) });
    this.house.happen('device_state_changed', null, { device: view.id, name: view.name, state, reason }, state === 'answering' ? 'info' : 'warning');
  }

  /** A fault from outside: `{name, deaf, slow, state, reason, controls}`. */
  fault({ name, ...change }) {
    const row = this.named(name) ?? [...this.rows.values()][0];
    const { deaf, slow, state, reason, ...view } = change;
    if (deaf !== undefined) row.deaf = deaf;
    if (slow !== undefined) row.slow = slow;
    Object.assign(row.view, view);
    if (state) this.#state(row.view, state, reason ?? null);
    return row.view;
  }

  #list(name, make, prefix) {
    return [
      ['GET', new RegExp(`^/devices/(\\w+)/${name}$`), ({ params }) => [200, { [name]: this.found(params[0])[name] }]],
      ['POST', new RegExp(`^/devices/(\\w+)/${name}$`), ({ session, params, body }) => { atLeast(session, 'operator'); make(body); const row = { id: id(prefix), ...body }; this.found(params[0])[name].push(row); return [201, row]; }],
      ['PUT', new RegExp(`^/devices/(\\w+)/${name}/(\\w+)$`), ({ session, params, body }) => {
        atLeast(session, 'operator');
        make(body);
        const rows = this.found(params[0])[name];
        const at = rows.findIndex((row) => row.id === params[1]);
        if (at < 0) throw new Answer(404, 'not_found', 'There is no such thing.');
        rows[at] = { ...body, id: params[1] };
        return [200, rows[at]];
      }],
      ['DELETE', new RegExp(`^/devices/(\\w+)/${name}/(\\w+)$`), ({ session, params }) => { atLeast(session, 'operator'); const row = this.found(params[0]); row[name] = row[name].filter((one) => one.id !== params[1]); return [204]; }],
    ];
  }

  routes() {
    const admin = (handler) => Object.assign(handler, { role: 'admin' });
    const proved = (session) => this.identity.proved(session);
    const checkSchedule = (row) => { if (!/^\d{2}:\d{2}$/.test(row.at) || row.days.length === 0) throw new Answer(400, 'bad_schedule', 'A schedule has a time and at least one day.'); };
    const checkLimit = (row) => { if ((row.above === undefined) === (row.below === undefined)) throw new Answer(400, 'bad_limit', 'A limit is above or below a value.'); };
    return [
      ['GET', /^\/devices$/, ({ session }) => { atLeast(session, 'viewer'); return [200, { devices: [...this.rows.values()].map((row) => row.view) }]; }],
      ['POST', /^\/devices$/, admin(async ({ body }) => [201, await this.#add(body)])],
      ['POST', /^\/devices\/discover$/, admin(async ({ body }) => {
        await new Promise((resolve) => setTimeout(resolve, 600));
        const bad = (body.addresses ?? []).find((one) => !/^[0-9a-f.:]+\/\d+$/i.test(one));
        if (bad) throw new Answer(400, 'bad_network', 'write a network as 192.168.1.0/24');
        const known = [...this.rows.values()].slice(0, 1).map(({ view }) => ({ family: view.family, address: view.address, model: view.model, mac: null, name: view.name, known_as: view.id }));
        const found = known.length === 0 ? [] : [...FOUND.map(({ pin: _, ...row }) => ({ ...row, known_as: null })), ...known];
        return [200, { found, asked: ['tapo_broadcast', 'onvif_multicast', 'usb', ...(body.addresses ?? [])], failed: [{ what: 'onvif_multicast', reason: 'The network does not carry multicast on eth1.' }], seconds: 5.02 }];
      })],
      ['POST', /^\/devices\/probe$/, admin(async ({ body }) => [200, await this.#probe(body)])],
      ['GET', /^\/devices\/(\w+)$/, ({ session, params }) => { atLeast(session, 'viewer'); return [200, this.found(params[0]).view]; }],
      ['PATCH', /^\/devices\/(\w+)$/, admin(({ params, body }) => {
        const { view } = this.found(params[0]);
        if (body.name !== undefined && [...this.rows.values()].some((row) => row.view !== view && row.view.name === body.name)) throw new Answer(409, 'name_taken', 'A device of this name exists already.');
        return [200, Object.assign(view, body)];
      })],
      ['PUT', /^\/devices\/(\w+)\/credentials$/, admin(async ({ session, params, body }) => {
        proved(session);
        const row = this.found(params[0]);
        if (body.password === 'wrong') throw new Answer(409, 'device_wrong_password', 'The device refuses this user name or password.');
        row.password = body.password;
        if (row.view.state === 'wrong_password') this.#state(row.view, 'answering');
        return [200, row.view];
      })],
      ['POST', /^\/devices\/(\w+)\/certificate$/, admin(({ session, params, body }) => {
        proved(session);
        const { view } = this.found(params[0]);
        if (body.fingerprint !== view.shown_fingerprint) throw new Answer(409, 'device_certificate_changed', 'The device shows another certificate than the one that was confirmed.');
        view.fingerprint = view.shown_fingerprint;
        delete view.shown_fingerprint;
        this.#state(view, 'answering');
        return [200, view];
      })],
      ['DELETE', /^\/devices\/(\w+)$/, admin(({ session, params }) => { proved(session); const { view } = this.found(params[0]); this.rows.delete(view.id); this.house.happen('device_removed', null, { device: view.id, name: view.name }); return [204]; })],
      ['PUT', /^\/devices\/(\w+)\/controls\/(\w+)$/, async ({ session, params, body }) => { atLeast(session, 'operator'); return [200, await this.#set(params, body.value)]; }],
      ['POST', /^\/devices\/(\w+)\/actions\/(\w+)$/, async ({ session, params }) => {
        atLeast(session, 'operator');
        const row = this.found(params[0]);
        const action = row.view.controls.find((one) => one.key === params[1] && one.kind === 'action');
        if (!action) throw new Answer(404, 'control_unknown', 'The device has no such control.');
        if (action.sensitive) proved(session);
        await this.#reach(row);
        return [204];
      }],
      ...this.#list('schedules', checkSchedule, 'sch'),
      ...this.#list('limits', checkLimit, 'lim'),
    ];
  }
}
