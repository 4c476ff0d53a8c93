// The sign-in provider of the mock hub: one page that lets everybody in as one person.

import { Answer } from './answer.mjs';
import { id, text } from './house.mjs';

export class Provider {
  constructor(identity) {
    this.identity = identity;
    this.setting = null;
    this.questions = new Map();
  }

  /** Begins a sign-in, or a link of `user`. */
  begin(user = null) {
    if (!this.setting) throw new Answer(404, 'no_provider', 'This house has no sign-in provider.');
    const state = id('sta');
    this.questions.set(state, user);
    return { address: `/api/v1/mock/authorize?state=${state}` };
  }

  #take({ state, code }, isFor) {
    const user = this.questions.get(state);
    if (user === undefined || code !== 'good' || !isFor(user)) throw new Answer(401, 'provider_refused', "The sign-in provider's answer does not count, or came too late. Begin again.");
    this.questions.delete(state);
  }

  signIn(answer, agent) {
    this.#take(answer, (user) => user === null);
    const found = [...this.identity.users.values()].find((user) => user.link);
    if (!found) throw new Answer(401, 'not_linked', 'No account here is linked to you. Sign in with your password, then link it in your account.');
    return this.identity.begin(found, agent);
  }

  routes() {
    const admin = (handler) => Object.assign(handler, { role: 'admin' });
    return [
      ['GET', /^\/sign-in-provider$/, admin(({ host }) => [200, { provider: this.setting, redirect_uri: `https://${host}/signin/return` }])],
      ['PUT', /^\/sign-in-provider$/, admin(({ body }) => {
        if (!/^https:\/\//.test(body.issuer)) throw new Answer(400, 'bad_provider', 'The issuer is an address that begins with https:// and has no ? or #.');
        if (body.issuer.includes('silent')) throw new Answer(503, 'provider_unreachable', 'The sign-in provider does not answer. Sign in with your password meanwhile.');
        const { client_secret: secret, ...rest } = body;
        this.setting = { certificate_sha256: null, ...rest, has_secret: Boolean(secret) };
        return [200, this.setting];
      })],
      ['DELETE', /^\/sign-in-provider$/, admin(() => { this.setting = null; return [204]; })],
      ['GET', /^\/account\/provider$/, ({ session }) => [200, { link: this.setting && session.user.link ? session.user.link : null }]],
      ['POST', /^\/account\/provider\/begin$/, ({ session }) => { this.identity.proved(session); return [200, this.begin(session.user)]; }],
      ['POST', /^\/account\/provider\/finish$/, ({ session, body }) => {
        this.#take(body, (user) => user === session.user);
        session.user.link = { label: 'anna@house.example', linked_at: text(Date.now()) };
        return [200, session.user.link];
      }],
      ['DELETE', /^\/account\/provider$/, ({ session }) => { session.user.link = null; return [204]; }],
    ];
  }
}
