// The alarm of the mock hub: modes, delays, PINs and the calls for help. Nothing sounds. Anna's PIN is 471100.
// `POST /mock/alarm` sets it off, shortens its delays or puts it back.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { text } from './house.mjs';

const SECOND = 1000;
const MODES = ['home', 'away', 'night', 'vacation'];
const WRONG_MAX = 5;
const LOCK_SECONDS = 4;
const HOUR = 3600 * SECOND;

export class Alarm {
  constructor(house, devices, identity) {
    Object.assign(this, { house, devices, identity, calls: [], wrong: 0, lockedUntil: 0, pins: new Map() });
    this.usual();
    if (house.cameras.size > 0) this.#past();
  }

  /** As it is at the start. */
  usual() {
    clearTimeout(this.timer);
    const [front, drive, garden, garage] = [...this.house.cameras.keys()];
    const watch = (camera, reaction, labels = ['person']) => ({ sensor: { camera }, reaction, labels });
    this.state = { state: 'disarmed' };
    this.wrong = 0;
    this.lockedUntil = 0;
    this.pins = new Map(front ? [['Anna', { pin: '471100', duress: '471199' }], ['Granny', { pin: '135790', duress: null }]] : []);
    this.setup = front
      ? {
          settings: {
            modes: {
              home: { exit_seconds: 0, entry_seconds: 30, watches: [watch(garden, 'instant')] },
              away: { exit_seconds: 60, entry_seconds: 30, watches: [watch(front, 'delayed'), watch(drive, 'instant', ['person', 'car']), watch(garage, 'instant', [])] },
              night: { exit_seconds: 0, entry_seconds: 20, watches: [watch(front, 'instant'), watch(garden, 'instant')] },
            },
            siren_seconds: 180,
            schedule: [{ at: '22:30', days: ['monday', 'tuesday', 'wednesday', 'thursday', 'sunday'], mode: 'night' }, { at: '06:30', days: [], mode: 'disarmed' }],
          },
          sirens: this.sirens().slice(0, 1).map((row) => row.id),
          presence: { devices: [], empty_minutes: 15, then: 'nothing', welcome: 'nothing' },
        }
      : { settings: { modes: {}, siren_seconds: 180, schedule: [] }, sirens: [], presence: { devices: [], empty_minutes: 15, then: 'nothing', welcome: 'nothing' } };
    this.emptySince = null;
  }

  sirens() {
    return [...this.devices.rows.values()].map((row) => row.view).filter((view) => view.controls.some((control) => control.key === 'siren'));
  }

