// Notifications of the mock hub: channels, recipients and deliveries, all invented. Nothing is ever sent; a channel
// whose name begins with `Broken` refuses, one that begins with `Slow` does not answer.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id, text } from './house.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ago = (ms) => text(Date.now() - ms);
const KEY = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString('base64url');
const SETTINGS = {
  telegram: (s) => s.api_url === undefined || s.api_url.startsWith('https://'),
  email: (s) => s.host && Number.isInteger(s.port) && ['starttls', 'tls'].includes(s.security) && s.from?.includes('@'),
  webhook: (s) => s.url?.startsWith('https://'),
  ntfy: (s) => s.url?.startsWith('https://'),
  mqtt: (s) => s.host && Number.isInteger(s.port),
  web_push: (s) => /^(mailto:|https:)/.test(s.contact ?? ''),
};

export class Notifications {
  constructor(house, security) {
    Object.assign(this, { house, security, channels: new Map(), recipients: new Map(), deliveries: [], matters: [], mute: { until: null, by: null }, escalation: { severity: 'critical', steps: [] } });
    if (house.cameras.size === 0) return;
    const camera = [...house.cameras.keys()][0];
    const bot = this.#channel({ name: 'Family bot', settings: { kind: 'telegram', api_url: 'https://api.telegram.org' }, secret: 'x', state: 'working', last_sent_at: ago(4 * MINUTE) });
    const mail = this.#channel({ name: 'Mail', settings: { kind: 'email', host: 'smtp.example.org', port: 587, security: 'starttls', username: 'hub', from: 'hub@example.org' }, secret: 'x', state: 'failing', last_error: 'The service does not answer in time.' });
    this.#channel({ name: 'Browsers', settings: { kind: 'web_push', contact: 'mailto:anna@example.org' }, state: 'unused' });
    const ben = this.#recipient({ name: 'Ben', channel: bot.id, address: '12345678', content: 'full', matters: [{ kind: 'ring', severity: 'info', cameras: [] }, { kind: 'person', severity: 'info', cameras: [camera] }, { kind: 'incident', severity: 'warning', cameras: [] }], quiet_hours: [{ days: ['monday', 'tuesday', 'wednesday', 'thursday', 'sunday'], from_minute: 1320, to_minute: 420 }] });
    const anna = this.#recipient({ name: 'Anna, mail', channel: mail.id, address: 'anna@example.org', content: 'no_name', matters: [{ kind: 'incident', severity: 'critical', cameras: [] }, { kind: 'summary', severity: 'info', cameras: [] }], waiting: 1 });
    this.escalation.steps.push({ after_seconds: 300, recipients: [anna.id] });
    const incident = security.incidents[0]?.id ?? 'inc_1';
    this.#delivery(ben, 'ring', 'info', camera, 'sent', 34 * MINUTE, { seconds: 0.8 });
    for (const { id: matter } of security.incidents.filter((one) => one.state === 'open')) {
      this.#delivery(ben, 'incident', 'critical', null, 'sent', 70 * MINUTE, { matter, seconds: 1.2 });
      this.#delivery(anna, 'incident', 'critical', null, 'waiting', 66 * MINUTE, { matter, step: 1, attempts: 4, due_at: text(Date.now() + 9 * MINUTE), error: 'The service does not answer in time.' });
    }
    this.#delivery(anna, 'summary', 'info', null, 'dead', 20 * HOUR, { matter: 'summary:2026-11-21', attempts: 12, error: 'The server refuses the sender.' });
    this.#delivery(ben, 'camera_silent', 'warning', camera, 'acknowledged', 26 * HOUR, {});
    this.matters.push({ id: incident, kind: 'incident', severity: 'critical', camera: null, opened_at: ago(70 * MINUTE), updated_at: ago(66 * MINUTE), acknowledged_at: null, acknowledged_by: null, waiting: 1, sent: 1 });
  }

