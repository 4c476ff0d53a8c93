// The rules of the mock hub: kept, looked at and drafted from sentences, never carried out. What a rule would have
// done is made up; what is wrong with it is found in a few simple ways only. `POST /mock/rule` lets one run or be
// suspended.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id, text } from './house.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LABELS = ['person', 'car', 'dog', 'cat', 'bicycle', 'package'];
const TESTS = ['happens', 'count', 'absent', 'stays', 'mode', 'hours', 'device', 'reading'];
const ACTIONS = ['notify', 'record', 'hold_clip', 'alert', 'siren', 'switch', 'set', 'preset', 'privacy', 'arm', 'webhook', 'mqtt', 'log'];

/** The tests of a condition from left to right. */
const tests = (condition) => {
  const parts = condition.all ?? condition.any ?? (condition.not ? [condition.not] : null);
  return parts ? parts.flatMap(tests) : [condition];
};

export class Rules {
  constructor(parts) {
    Object.assign(this, parts, { rows: new Map(), runs: [], next: 1, drafting: { is_on: false, url: '', model: '', key: null, may_name_people: false, may_describe_events: false, may_see_pictures: false } });
    this.people.rules = this;
    if (this.house.cameras.size > 0) {
      this.people.furnishGroups();
      this.#furnish();
    }
  }