  #past() {
    const now = Date.now();
    const lines = [[26 * HOUR, 'arming', 'away', 'Anna', 'info'], [26 * HOUR - 60 * SECOND, 'armed', 'away', 'the end of a delay', 'info'], [19 * HOUR, 'entry_delay', 'away', 'Front door', 'info'], [19 * HOUR - 20 * SECOND, 'disarmed', 'disarmed', 'Anna', 'info'], [9 * HOUR, 'armed', 'night', 'the schedule', 'info'], [2 * HOUR, 'pin_refused', 'night', 'a wrong PIN', 'warning'], [2 * HOUR - 30 * SECOND, 'disarmed', 'disarmed', 'Granny', 'info']];
    for (const [old, change, mode, by, severity] of lines) {
      const event = this.house.happen('alarm_changed', null, { change, mode, until: null, by, severity }, severity);
      event.at = text(now - old);
    }
  }

  #tell(change, by, severity = 'info') {
    this.house.happen('alarm_changed', null, { change, mode: this.state.mode ?? 'disarmed', until: this.state.until ?? null, by, severity }, severity);
  }

  #notReady(mode) {
    const { watches = [] } = this.setup.settings.modes[mode] ?? {};
    return watches.map(({ sensor }) => this.house.cameras.get(sensor.camera)?.status).filter((status) => status && status.state !== 'live').map((status) => `${status.name} sends nothing`);
  }

  /** Who answers is home; how long the house is empty is set by the tests. */
  #presence() {
    const chosen = this.setup.presence.devices.flatMap((key) => this.devices.rows.get(key) ?? []);
    const home = this.emptySince ? [] : chosen.filter(({ view }) => view.state === 'answering').map(({ view }) => view.id);
    return { is_known: chosen.length > 0, home, empty_since: chosen.length > 0 ? this.emptySince : null };
  }

  view() {
    const { modes } = this.setup.settings;
    const rows = MODES.filter((mode) => modes[mode]).map((mode) => ({ mode, exit_seconds: modes[mode].exit_seconds, entry_seconds: modes[mode].entry_seconds, watches: modes[mode].watches.length, not_ready: this.#notReady(mode) }));
    return { ...this.state, modes: rows, has_pins: this.pins.size > 0, presence: this.#presence(), now: text(Date.now()) };
  }

  #after(seconds, then) {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, seconds * SECOND);
    this.timer.unref();
  }

  disarm(by, change = 'disarmed') {
    clearTimeout(this.timer);
    this.state = { state: 'disarmed' };
    this.#tell(change, by);
  }

  #armed(mode, by) {
    this.state = { state: 'armed', mode };
    this.#tell('armed', by);
  }

  #arm(mode, by, anyway) {
    const settings = this.setup.settings.modes[mode];
    if (!settings) throw new Answer(400, 'no_such_mode', 'This house has no such mode.');
    if (this.state.state === 'triggered' || this.state.state === 'entering') throw new Answer(409, 'alarm_under_way', 'An alarm is under way; only a person ends it.');
    const missing = this.#notReady(mode);
    if (missing.length > 0 && !anyway) throw new Answer(409, 'not_ready', `Not everything is ready: ${missing.join(', ')}.`);
    if (settings.exit_seconds === 0) return this.#armed(mode, by);
    this.state = { state: 'arming', mode, until: text(Date.now() + settings.exit_seconds * SECOND), not_ready: missing };
    this.#tell('arming', by);
    this.#after(settings.exit_seconds, () => this.#armed(mode, 'the end of a delay'));
  }

  trigger(by) {
    const mode = this.state.mode ?? 'disarmed';
    this.state = { state: 'triggered', mode, siren_until: text(Date.now() + this.setup.settings.siren_seconds * SECOND), siren_rounds: 1, is_acknowledged: false };
    this.#tell('triggered', by, 'critical');
    this.#after(this.setup.settings.siren_seconds, () => {
      Object.assign(this.state, { siren_until: null });
      this.#tell('siren_off', 'the end of a delay');
    });
  }

  #enter(by) {
    const mode = this.state.mode ?? 'away';
    const seconds = this.setup.settings.modes[mode]?.entry_seconds ?? 30;
    this.state = { state: 'entering', mode, until: text(Date.now() + seconds * SECOND) };
    this.#tell('entry_delay', by, 'warning');
    this.#after(seconds, () => this.trigger(by));
  }

  #set(session, { mode, anyway = false }) {
    if (mode === 'disarmed') {
      this.identity.proved(session);
      this.disarm(session.user.name);
    } else this.#arm(mode, session.user.name, anyway);
    return [200, this.view()];
  }

  #pin({ pin, purpose }) {
    const left = Math.ceil((this.lockedUntil - Date.now()) / SECOND);
    if (left > 0) throw new Answer(429, 'pin_locked', 'Too many wrong PINs. Wait before the next one.', { 'retry-after': String(left) });
    const [holder] = [...this.pins].find(([, row]) => row.pin === pin || row.duress === pin) ?? [];
    if (!holder) {
      this.wrong += 1;
      this.#tell('pin_refused', 'a wrong PIN', 'warning');
      if (this.wrong < WRONG_MAX) throw new Answer(403, 'pin_wrong', `The PIN is wrong. ${WRONG_MAX - this.wrong} more tries.`);
      this.wrong = 0;
      this.lockedUntil = Date.now() + LOCK_SECONDS * SECOND;
      throw new Answer(429, 'pin_locked', 'Too many wrong PINs. Wait before the next one.', { 'retry-after': String(LOCK_SECONDS) });
    }
    this.wrong = 0;
    this.disarm(holder, purpose === 'false_alarm' ? 'false_alarm' : 'disarmed');
    return [200, this.view()];
  }

  #panic(session, { silent }) {
    this.calls.push({ silent, by: session.user.name });
    if (!silent) this.trigger(session.user.name);
    return [204];
  }

  #acknowledge(session) {
    if (this.state.state === 'triggered') {
      Object.assign(this.state, { is_acknowledged: true, siren_until: null });
      this.#tell('acknowledged', session.user.name);
    }
    return [200, this.view()];
  }

  #change(session, body) {
    this.identity.proved(session);
    const { modes, siren_seconds: siren, schedule } = body.settings;
    if (Object.values(modes).some((mode) => Math.max(mode.exit_seconds, mode.entry_seconds) > 600)) throw new Answer(400, 'bad_alarm', 'a delay is at most 600 seconds');
    if (siren > 600) throw new Answer(400, 'bad_alarm', 'a siren sounds at most 600 seconds');
    if (schedule.some((change) => change.mode !== 'disarmed' && !modes[change.mode])) throw new Answer(400, 'bad_alarm', 'a schedule has at most 64 changes, each to a mode of this house');
    if (body.presence && !(body.presence.empty_minutes >= 5 && body.presence.empty_minutes <= 240)) throw new Answer(400, 'bad_alarm', 'a house counts as empty after 5 to 240 minutes');
    this.setup = { ...body, presence: body.presence ?? this.setup.presence };
    return [200, this.setup];
  }

  #list = () => ({ pins: [...this.pins].map(([holder, row]) => ({ holder, has_duress_pin: row.duress !== null })) });

  #setPin(session, { holder, pin, duress_pin: duress = null }) {
    this.identity.proved(session);
    for (const one of [pin, duress].filter((given) => given !== null)) {
      if (!/^\d{4,12}$/.test(one)) throw new Answer(400, 'bad_pin', 'a PIN has 4 to 12 digits');
      if (/^(\d)\1+$/.test(one) || '01234567890'.includes(one)) throw new Answer(400, 'weak_pin', 'this PIN is one of those that are tried first');
      if ([...this.pins].some(([name, row]) => name !== holder && [row.pin, row.duress].includes(one))) throw new Answer(400, 'pin_taken', 'this PIN cannot be used');
    }
    if (pin === duress) throw new Answer(400, 'pin_taken', 'this PIN cannot be used');
    this.pins.set(holder, { pin, duress });
    return [200, this.#list()];
  }

  /** For the tests. */
  fault({ action, by = 'Drive', exit_seconds: exit, mode }) {
    if (action === 'usual') this.usual();
    if (action === 'trigger') this.trigger(by);
    if (action === 'enter') this.#enter(by);
    if (action === 'empty') {
      this.emptySince = text(Date.now() - 40 * 60 * SECOND);
      this.#tell('house_empty', 'devices that are away');
    }
    if (action === 'exit') this.setup.settings.modes[mode].exit_seconds = exit;
    return { ...this.view(), calls: this.calls };
  }

  routes() {
    const as = (role) => (handle) => (given) => { atLeast(given.session, role); return handle(given); };
    const [viewer, operator, admin] = ['viewer', 'operator', 'admin'].map(as);
    return [
      ['GET', /^\/alarm$/, viewer(() => [200, this.view()])],
      ['PUT', /^\/alarm\/mode$/, operator(({ session, body }) => this.#set(session, body))],
      ['POST', /^\/alarm\/pin$/, operator(({ body }) => this.#pin(body))],
      ['POST', /^\/alarm\/panic$/, operator(({ session, body }) => this.#panic(session, body))],
      ['POST', /^\/alarm\/acknowledge$/, operator(({ session }) => this.#acknowledge(session))],
      ['GET', /^\/alarm\/setup$/, admin(() => [200, this.setup])],
      ['PUT', /^\/alarm\/setup$/, admin(({ session, body }) => this.#change(session, body))],
      ['GET', /^\/alarm\/pins$/, admin(() => [200, this.#list()])],
      ['PUT', /^\/alarm\/pins$/, admin(({ session, body }) => this.#setPin(session, body))],
      ['DELETE', /^\/alarm\/pins$/, admin(({ url }) => { this.pins.delete(url.searchParams.get('holder')); return [204]; })],
    ];
  }
}
