// The review queue of the mock hub: pictures the model was unsure of, corrected events, drift. Pictures are drawn doors.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id, text } from './house.mjs';
import { doorPicture } from './portraits.mjs';

const HOUR = 3_600_000;
const WIDTH = 640;
const HEIGHT = 360;
const STATES = ['waiting', 'done', 'skipped'];
/** An archive without a file: the end record alone. */
const EMPTY_ZIP = Buffer.from('504b0506000000000000000000000000000000000000', 'hex');

export class Review {
  constructor(house) {
    Object.assign(this, { house, items: [], settings: { is_on: house.cameras.size > 0, below_score: 0.6, per_day_max: 50, keep_days: 30 } });
    const seen = house.events.filter((event) => event.kind === 'activity_noticed' && event.label !== 'motion').slice(-12);
    seen.forEach((event, index) => this.items.push(this.#item(event, index, index % 4 === 3 ? 'sampled' : 'unsure')));
    this.items.slice(0, 2).forEach((item) => Object.assign(item, { state: 'done', by: 'Anna' }));
  }

  #item(event, index, reason) {
    const shift = (index % 4) * 0.12;
    const boxes = [{ label: event.label, area: { x: 0.16 + shift, y: 0.22, w: 0.24, h: 0.5 }, score: 0.41 + (index % 5) / 50 }];
    if (index % 3 === 1) boxes.push({ label: 'dog', area: { x: 0.68, y: 0.62, w: 0.2, h: 0.28 }, score: 0.52 });
    return { id: id('rev'), event: event.id, camera: event.camera, at: event.at, reason, width: WIDTH, height: HEIGHT, boxes, state: 'waiting', by: null, picture: '', heads: [index % 5] };
  }

  #view = ({ heads: _, ...item }) => ({ ...item, picture: `/api/v1/review/${item.id}/picture.jpg` });

  #found(key) {
    const item = this.items.find((row) => row.id === key);
    if (!item) throw new Answer(404, 'not_found', 'There is no such picture.');
    return item;
  }

  #drift() {
    const [front, drive, garden] = this.house.cameras.keys();
    if (!garden) return [];
    return [
      { camera: drive, label: 'person', samples: 312, mean: 0.81, recent_mean: 0.55, state: 'shifted', since: text(Date.now() - 50 * HOUR) },
      { camera: front, label: 'person', samples: 1204, mean: 0.84, recent_mean: 0.83, state: 'steady', since: null },
      { camera: garden, label: 'cat', samples: 96, mean: 0.7, recent_mean: 0.69, state: 'outliers', since: text(Date.now() - 9 * HOUR) },
      { camera: garden, label: 'dog', samples: 4, mean: 0.66, recent_mean: 0.66, state: 'insufficient_data', since: null },
    ];
  }

  routes() {
    const operator = (handle) => (request) => { atLeast(request.session, 'operator'); return handle(request); };
    const admin = (handler) => Object.assign(handler, { role: 'admin' });
    return [
      ['GET', /^\/review$/, operator(({ url }) => {
        const wanted = (name, value) => [null, '', value].includes(url.searchParams.get(name));
        const all = this.items.filter((row) => wanted('state', row.state) && wanted('camera', row.camera) && wanted('reason', row.reason) && (!url.searchParams.get('label') || row.boxes.some((box) => box.label === url.searchParams.get('label'))));
        const start = Number(url.searchParams.get('before') ?? 0);
        const limit = Number(url.searchParams.get('limit') ?? 50);
        const counts = Object.fromEntries(STATES.map((state) => [state, this.items.filter((row) => row.state === state).length]));
        return [200, { items: all.slice(start, start + limit).map(this.#view), next: all.length > start + limit ? String(start + limit) : null, counts, is_on: this.settings.is_on }];
      })],
      ['GET', /^\/review\/settings$/, operator(() => [200, this.settings])],
      ['PUT', /^\/review\/settings$/, admin(({ body }) => {
        if (!(body.below_score > 0 && body.below_score < 1)) throw new Answer(400, 'bad_settings', 'The score is between 0 and 1.');
        this.settings = body;
        return [200, body];
      })],
      ['GET', /^\/review\/drift$/, operator(() => [200, { rows: this.#drift() }])],
      ['GET', /^\/review\/export$/, operator(({ url }) => [200, EMPTY_ZIP, { 'content-type': 'application/zip', 'content-disposition': `attachment; filename="hearthwatch-review-${url.searchParams.get('format')}.zip"` }])],
      ['GET', /^\/review\/(\w+)\/picture\.jpg$/, operator(({ params }) => [200, doorPicture(this.#found(params[0]).heads, { isHidden: true }), { 'content-type': 'image/jpeg' }])],
      ['PUT', /^\/review\/(\w+)$/, operator(({ params, body, session }) => {
        const item = this.#found(params[0]);
        if (body.boxes.some(({ area }) => area.w <= 0 || area.h <= 0 || area.x < 0 || area.y < 0 || area.x + area.w > 1.0001 || area.y + area.h > 1.0001)) throw new Answer(400, 'bad_area', 'A box lies inside the picture.');
        Object.assign(item, { boxes: body.boxes.map((box) => ({ score: null, ...box })), state: body.state, by: body.state === 'waiting' ? null : session.user.name });
        return [200, this.#view(item)];
      })],
      ['DELETE', /^\/review\/(\w+)$/, operator(({ params }) => { const item = this.#found(params[0]); this.items = this.items.filter((row) => row !== item); return [204]; })],
      ['POST', /^\/events\/(\w+)\/correct$/, operator(({ params, body }) => {
        const event = this.house.events.find((row) => row.id === params[0]);
        if (!event) throw new Answer(404, 'not_found', 'There is no such event.');
        if (!this.settings.is_on) throw new Answer(409, 'review_off', 'The review queue is switched off, so nothing is kept for it.');
        const item = this.#item(event, 0, 'corrected');
        item.boxes = body.label === null ? [] : [{ ...item.boxes[0], label: body.label, score: null }];
        this.items.unshift(item);
        return [202, this.#view(item)];
      })],
    ];
  }
}
