// What the mock house can say at its front door; its other cameras have no loudspeaker.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id } from './house.mjs';

const REPLIES_MAX = 16;
const NAME_MAX = 60;
/** How long anything takes to say here. */
const SAYING_MS = 700;

export class Replies {
  constructor(house, visits) {
    Object.assign(this, { house, visits, rows: ['We are coming', 'Please leave it at the door'].map((name) => ({ id: id('rpl'), name })), speaking: new Set() });
  }

  #add(url, file) {
    const name = (url.searchParams.get('name') ?? '').trim();
    if (name === '' || name.length > NAME_MAX) throw new Answer(400, 'bad_name', 'A name is one line of 1 to 60 characters.');
    if (this.rows.some((row) => row.name.toLowerCase() === name.toLowerCase())) throw new Answer(409, 'name_taken', 'There is a reply of this name already.');
    if (this.rows.length >= REPLIES_MAX) throw new Answer(429, 'too_many', 'There are 16 replies at most.');
    if (!Buffer.isBuffer(file) || file.toString('latin1', 0, 4) !== 'RIFF') throw new Answer(400, 'bad_sound', 'It is no WAV file.');
    const row = { id: id('rpl'), name };
    this.rows.push(row);
    return [201, row];
  }

  #found(key) {
    const row = this.rows.find((one) => one.id === key);
    if (!row) throw new Answer(404, 'not_found', 'There is no such reply.');
    return row;
  }

  async #say(key, reply) {
    const camera = this.house.cameras.get(key);
    if (!camera) throw new Answer(404, 'not_found', 'There is no such camera.');
    if (!camera.settings.detection.visits) throw new Answer(409, 'cannot_speak', 'This camera has no loudspeaker that the hub can speak through.');
    if (this.speaking.has(key)) throw new Answer(409, 'busy', 'Something is said at this camera already. Wait until it is over.');
    this.speaking.add(key);
    await new Promise((resolve) => setTimeout(resolve, SAYING_MS));
    this.speaking.delete(key);
    return [200, { camera: key, reply: reply.id, millis: SAYING_MS, visit: this.visits.answer(key)?.id ?? null }];
  }

  routes() {
    const as = (role, handle) => (given) => { atLeast(given.session, role); return handle(given); };
    return [
      ['GET', /^\/replies$/, as('guest', ({ session }) => [200, { replies: ['operator', 'admin'].includes(session.user.role) ? this.rows : [] }])],
      ['POST', /^\/replies$/, as('admin', ({ url, body }) => this.#add(url, body))],
      ['DELETE', /^\/replies\/(\w+)$/, as('admin', ({ params }) => { const row = this.#found(params[0]); this.rows = this.rows.filter((one) => one !== row); return [204]; })],
      ['POST', /^\/cameras\/(\w+)\/replies\/(\w+)$/, as('operator', ({ params }) => this.#say(params[0], this.#found(params[1])))],
    ];
  }
}
