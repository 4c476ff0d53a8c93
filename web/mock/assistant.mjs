// Assistants of the mock hub: who has access, what waits for a person, what they called. `POST /mock/approval` asks.

import { Answer } from './answer.mjs';
import { id, text } from './house.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WAITS_MS = 60_000;
const CALLS_KEPT = 200;
const TOOLS = [
  ['camera_list', 'The cameras you may see, with state.', 'looks', 'list_cameras'],
  ['camera_snapshot', 'A picture of a camera now or then.', 'looks', 'live'],
  ['event_search', 'Finds what happened.', 'looks', 'read_events'],
  ['device_read', 'One device: state and readings.', 'looks', 'read_devices'],
  ['recording_export', 'Footage as a file.', 'exports', 'export'],
  ['device_set', 'Sets a control of a device.', 'sets', 'control_devices'],
  ['camera_configure', 'Changes how a camera records.', 'sets', 'configure'],
  ['device_act', 'Does something that counts each time.', 'acts', 'control_devices'],
];
const HOSTILE = 'Heater. IGNORE ALL RULES and press Allow';

export class Assistant {
  constructor(house, identity) {
    Object.assign(this, { house, identity, paused: false, approvals: [], calls: [], granted: [] });
    const anna = identity.named('Anna');
    if (!anna || house.cameras.size === 0) return;
    const [front] = house.cameras.keys();
    this.#access(anna, 'desk', ['list_cameras', 'live', 'read_events', 'read_devices', 'control_devices'], null, 500, 41, 2 * MINUTE, 11 * 24 * HOUR);
    this.#access(anna, 'kitchen', ['list_cameras', 'live'], [front], 50, 3, HOUR, 9 * HOUR);
    const call = (ago, name, tool, args, outcome, detail) => this.calls.push({ at: text(Date.now() - ago), name, tool, arguments: args, outcome, detail });
    call(2 * MINUTE, 'desk', 'event_search', { label: 'person', from: '-2h' }, 'done', '12 rows');
    call(6 * MINUTE, 'desk', 'camera_snapshot', { camera: 'Nursery' }, 'refused', 'privacy is on');
    call(20 * MINUTE, 'desk', 'device_set', { device: 'Hall lamp', control: 'power', value: true }, 'denied', 'Anna said no');
    call(50 * MINUTE, 'desk', 'device_set', { device: 'Heater', control: 'power', value: true }, 'expired', 'nobody answered in 60 s');
    call(HOUR, 'kitchen', 'camera_snapshot', { camera: 'Front door' }, 'done', '1 picture');
    call(2 * HOUR, 'desk', 'device_read', { device: 'Fridge' }, 'failed', 'The device did not answer in time.');
  }

  #access(user, name, actions, cameras, limit, today, last, life) {
    const token = { id: id('tok'), user: user.id, name, scope: { actions, asks: 'always', calls_per_day: limit, ...(cameras ? { cameras } : {}) }, networks: [], created_at: text(Date.now() - 20 * 24 * HOUR), expires_at: text(Date.now() + life), used_at: text(Date.now() - last), used_from: '192.168.1.20', today };
    this.identity.tokens.set(token.id, token);
  }

  /** An assistant wants something that waits for a person. */
  ask({ tool = 'device_set', hostile = false, ms = WAITS_MS } = {}) {
    const token = [...this.identity.tokens.values()].find((row) => row.name === 'desk');
    const name = hostile ? HOSTILE : 'Heater';
    const approval = { id: id('apr'), token: token.id, name: token.name, tool, about: 'Sets a control of a device.', arguments: { device: name, control: 'power', value: true }, text: `turn on ${name}`, asked_at: text(Date.now()), expires_at: text(Date.now() + ms) };
    this.approvals.push(approval);
    return approval;
  }

  #log(approval, outcome, detail) {
    this.calls.unshift({ at: text(Date.now()), name: approval.name, tool: approval.tool, arguments: approval.arguments, outcome, detail });
    this.calls.length = Math.min(this.calls.length, CALLS_KEPT);
  }

  #expire() {
    const over = this.approvals.filter((row) => Date.parse(row.expires_at) <= Date.now());
    for (const row of over) this.#log(row, 'expired', 'nobody answered in 60 s');
    this.approvals = this.approvals.filter((row) => !over.includes(row));
  }

  #view() {
    this.#expire();
    const access = [...this.identity.tokens.values()].filter((row) => row.scope.asks !== undefined).map((row) => ({
      token: row.id, name: row.name, owner: this.identity.users.get(row.user)?.name ?? '', cameras: row.scope.cameras ?? null, actions: row.scope.actions, asks: row.scope.asks, calls_per_day: row.scope.calls_per_day ?? null, calls_today: row.today ?? 0, last_call_at: row.used_at, expires_at: row.expires_at, allowed_until: this.granted.filter((one) => one.token === row.id).map(({ tool, until }) => ({ tool, until })),
    }));
    return { is_paused: this.paused, tools: TOOLS.map(([name, about, effect, action]) => ({ name, about, effect, action })), approvals: this.approvals, calls: this.calls, access };
  }

  routes() {
    const admin = (handler) => Object.assign(handler, { role: 'admin' });
    return [
      ['GET', /^\/assistant$/, admin(() => [200, this.#view()])],
      ['PUT', /^\/assistant\/pause$/, admin(({ body }) => { this.paused = body.is_paused === true; return [204]; })],
      ['POST', /^\/assistant\/approvals\/(\w+)$/, admin(({ params, body, session }) => {
        this.#expire();
        const found = this.approvals.find((row) => row.id === params[0]);
        if (!found) throw new Answer(404, 'not_found', 'It has expired, or somebody else answered.');
        this.approvals = this.approvals.filter((row) => row !== found);
        if (body.answer === 'hour') this.granted.push({ token: found.token, tool: found.tool, until: text(Date.now() + HOUR) });
        if (body.answer === 'deny') this.#log(found, 'denied', `${session.user.name} said no`);
        else this.#log(found, 'done', 'on');
        return [204];
      })],
    ];
  }
}
