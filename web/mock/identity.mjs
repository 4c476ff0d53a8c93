// Accounts of the mock hub: sign-ins with a second step, passkeys, tokens, users. Nothing is hashed or verified.

import { createHmac, randomBytes } from 'node:crypto';

import { Answer } from './answer.mjs';
import { id, text } from './house.mjs';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const PHONE = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36';
const LAPTOP = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
export const PASSWORD = 'correct horse battery';

const base32 = (bytes) => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32[Number.parseInt(five, 2)]).join('');
};
const recoveryCodes = () => Array.from({ length: 10 }, () => base32(randomBytes(10)).replace(/(.{4})(?!$)/g, '$1-'));

/** The six digits of a secret now (RFC 6238); `steps` moves in time. */
export function totp(secret, steps = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.at(-1) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export class Identity {
  constructor({ claimed, cameras }) {
    this.users = new Map();
    this.sessions = new Map();
    this.tokens = new Map();
    this.challenges = new Set();
    this.failures = 0;
    if (!claimed) return;
    const own = this.add({ name: 'Anna', role: 'admin', password: PASSWORD });
    this.add({ name: 'Ben', role: 'viewer', password: PASSWORD });
    const guest = this.add({ name: 'Granny', role: 'guest', password: PASSWORD, expires_at: text(Date.now() + 5 * DAY) });
    guest.camera_access = { only_listed: true, cameras: Object.fromEntries(cameras.slice(0, 1).map((camera) => [camera, ['live', 'playback']])) };
    Object.assign(this.add({ name: 'Carl', role: 'operator', password: PASSWORD }), { disabled_at: text(Date.now() - 9 * DAY), second_factor: true });
    this.add({ name: 'kitchen panel', role: 'service' });
    this.#session(own, PHONE, '192.168.1.31', 5 * HOUR, 12 * 60_000);
    this.#session(own, LAPTOP, '192.168.1.20', 26 * HOUR, 3 * HOUR);
    this.#token(own, 'Panel in the hall', { actions: ['list_cameras', 'live'], cameras: cameras.slice(0, 2), hours: { days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], from_minute: 420, to_minute: 1320 } }, ['192.168.1.0/24'], 40 * DAY, 20 * 60_000);
    this.#token(own, 'Old script', { actions: ['read_events', 'export'] }, [], -2 * DAY, null);
  }

  add({ name, role, password, expires_at = null, must_change_password = false }) {
    const user = { id: id('usr'), name, role, password, created_at: text(Date.now() - 30 * DAY), disabled_at: null, expires_at, must_change_password, second_factor: false, camera_access: { only_listed: false, cameras: {} }, passkeys: [], totp: null, recovery: [] };
    this.users.set(user.id, user);
    return user;
  }

  #session(user, agent, address, created, seen) {
    const session = { id: id('ses'), token: randomBytes(16).toString('hex'), user, csrf: randomBytes(16).toString('hex'), created_at: text(Date.now() - created), last_seen_at: text(Date.now() - seen), proved: 0, address, agent };
    this.sessions.set(session.token, session);
    return session;
  }

  #token(user, name, scope, networks, life, used) {
    const token = { id: id('tok'), user: user.id, name, scope, networks, created_at: text(Date.now() - 50 * DAY), expires_at: text(Date.now() + life), used_at: used === null ? null : text(Date.now() - used), used_from: used === null ? null : '192.168.1.44' };
    this.tokens.set(token.id, token);
    return token;
  }

  named = (name) => [...this.users.values()].find((user) => user.name === name);

  begin(user, agent) {
    const session = this.#session(user, agent ?? '', '127.0.0.1', 0, 0);
    session.proved = Date.now();
    return session;
  }

  body = (session) => ({ user: { id: session.user.id, name: session.user.name, role: session.user.role }, csrf: session.csrf, idle_seconds: 3600, expires_at: text(Date.now() + 12 * HOUR), must_change_password: session.user.must_change_password });

  /** The session for a name, a password and, if one is set up, a code. */
  signIn({ name, password, code }, agent) {
    if (this.failures >= 5) throw new Answer(429, 'throttled', 'Too many attempts. Wait before the next one.', { 'retry-after': '5' });
    const fail = (kind, message) => {
      this.failures += 1;
      if (this.failures >= 5) setTimeout(() => { this.failures = 0; }, 5000).unref();
      throw new Answer(401, kind, message);
    };
    const user = this.named(name);
    if (!user || user.role === 'service' || user.disabled_at || password !== user.password) fail('wrong_credentials', 'The name or the password is wrong.');
    if (user.totp?.confirmed && !code) throw new Answer(401, 'second_factor_needed', 'A code of the authenticator app is needed.');
    if (user.totp?.confirmed && !this.#fits(user, code)) fail('wrong_second_factor', 'The code is wrong, or was used already. Wait for the next one.');
    this.failures = 0;
    return this.begin(user, agent);
  }

  #fits(user, code) {
    if (user.recovery.includes(code)) {
      user.recovery = user.recovery.filter((other) => other !== code);
      return true;
    }
    return [-1, 0, 1].some((step) => totp(user.totp.secret, step) === code);
  }

  proved(session) {
    if (Date.now() - session.proved > 10 * 60_000) throw new Answer(403, 'proof_needed', 'This needs your password once more. Confirm it, then try again.');
  }

  /** Forgets all proofs, so that the next sensitive action asks. */
  age() {
    for (const session of this.sessions.values()) session.proved = 0;
  }

  weak(password, name) {
    if (password.length < 12) throw new Answer(400, 'weak_password', 'use at least 12 characters; a few unrelated words are good');
    if (/^(.)\1+$/.test(password)) throw new Answer(400, 'weak_password', 'the password repeats itself too much');
    if (/password|letmein/i.test(password)) throw new Answer(400, 'weak_password', 'this is one of the passwords that are tried first');
    if (name.length > 2 && password.toLowerCase().includes(name.toLowerCase())) throw new Answer(400, 'weak_password', 'the password must not contain the user name');
  }

  view = ({ id: user, name, role, created_at, disabled_at, expires_at, must_change_password, second_factor, totp: app, camera_access }) => ({ id: user, name, role, created_at, disabled_at, expires_at, must_change_password, second_factor: second_factor || Boolean(app?.confirmed), camera_access });

  sessionsOf = (user, current) =>
    [...this.sessions.values()]
      .filter((session) => session.user === user)
      .sort((a, b) => Date.parse(b.last_seen_at) - Date.parse(a.last_seen_at))
      .map((session) => ({ id: session.id, created_at: session.created_at, last_seen_at: session.last_seen_at, address: session.address, agent: session.agent, current: session === current }));

  end(test) {
    const ended = [...this.sessions.values()].filter(test);
    for (const session of ended) this.sessions.delete(session.token);
    return ended.length;
  }

  routes() {
    const user = (params) => this.users.get(params[0]) ?? missing();
    const missing = () => { throw new Answer(404, 'not_found', 'There is no such thing.'); };
    const admin = (handler) => Object.assign(handler, { role: 'admin' });
    return [
      ['POST', /^\/session\/confirm$/, ({ session, body }) => { if (body.password !== session.user.password) throw new Answer(401, 'wrong_credentials', 'The name or the password is wrong.'); session.proved = Date.now(); return [204]; }],
      ['POST', /^\/account\/password$/, ({ session, body }) => {
        if (body.old !== session.user.password) throw new Answer(401, 'wrong_credentials', 'The name or the password is wrong.');
        this.weak(body.new, session.user.name);
        Object.assign(session.user, { password: body.new, must_change_password: false });
        this.end((other) => other.user === session.user && other !== session);
        return [200, this.body(session)];
      }],
      ['GET', /^\/account\/totp$/, ({ session }) => [200, { enabled: Boolean(session.user.totp?.confirmed), recovery_codes: session.user.recovery.length }]],
      ['POST', /^\/account\/totp$/, ({ session }) => {
        this.proved(session);
        session.user.totp = { secret: randomBytes(20), confirmed: false };
        const secret = base32(session.user.totp.secret);
        return [201, { secret, uri: `otpauth://totp/Hearthwatch:${encodeURIComponent(session.user.name)}?secret=${secret}&issuer=Hearthwatch` }];
      }],
      ['POST', /^\/account\/totp\/confirm$/, ({ session, body }) => {
        const app = session.user.totp ?? missing();
        if (![-1, 0, 1].some((step) => totp(app.secret, step) === body.code)) throw new Answer(400, 'wrong_second_factor', 'The code is wrong.');
        app.confirmed = true;
        session.user.recovery = recoveryCodes();
        return [200, { recovery_codes: session.user.recovery }];
      }],
      ['POST', /^\/account\/recovery-codes$/, ({ session }) => { this.proved(session); session.user.recovery = recoveryCodes(); return [200, { recovery_codes: session.user.recovery }]; }],
      ['DELETE', /^\/account\/totp$/, ({ session }) => { this.proved(session); Object.assign(session.user, { totp: null, recovery: [] }); return [204]; }],
      ['GET', /^\/account\/passkeys$/, ({ session }) => [200, { passkeys: session.user.passkeys }]],
      ['POST', /^\/account\/passkeys\/begin$/, ({ session, host }) => {
        this.proved(session);
        return [200, { public_key: { rp: { id: host, name: 'Hearthwatch' }, user: { id: Buffer.from(session.user.id).toString('base64url').slice(0, 64), name: session.user.name, displayName: session.user.name }, challenge: this.#challenge(), pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })), timeout: 300_000, excludeCredentials: session.user.passkeys.map((passkey) => ({ type: 'public-key', id: passkey.raw })), authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' }, attestation: 'none' } }];
      }],
      ['POST', /^\/account\/passkeys\/finish$/, ({ session, body, host }) => {
        this.#answered(body.credential.response.clientDataJSON, 'webauthn.create');
        if (!body.credential.response.attestationObject) throw new Answer(400, 'bad_passkey', 'The passkey cannot be used.');
        const passkey = { id: id('pky'), name: body.name, site: host, created_at: text(Date.now()), used_at: null, raw: body.credential.rawId };
        session.user.passkeys.push(passkey);
        return [201, passkey];
      }],
      ['DELETE', /^\/account\/passkeys\/(\w+)$/, ({ session, params }) => { this.proved(session); session.user.passkeys = session.user.passkeys.filter((passkey) => passkey.id !== params[0]); return [204]; }],
      ['GET', /^\/account\/sessions$/, ({ session }) => [200, { sessions: this.sessionsOf(session.user, session) }]],
      ['DELETE', /^\/account\/sessions$/, ({ session }) => [200, { ended: this.end((other) => other.user === session.user && other !== session) }]],
      ['DELETE', /^\/account\/sessions\/(\w+)$/, ({ session, params }) => (this.end((other) => other.user === session.user && other.id === params[0]) ? [204] : missing())],
      ['GET', /^\/tokens$/, ({ session }) => [200, { tokens: [...this.tokens.values()].filter((token) => session.user.role === 'admin' || token.user === session.user.id) }]],
      ['POST', /^\/tokens$/, ({ session, body }) => {
        this.proved(session);
        if (body.networks.some((network) => !/^[0-9a-f.:]+(\/\d+)?$/i.test(network))) throw new Answer(400, 'bad_body', 'write a network as 192.168.1.0/24, 2001:db8::/32 or a single address');
        const token = { id: id('tok'), user: body.user ?? session.user.id, name: body.name, scope: body.scope, networks: body.networks, created_at: text(Date.now()), expires_at: body.expires_at, used_at: null, used_from: null };
        this.tokens.set(token.id, token);
        return [201, { token, secret: `hwt_${randomBytes(32).toString('base64url')}` }];
      }],
      ['POST', /^\/tokens\/(\w+)\/rotate$/, ({ session, params }) => { this.proved(session); return [200, { token: this.tokens.get(params[0]) ?? missing(), secret: `hwt_${randomBytes(32).toString('base64url')}` }]; }],
      ['DELETE', /^\/tokens\/(\w+)$/, ({ params }) => (this.tokens.delete(params[0]) ? [204] : missing())],
      ['GET', /^\/users$/, admin(() => [200, { users: [...this.users.values()].map(this.view) }])],
      ['POST', /^\/users$/, admin(({ body }) => {
        if (this.named(body.name)) throw new Answer(409, 'conflict', 'An account of this name exists already.');
        if (body.password) this.weak(body.password, body.name);
        const isMade = !body.password && body.role !== 'service';
        const made = isMade ? base32(randomBytes(10)).replace(/(.{4})(?!$)/g, '$1-') : null;
        const added = this.add({ ...body, password: body.password ?? made, must_change_password: isMade });
        return [201, { user: this.view(added), password: made }];
      })],
      ['GET', /^\/users\/(\w+)$/, admin(({ params }) => [200, this.view(user(params))])],
      ['PATCH', /^\/users\/(\w+)$/, admin(({ params, body }) => {
        const found = user(params);
        const { disabled, ...change } = body;
        Object.assign(found, change);
        if (disabled !== undefined) found.disabled_at = disabled ? text(Date.now()) : null;
        if (found.role === 'guest' && !found.expires_at) found.expires_at = text(Date.now() + 7 * DAY);
        if (disabled || change.role) this.end((session) => session.user === found);
        return [200, this.view(found)];
      })],
      ['DELETE', /^\/users\/(\w+)$/, admin(({ params }) => { const found = user(params); this.users.delete(found.id); this.end((session) => session.user === found); return [204]; })],
      ['GET', /^\/users\/(\w+)\/sessions$/, admin(({ params, session }) => [200, { sessions: this.sessionsOf(user(params), session) }])],
      ['DELETE', /^\/users\/(\w+)\/sessions$/, admin(({ params }) => [200, { ended: this.end((session) => session.user === user(params)) }])],
      ['DELETE', /^\/users\/(\w+)\/sessions\/(\w+)$/, admin(({ params }) => (this.end((session) => session.id === params[1]) ? [204] : missing()))],
    ];
  }

  #challenge() {
    const challenge = randomBytes(32).toString('base64url');
    this.challenges.add(challenge);
    return challenge;
  }

  #answered(clientData, type) {
    const said = JSON.parse(Buffer.from(clientData, 'base64url').toString());
    if (said.type !== type || !this.challenges.delete(said.challenge)) throw new Answer(400, 'bad_passkey', 'The answer is for something else.');
  }

  beginPasskey = (host) => ({ public_key: { challenge: this.#challenge(), timeout: 300_000, rpId: host, allowCredentials: [], userVerification: 'required' } });

  finishPasskey({ credential }, agent) {
    this.#answered(credential.response.clientDataJSON, 'webauthn.get');
    const found = [...this.users.values()].find((user) => user.passkeys.some((passkey) => passkey.raw === credential.rawId));
    if (!found) throw new Answer(401, 'wrong_passkey', 'This passkey is not known.');
    found.passkeys.find((passkey) => passkey.raw === credential.rawId).used_at = text(Date.now());
    return this.begin(found, agent);
  }
}