  #furnish() {
    const [front, drive] = [...this.house.cameras.keys()];
    const lamp = this.devices.named('Hall lamp').view.id;
    const heater = this.devices.named('Heater').view.id;
    const [ben] = this.notifications.recipients.keys();
    const night = { hours: { from: '22:00', to: '06:00', days: [] } };
    const stranger = this.#keep({ version: 1, name: 'Stranger at night', is_on: true, priority: 80, when: { all: [{ happens: { kinds: ['visit_began', 'visit_changed'], cameras: [front], who: 'stranger' } }, night, { mode: { is: ['home', 'away', 'night', 'vacation'] } }] }, for_seconds: 0, cooldown_seconds: 60, then: [{ notify: { to: [ben], severity: 'critical', picture: true } }, { switch: { device: lamp, on: true, for_seconds: 600 } }, { hold_clip: { before_seconds: 10, after_seconds: 30, days: 30 } }] }, 9 * HOUR);
    const lost = this.#keep({ version: 1, name: 'Heater left on', is_on: true, priority: 50, when: { reading: { device: heater, reading: 'power', above: 1000 } }, for_seconds: 7200, cooldown_seconds: 3600, then: [{ notify: { to: [], severity: 'warning', picture: false } }] }, null);
    lost.is_suspended = true;
    this.#keep({ version: 1, name: 'Car in the drive', is_on: false, priority: 50, when: { happens: { kinds: ['activity_noticed', 'activity_recognized'], cameras: [drive], labels: ['car'] } }, for_seconds: 0, cooldown_seconds: 300, then: [{ log: {} }] }, null);
    const [family] = this.people.groups.keys();
    this.#keep({ version: 1, name: 'Family comes home', is_on: true, priority: 50, when: { happens: { kinds: ['visit_began', 'visit_changed'], who: { group: family } } }, for_seconds: 0, cooldown_seconds: 60, then: [{ switch: { device: lamp, on: true, for_seconds: 300 } }] }, null);
    const event = this.house.events.find((row) => row.camera === front && row.kind === 'activity_noticed');
    const done = { done: text(Date.now() - 9 * HOUR + 1200) };
    this.#run(stranger, 9 * HOUR, event, [done, { failed: { at: text(Date.now() - 9 * HOUR + 5000), reason: 'The device did not answer in time.' } }, done]);
    this.#run(stranger, 33 * HOUR, event, [done, done, 'overruled']);
  }

  #keep(rule, ran) {
    const row = { id: id('rul'), rule, created_at: text(Date.now() - 200 * HOUR), changed_at: text(Date.now() - 100 * HOUR), last_run: ran === null ? null : text(Date.now() - ran), is_suspended: false };
    this.rows.set(row.id, row);
    return row;
  }

  #run(row, old, event, outcomes) {
    const because = tests(row.rule.when).map((condition, test) => ({ test, condition, was: true, event: test === 0 ? event?.id ?? null : null, since: text(Date.now() - old - test * MINUTE) }));
    const actions = row.rule.then.map((action, index) => ({ action, outcome: outcomes[index] ?? 'pending' }));
    this.runs.unshift({ id: this.next++, name: row.rule.name, rule: row.id, at: text(Date.now() - old), because, actions });
    this.runs.sort((a, b) => b.at.localeCompare(a.at));
  }

  /** The rules whose conditions name a group. */
  naming(group) {
    const names = (condition) => tests(condition).some((test) => (test.happens ?? Object.values(test)[0]?.of)?.who?.group === group);
    return [...this.rows.values()].filter((row) => names(row.rule.when)).map((row) => row.id);
  }

  #vocabulary() {
    const named = (rows) => rows.map(({ id: key, name }) => ({ id: key, name }));
    const camera = ({ status, settings }) => {
      const zones = settings.detection.zones.map((zone) => ({ id: zone.id, name: zone.name }));
      const parts = [...zones, ...(status.name === 'Garden' ? [{ id: 'Gate', name: 'Gate', kind: 'preset' }, { id: 'Shed', name: 'Shed', kind: 'preset' }] : [])];
      return { id: status.id, name: status.name, ...(parts.length > 0 ? { parts } : {}) };
    };
    const kind = (view) => (view.family.includes('plug') ? 'plug' : view.controls.some((control) => control.key === 'siren') ? 'siren' : /netatmo/.test(view.family) ? 'sensor' : 'other');
    const device = ({ view }) => {
      const parts = view.controls.filter((control) => control.kind !== 'action').map(({ key }) => ({ id: key, name: key }));
      const readings = view.readings.map(({ key }) => key);
      return { id: view.id, name: view.name, kind: kind(view), ...(parts.length > 0 ? { parts } : {}), ...(readings.length > 0 ? { readings } : {}) };
    };
    return { cameras: [...this.house.cameras.values()].map(camera), devices: [...this.devices.rows.values()].map(device), people: named([...this.people.rows.values()].filter((person) => this.people.state(person) === 'known')), recipients: named([...this.notifications.recipients.values()]), channels: named([...this.notifications.channels.values()]), labels: this.house.cameras.size > 0 ? LABELS : [], groups: named([...this.people.groups.values()]) };
  }

  #name = (key) => {
    const { cameras, devices, people, recipients, groups } = this.#vocabulary();
    return [...cameras, ...devices, ...people, ...recipients, ...groups].find((thing) => thing.id === key)?.name ?? 'something removed';
  };

  #condition(condition) {
    const joined = (parts, word) => parts.map((part) => `(${this.#condition(part)})`).join(` ${word} `);
    if (condition.all) return joined(condition.all, 'and');
    if (condition.any) return joined(condition.any, 'or');
    if (condition.not) return `not (${this.#condition(condition.not)})`;
    if (condition.mode) return `the house is ${condition.mode.is.length === 4 ? 'armed' : condition.mode.is.join(' or ')}`;
    if (condition.hours) return `between ${condition.hours.from} and ${condition.hours.to}`;
    if (condition.device) return `${condition.device.control} of ${this.#name(condition.device.device)} is ${condition.device.is === true ? 'on' : condition.device.is === false ? 'off' : condition.device.is}`;
    if (condition.reading) return `${condition.reading.reading} of ${this.#name(condition.reading.device)} is ${condition.reading.above == null ? `below ${condition.reading.below}` : `above ${condition.reading.above}`}`;
    const of = condition.happens ?? Object.values(condition)[0].of;
    const subject = of.who?.group ? `somebody of ${this.#name(of.who.group)}` : of.who === 'stranger' ? 'an unknown person' : of.labels?.length ? `a ${of.labels.join(' or ')}` : 'something';
    const at = of.cameras?.length ? ` at ${of.cameras.map(this.#name).join(' or ')}` : '';
    return `${subject} ${of.kinds?.includes('ring') ? 'rings' : of.kinds?.includes('visit_began') ? 'comes by' : 'is seen'}${at}`;
  }

  #action(action) {
    const [[kind, what]] = Object.entries(action);
    if (kind === 'notify') return `notify ${what.to?.length ? what.to.map(this.#name).join(' and ') : 'everybody'} as ${what.severity}`;
    if (kind === 'switch') return `switch ${this.#name(what.device)} ${what.on ? 'on' : 'off'}`;
    if (kind === 'siren') return `sound the siren for ${what.seconds} seconds`;
    if (kind === 'arm') return `set the alarm to ${what.mode}`;
    return kind.replaceAll('_', ' ');
  }

  #sentence = (rule) => `when ${this.#condition(rule.when)}, ${rule.then.map((action) => this.#action(action)).join(', ')}; called "${rule.name}"`;

  view = (row) => ({ ...row, sentence: this.#sentence(row.rule) });

  /** What the hub refuses as no rule at all. */
  #valid(rule) {
    const bad = (message) => { throw new Answer(400, 'bad_rule', message); };
    if (rule?.version !== 1) bad('rules have version 1');
    if (!rule.name?.trim()) bad('the name must not be empty');
    if (!rule.then?.length) bad('then must not be empty');
    const look = (condition, at) => {
      const keys = Object.keys(condition ?? {});
      if (keys.length !== 1) bad(`${at}: not a condition`);
      const parts = condition.all ?? condition.any ?? (condition.not ? [condition.not] : null);
      if (parts?.length === 0) bad(`${at}: a group must not be empty`);
      if (!parts && !TESTS.includes(keys[0])) bad(`${at}: unknown variant ${keys[0]}`);
      parts?.forEach((part) => look(part, at));
    };
    look(rule.when, 'when');
    tests(rule.when).forEach((test, index) => {
      if (test.mode && test.mode.is.length === 0) bad(`when.${index}: the modes must not be empty`);
      if (test.reading && test.reading.above == null && test.reading.below == null) bad(`when.${index}: above or below must not be empty`);
    });
    rule.then.forEach((action, index) => { if (!ACTIONS.includes(Object.keys(action)[0])) bad(`then.${index}: unknown variant`); });
    return rule;
  }

  #findings(rule) {
    const all = [];
    const known = new Set(Object.values(this.#vocabulary()).flat().map((thing) => thing.id));
    const modes = tests(rule.when).flatMap((test) => (test.mode ? [test.mode.is] : []));
    if (rule.when.all && modes.length > 1 && modes[0].every((mode) => !modes[1].includes(mode))) all.push({ level: 'error', code: 'never_true', at: 'when', message: 'this is never true', suggestion: null });
    tests(rule.when).forEach((test, index) => { const { who } = test.happens ?? {}; if (who?.group && !this.people.groups.has(who.group)) all.push({ level: 'error', code: 'unknown_group', at: `when.${index}`, message: 'the group does not exist', suggestion: null }); });
    rule.then.forEach((action, index) => { if (action.switch && !known.has(action.switch.device)) all.push({ level: 'error', code: 'unknown_device', at: `then.${index}`, message: 'the device does not exist', suggestion: null }); });
    tests(rule.when).forEach((test, index) => { if (test.hours && test.hours.from === test.hours.to) all.push({ level: 'suggestion', code: 'whole_day', at: `when.${index}`, message: 'equal times are a whole day', suggestion: null }); });
    if (!rule.cooldown_seconds && rule.then.some((action) => action.notify)) all.push({ level: 'warning', code: 'no_cooldown', at: 'then.0', message: 'people may be told of one thing again and again', suggestion: 'a cooldown of a minute tells one thing once' });
    return all;
  }

  #conflicts(key, rule) {
    const found = [];
    for (const row of this.rows.values()) {
      if (row.id === key || !row.rule.is_on) continue;
      rule.then.forEach((action, index) => {
        const other = row.rule.then.findIndex((one) => action.switch && one.switch && one.switch.device === action.switch.device && one.switch.on !== action.switch.on);
        if (other >= 0) found.push({ conflict: 'opposed', rules: [key ?? 'rul_00000000000000000000000000000000', row.id], actions: [index, other], is_decided: rule.priority !== row.rule.priority, is_proved: false });
      });
    }
    return found;
  }

  #check({ id: key = null, rule }) {
    this.#valid(rule);
    const labels = new Set(tests(rule.when).flatMap((test) => test.happens?.labels ?? []));
    const cameras = new Set(tests(rule.when).flatMap((test) => test.happens?.cameras ?? []));
    const isSeen = tests(rule.when).some((test) => test.happens);
    const from = Date.now() - 7 * 24 * HOUR;
    const hits = isSeen ? this.house.events.filter((event) => event.kind === 'activity_noticed' && (labels.size === 0 || labels.has(event.label)) && (cameras.size === 0 || cameras.has(event.camera))) : [];
    const [first] = tests(rule.when);
    const told = hits.slice(0, 200).map((event) => ({ at: event.at, event: event.id, because: [{ test: 0, condition: first, was: true, event: event.id, since: event.at }] }));
    return [200, { sentence: this.#sentence(rule), findings: this.#findings(rule), conflicts: this.#conflicts(key, rule), history: { runs: hits.length, told, facts: this.house.events.length, from: text(from), to: text(Date.now()), is_cut: false } }];
  }

  /** A grammar of a few words: enough to see what a page does with each kind of answer. */
  #draft({ text: sentence, improve = false }) {
    const said = String(sentence ?? '').toLowerCase();
    const { cameras, recipients, devices } = this.#vocabulary();
    const named = (rows) => rows.find((row) => said.includes(row.name.toLowerCase()));
    const [understood, missed, when, then] = [[], [], [], []];
    const camera = named(cameras);
    const take = (words, meaning, list, part) => { understood.push({ text: words, meaning }); list.push(part); };
    if (/unknown person|stranger/.test(said)) take('an unknown person', `an unknown person comes by${camera ? ` at ${camera.name}` : ''}`, when, { happens: { kinds: ['visit_began', 'visit_changed'], who: 'stranger', ...(camera ? { cameras: [camera.id] } : {}) } });
    else if (/rings/.test(said)) take('rings', 'something rings', when, { happens: { kinds: ['ring'] } });
    const hours = /between (\d+:\d\d) and (\d+:\d\d)/.exec(said);
    if (hours) take(hours[0], hours[0], when, { hours: { from: hours[1].padStart(5, '0'), to: hours[2].padStart(5, '0') } });
    if (/armed/.test(said)) take('the house is armed', 'the house is armed', when, { mode: { is: ['home', 'away', 'night', 'vacation'] } });
    if (/notify/.test(said)) take('notify', 'notify as warning', then, { notify: { to: named(recipients) ? [named(recipients).id] : [], severity: 'warning', picture: false } });
    const device = named(devices);
    if (/switch/.test(said) && device) take(`switch ${device.name}`, `switch ${device.name} on`, then, { switch: { device: device.id, on: true } });
    const odd = /(play|sing|dance)[^,]*/.exec(said);
    if (odd) missed.push({ text: odd[0].trim(), reason: 'no rule can do this' });
    if (when.length === 0) missed.push({ text: said.slice(0, 80), reason: 'it does not say when' });
    if (then.length === 0) missed.push({ text: said.slice(-80), reason: 'it does not say what is to be done' });
    const rule = when.length > 0 && then.length > 0 ? { version: 1, name: 'New rule', is_on: false, priority: 50, when: when.length > 1 ? { all: when } : when[0], for_seconds: 0, cooldown_seconds: 60, then } : null;
    const read = { rule, understood, not_understood: missed, sentence: rule && this.#sentence(rule), by: 'grammar', model_error: null };
    return [200, improve && this.drafting.is_on && (missed.length > 0 || !rule) ? this.#improved(read) : read];
  }

  /** What a model would make of it; one that is called `broken` says nothing of use. */
  #improved(read) {
    if (this.drafting.model === 'broken') return { ...read, model_error: 'not_understood' };
    const camera = [...this.house.cameras.keys()][0];
    const rule = { version: 1, name: 'New rule', is_on: false, priority: 50, when: { happens: { kinds: ['visit_began', 'visit_changed'], cameras: [camera] } }, for_seconds: 0, cooldown_seconds: 60, then: [{ notify: { to: [], severity: 'info', picture: false } }] };
    return { ...read, rule, not_understood: [], sentence: this.#sentence(rule), by: 'model' };
  }

  #setDrafting({ key, ...body }) {
    if (body.is_on && (!/^https?:\/\//.test(body.url) || !body.model)) throw new Answer(400, 'bad_drafting', 'A model has an address and a name.');
    Object.assign(this.drafting, body, key === undefined ? {} : { key });
    return [200, this.#draftingView()];
  }

  #draftingView = () => { const { key, ...rest } = this.drafting; return { ...rest, has_key: key !== null }; };

  #describe(event) {
    const { is_on, may_describe_events, may_see_pictures, model } = this.drafting;
    if (!is_on || !may_describe_events) throw new Answer(409, 'descriptions_off', 'The language model is not to be told of events.');
    if (model === 'broken') throw new Answer(502, 'too_slow', 'It does not answer.');
    const found = this.house.events.find((one) => one.id === event);
    if (!found) throw new Answer(404, 'not_found', 'There is no such activity.');
    return [200, { text: `A ${found.label} passes the camera. <b>Nothing else moves.</b>`, model, with_picture: may_see_pictures && found.thumbnail }];
  }

  #testDrafting() {
    if (this.drafting.model === 'broken') throw new Answer(502, 'not_understood', 'The answer is no rule.');
    if (this.drafting.url.includes('nowhere')) throw new Answer(502, 'unreachable', 'Nothing answers.');
    return [200, { ok: true, ms: 840 }];
  }

  found(key) {
    const row = this.rows.get(key);
    if (!row) throw new Answer(404, 'not_found', 'There is no such rule.');
    return row;
  }

  /** For the tests. */
  fault({ name, action }) {
    const row = [...this.rows.values()].find((one) => one.rule.name === name);
    if (action === 'suspend') row.is_suspended = true;
    if (action === 'run') {
      row.last_run = text(Date.now());
      this.#run(row, 0, null, row.rule.then.map(() => ({ done: text(Date.now()) })));
      this.house.happen('rule_ran', null, { rule: row.id, name, camera: null, is_done: true });
    }
    return this.view(row);
  }

  routes() {
    const admin = (handle) => (given) => { atLeast(given.session, 'admin'); return handle(given); };
    const page = (url) => {
      const [rule, before, limit] = ['rule', 'before', 'limit'].map((name) => url.searchParams.get(name));
      return this.runs.filter((run) => (!rule || run.rule === rule) && (!before || run.id < Number(before))).slice(0, Number(limit ?? 50));
    };
    return [
      ['GET', /^\/rules$/, admin(() => [200, { rules: [...this.rows.values()].map(this.view) }])],
      ['POST', /^\/rules$/, admin(({ body }) => { const row = this.#keep(this.#valid(body), null); row.created_at = row.changed_at = text(Date.now()); return [201, this.view(row)]; })],
      ['GET', /^\/rules\/vocabulary$/, admin(() => [200, this.#vocabulary()])],
      ['POST', /^\/rules\/check$/, admin(({ body }) => this.#check(body))],
      ['POST', /^\/rules\/draft$/, admin(({ body }) => this.#draft(body))],
      ['GET', /^\/rules\/runs$/, admin(({ url }) => [200, { runs: page(url) }])],
      ['GET', /^\/rules\/drafting$/, admin(() => [200, this.#draftingView()])],
      ['PUT', /^\/rules\/drafting$/, admin(({ session, body }) => { this.identity.proved(session); return this.#setDrafting(body); })],
      ['POST', /^\/events\/(\w+)\/description$/, admin(({ params }) => this.#describe(params[0]))],
      ['POST', /^\/rules\/drafting\/test$/, admin(() => this.#testDrafting())],
      ['GET', /^\/rules\/(\w+)$/, admin(({ params }) => [200, this.view(this.found(params[0]))])],
      ['PUT', /^\/rules\/(\w+)$/, admin(({ params, body }) => [200, this.view(Object.assign(this.found(params[0]), { rule: this.#valid(body), changed_at: text(Date.now()) }))])],
      ['DELETE', /^\/rules\/(\w+)$/, admin(({ params }) => { this.rows.delete(this.found(params[0]).id); this.runs = this.runs.filter((run) => run.rule !== params[0]); return [204]; })],
      ['POST', /^\/rules\/(\w+)\/resume$/, admin(({ params }) => { this.found(params[0]).is_suspended = false; return [204]; })],
    ];
  }
}