  #channel({ secret, ...given }) {
    const channel = { id: id('chn'), enabled: true, has_secret: secret !== undefined, private_network: false, certificate_sha256: null, state: 'unused', last_sent_at: null, last_error: null, ...given };
    this.channels.set(channel.id, channel);
    return channel;
  }

  #recipient(given) {
    const recipient = { id: id('rcp'), address: null, enabled: true, content: 'full', commands: false, matters: [], quiet_hours: [], per_hour: 30, dedup_seconds: 60, user: null, user_name: null, waiting: 0, ...given, channel_kind: this.channels.get(given.channel)?.settings.kind };
    this.recipients.set(recipient.id, recipient);
    return recipient;
  }

  #delivery(recipient, kind, severity, camera, state, old, more) {
    const row = { id: id('ntf'), matter: `evt_${this.deliveries.length}`, kind, severity, camera, recipient: recipient.id, recipient_name: recipient.name, channel_kind: recipient.channel_kind, step: 0, state, attempts: 1, created_at: ago(old), due_at: ago(old), sent_at: state === 'sent' ? ago(old) : null, seconds: null, error: null, ...more };
    this.deliveries.push(row);
  }

  #check(body, old) {
    const { kind } = body.settings ?? {};
    if (!body.name?.trim() || !SETTINGS[kind]?.(body.settings)) throw new Answer(400, 'bad_channel', 'The settings of the channel are not whole.');
    if (old && old.settings.kind !== kind) throw new Answer(400, 'bad_channel', 'The kind of a channel cannot change.');
    if (['telegram', 'webhook'].includes(kind) && !body.secret && !old?.has_secret) throw new Answer(400, 'bad_channel', 'This channel needs a secret.');
    if ([...this.channels.values()].some((channel) => channel !== old && channel.name === body.name)) throw new Answer(409, 'name_taken', 'A channel of this name exists already.');
  }

  #set(old, { secret, ...body }) {
    this.#check({ secret, ...body }, old);
    return Object.assign(old, body, { has_secret: old.has_secret || secret !== undefined });
  }

  #found(rows, key) {
    const row = rows instanceof Map ? rows.get(key) : rows.find((one) => one.id === key);
    if (!row) throw new Answer(404, 'not_found', 'There is no such thing.');
    return row;
  }

  #checkRecipient(body) {
    if (!body.name?.trim()) throw new Answer(400, 'bad_recipient', 'A recipient has a name.');
    const { settings } = this.#found(this.channels, body.channel);
    if (!['webhook', 'web_push'].includes(settings.kind) && !body.address) throw new Answer(400, 'bad_recipient', 'This channel needs an address.');
    if (settings.kind === 'telegram' && !/^-?\d+$/.test(body.address)) throw new Answer(400, 'bad_recipient', 'A chat id is a number.');
  }

  async #test(key) {
    const recipient = this.#found(this.recipients, key);
    const { name } = this.#found(this.channels, recipient.channel);
    const wait = name.startsWith('Slow') ? 1500 : 400;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (name.startsWith('Slow')) return [200, { delivered: false, seconds: wait / 1000, code: 'try_again', message: 'The service does not answer in time.' }];
    if (name.startsWith('Broken')) return [200, { delivered: false, seconds: 0.2, code: 'misconfigured', message: 'The service refuses the key.' }];
    return [200, { delivered: true, seconds: 0.412, code: null, message: null }];
  }

  #own = (session) => [...this.recipients.values()].filter((one) => one.user === session.user.id);

  #webPush(session) {
    const isThere = [...this.channels.values()].some((channel) => channel.settings.kind === 'web_push' && channel.enabled);
    return { available: isThere, public_key: isThere ? KEY : null, subscriptions: this.#own(session).map(({ id: key, name, content, matters, quiet_hours, created_at }) => ({ id: key, name, content, matters, quiet_hours, created_at })) };
  }

  #subscribe(session, body) {
    const channel = [...this.channels.values()].find((one) => one.settings.kind === 'web_push');
    if (!channel || !body.subscription?.endpoint?.startsWith('https://')) throw new Answer(400, 'bad_subscription', 'The subscription of the browser is not whole.');
    for (const old of this.#own(session)) if (old.endpoint === body.subscription.endpoint) this.recipients.delete(old.id);
    const recipient = this.#recipient({ name: body.name, channel: channel.id, content: body.content ?? 'no_picture', matters: body.matters ?? [{ kind: 'ring', severity: 'info', cameras: [] }], user: session.user.id, user_name: session.user.name, created_at: text(Date.now()) });
    Object.defineProperty(recipient, 'endpoint', { value: body.subscription.endpoint, enumerable: false });
    return recipient;
  }

  #page(url) {
    const wanted = (name) => url.searchParams.get(name) ?? '';
    const rows = this.deliveries.filter((row) => (wanted('state') === '' || row.state === wanted('state')) && (wanted('recipient') === '' || row.recipient === wanted('recipient')) && (wanted('matter') === '' || row.matter === wanted('matter')));
    return { deliveries: rows.sort((a, b) => b.created_at.localeCompare(a.created_at)), next: null };
  }

  routes() {
    const at = (path) => new RegExp(`^/notifications${path}$`);
    const as = (role) => (handle) => (given) => { atLeast(given.session, role); return handle(given); };
    const [admin, operator] = [as('admin'), as('operator')];
    return [
      ['GET', at('/channels'), admin(() => [200, { channels: [...this.channels.values()] }])],
      ['POST', at('/channels'), admin(({ body }) => { this.#check(body); return [201, this.#channel(body)]; })],
      ['PUT', at('/channels/(\\w+)'), admin(({ params, body }) => [200, this.#set(this.#found(this.channels, params[0]), body)])],
      ['DELETE', at('/channels/(\\w+)'), admin(({ params }) => {
        if ([...this.recipients.values()].some((one) => one.channel === params[0])) throw new Answer(409, 'conflict', 'Recipients use this channel.');
        this.channels.delete(params[0]);
        return [204];
      })],
      ['GET', at('/recipients'), admin(() => [200, { recipients: [...this.recipients.values()] }])],
      ['POST', at('/recipients'), admin(({ body }) => { this.#checkRecipient(body); return [201, this.#recipient(body)]; })],
      ['PUT', at('/recipients/(\\w+)'), admin(({ params, body }) => { const old = this.#found(this.recipients, params[0]); this.#checkRecipient(body); return [200, Object.assign(old, body, { channel_kind: this.channels.get(body.channel).settings.kind })]; })],
      ['DELETE', at('/recipients/(\\w+)'), admin(({ params }) => { this.recipients.delete(params[0]); return [204]; })],
      ['GET', at('/escalation'), admin(() => [200, this.escalation])],
      ['PUT', at('/escalation'), admin(({ body }) => { this.escalation = body; return [200, body]; })],
      ['POST', at('/test'), admin(({ body }) => this.#test(body.recipient))],
      ['GET', at('/deliveries'), operator(({ url }) => [200, this.#page(url)])],
      ['POST', at('/deliveries/(\\w+)/replay'), operator(({ params }) => {
        const row = this.#found(this.deliveries, params[0]);
        if (row.state !== 'dead') throw new Answer(409, 'conflict', 'It is not dead.');
        return [200, Object.assign(row, { state: 'waiting', attempts: 0, error: null, due_at: text(Date.now()) })];
      })],
      ['GET', at('/matters'), operator(() => [200, { matters: this.matters.filter((matter) => matter.acknowledged_at === null) }])],
      ['POST', at('/matters/([\\w.:-]+)/acknowledge'), operator(({ session, params }) => [200, Object.assign(this.#found(this.matters, params[0]), { acknowledged_at: text(Date.now()), acknowledged_by: session.user.name, waiting: 0 })])],
      ['GET', at('/mute'), operator(() => [200, this.mute])],
      ['PUT', at('/mute'), operator(({ session, body }) => { this.mute = { until: body.until, by: body.until ? session.user.name : null }; return [200, this.mute]; })],
      ['GET', at('/web-push'), ({ session }) => [200, this.#webPush(session)]],
      ['POST', at('/web-push'), ({ session, body }) => [201, this.#subscribe(session, body)]],
      ['DELETE', at('/web-push/(\\w+)'), ({ session, params }) => { if (!this.#own(session).some((one) => one.id === params[0])) throw new Answer(404, 'not_found', 'There is no such thing.'); this.recipients.delete(params[0]); return [204]; }],
    ];
  }
}
