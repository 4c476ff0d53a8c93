// The visits of the mock hub: who rang or came, invented, with drawn heads. `POST /mock/visit` lets somebody come.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id, text } from './house.mjs';
import { areas, doorPicture, portrait } from './portraits.mjs';

const MINUTE = 60_000;
const NOTE_MAX = 200;
const UNKNOWN_HEAD = 7;
// Newest first: minutes ago, how it began, whose heads, what became of it.
const SEEDS = [
  { ago: 34, trigger: 'ring', heads: [UNKNOWN_HEAD], state: 'missed', seconds: 48 },
  { ago: 95, trigger: 'approach', heads: [0], state: 'new', seconds: 12 },
  { ago: 200, trigger: 'ring', heads: [0, 8], state: 'answered', seconds: 31 },
  { ago: 340, trigger: 'ring', heads: null, state: 'seen', seconds: 22 },
  { ago: 26 * 60, trigger: 'approach', heads: [], state: 'seen', seconds: 9 },
  { ago: 27 * 60, trigger: 'ring', heads: [1], state: 'seen', seconds: 64, kept: true },
  { ago: 30 * 60, trigger: 'button', heads: [UNKNOWN_HEAD], state: 'seen', seconds: 40, note: 'Parcel for the neighbours' },
  { ago: 31 * 60, trigger: 'ring', heads: [8], state: 'seen', seconds: 18 },
  { ago: 50 * 60, trigger: 'ring', heads: [{ head: 9, poor: true }], state: 'seen', seconds: 15 },
  { ago: 51 * 60, trigger: 'approach', heads: [0], state: 'seen', seconds: 20 },
  { ago: 9 * 24 * 60, trigger: 'ring', heads: [1], state: 'seen', seconds: 33, expired: true },
];

export class Visits {
  constructor(house, people) {
    Object.assign(this, { house, people, rows: [], unshown: new Set() });
    people.visits = this;
    const cameras = [...house.cameras.values()];
    for (const { settings } of cameras) Object.assign(settings.detection, { faces: false, visits: false });
    if (cameras.length === 0) return;
    Object.assign(cameras[0].settings.detection, { faces: true, visits: true });
    for (const seed of SEEDS) {
      const visit = this.#make(cameras[0], seed.trigger, seed.heads, Date.now() - seed.ago * MINUTE, seed);
      visit.ended_at = text(Date.parse(visit.started_at) + seed.seconds * 1000);
      this.rows.push(visit);
    }
  }

  #make(camera, trigger, heads, at, { state = 'new', kept = false, note = null, expired = false } = {}) {
    const list = (heads ?? []).map((head) => (typeof head === 'object' ? head : { head, poor: false }));
    const places = areas(list.length);
    const faces = list.map(({ head, poor }, index) => ({ index, head, poor, area: places[index], quality: poor ? 0.28 : 0.83 - index * 0.1, erased: false, person: null, rejected: false }));
    const visit = { id: id('vis'), camera: camera.status.id, trigger, started_at: text(at), ended_at: null, state, kept, note, checked: heads !== null, faces, picture: !expired, expired };
    for (const face of faces) this.#recognise(face);
    return visit;
  }

  #recognise(face) {
    if (face.erased) return;
    face.person = face.poor ? null : this.people.match(face.head)?.id ?? null;
    face.decision = face.poor ? 'poor_view' : face.person ? 'known' : 'unknown';
  }

  /** Compares every face of this head again, after a sample or a rejection changed what is known of it. */
  lookAgain(head) {
    for (const visit of this.rows.filter((row) => row.faces.some((face) => face.head === head))) {
      for (const face of visit.faces) if (face.head === head) this.#recognise(face);
      this.tell('visit_changed', visit);
    }
  }

  eraseFrom(visit, person) {
    for (const face of visit.faces) if (face.person === person) Object.assign(face, { person: null, erased: true, decision: 'known', picture: false });
    visit.picture = false;
    this.tell('visit_changed', visit);
  }

  found(key) {
    const visit = this.rows.find((row) => row.id === key);
    if (!visit) throw new Answer(404, 'not_found', 'There is no such visit.');
    return visit;
  }

  #who({ checked, faces }) {
    if (!checked) return 'not_checked';
    if (faces.length === 0) return 'no_face';
    return faces.every((face) => face.decision === 'known') ? 'known' : 'unknown';
  }

  #hasPicture = (visit) => visit.picture && visit.checked && this.people.settings.keep_pictures;

  view(visit) {
    const { status } = this.house.cameras.get(visit.camera) ?? { status: { name: 'Removed' } };
    const from = Date.parse(visit.started_at);
    const to = visit.ended_at === null ? null : Date.parse(visit.ended_at);
    const picture = this.#hasPicture(visit);
    const faces = visit.faces.map((face) => ({ index: face.index, decision: face.decision, person: face.person, name: face.person ? this.people.rows.get(face.person)?.name ?? null : null, erased: face.erased, quality: face.quality, picture: picture && !face.erased, visitor: face.decision === 'unknown' ? face.head : null, watch: this.watchList?.mark(face) ?? null }));
    return {
      id: visit.id, camera: visit.camera, camera_name: status.name, trigger: visit.trigger, started_at: visit.started_at, ended_at: visit.ended_at, state: visit.state, kept: visit.kept, note: visit.note, who: this.#who(visit), faces, picture,
      clip: to === null || visit.expired ? null : `/api/v1/cameras/${visit.camera}/clip.mp4?from=${text(from - 2000)}&to=${text(to)}`, at_the_door: to === null,
    };
  }

  tell(kind, visit) {
    const camera = this.house.cameras.get(visit.camera);
    if (camera) this.house.happen(kind, camera, { visit: visit.id, trigger: visit.trigger });
  }

  /** Somebody was spoken to; the visit at that camera, if there is one. */
  answer(camera) {
    const visit = this.rows.find((row) => row.camera === camera && row.ended_at === null);
    if (visit) {
      visit.state = 'answered';
      this.tell('visit_changed', visit);
    }
    return visit;
  }

  /** Somebody comes; gone after `seconds`. */
  come(camera, trigger, heads, seconds) {
    const visit = this.#make(camera, trigger, heads, Date.now());
    this.rows.unshift(visit);
    this.tell('visit_began', visit);
    setTimeout(() => {
      visit.ended_at = text(Date.now());
      if (visit.state === 'new' && visit.trigger !== 'approach') visit.state = 'missed';
      this.tell('visit_ended', visit);
    }, seconds * 1000).unref();
    return visit;
  }

  #page(url) {
    const wanted = (name) => url.searchParams.get(name) ?? '';
    const state = wanted('state');
    if (state !== '' && !['new', 'seen', 'answered', 'missed'].includes(state)) throw new Answer(400, 'invalid', 'There is no such state.');
    const before = wanted('before') === '' ? Infinity : Number(wanted('before'));
    const limit = Number(wanted('limit') || 50);
    const fits = (visit) =>
      Date.parse(visit.started_at) < before && (state === '' || visit.state === state) && (wanted('camera') === '' || visit.camera === wanted('camera')) && (wanted('person') === '' || visit.faces.some((face) => face.person === wanted('person'))) && (wanted('unknown') !== 'true' || this.#who(visit) === 'unknown') && (wanted('kept') !== 'true' || visit.kept);
    const all = this.rows.filter(fits);
    const page = all.slice(0, limit);
    return { visits: page.map((visit) => this.view(visit)), next: all.length > limit ? String(Date.parse(page.at(-1).started_at)) : null, unseen: this.rows.filter((visit) => ['new', 'missed'].includes(visit.state)).length };
  }

  #change(visit, body) {
    if (body.state !== undefined && !['new', 'seen', 'answered'].includes(body.state)) throw new Answer(400, 'bad_state', 'A visit is new, seen or answered.');
    if (typeof body.note === 'string' && (body.note.trim() === '' || body.note.length > NOTE_MAX)) throw new Answer(400, 'bad_note', 'A note has 1 to 200 characters.');
    Object.assign(visit, body);
    this.tell('visit_changed', visit);
    return [200, this.view(visit)];
  }

  #reject(visit, index) {
    const face = visit.faces[index];
    const person = face && this.people.rows.get(face.person);
    if (!person) throw new Answer(409, 'not_known', 'The face is nobody who is known.');
    const rejection = { id: id('smp'), added_at: text(Date.now()), visit: visit.id, head: face.head };
    person.rejections.push(rejection);
    this.lookAgain(face.head);
    return [200, { rejection: rejection.id, person: person.id }];
  }

  strangers() {
    const rows = new Map();
    for (const visit of this.rows) for (const face of visit.faces) {
      if (face.decision !== 'unknown') continue;
      const row = rows.get(face.head) ?? { visitor: face.head, faces: 0, first_seen: visit.started_at, last_seen: visit.started_at, visits: [] };
      rows.set(face.head, Object.assign(row, { faces: row.faces + 1, first_seen: visit.started_at }));
      row.visits.unshift(visit.id);
    }
    return [...rows.values()].filter((row) => row.visits.length > 1 && !this.unshown.has(row.visitor));
  }

  /** Ignored, or learned anew: the mock tells both by not showing them. */
  unshow(visitor) {
    if (!this.strangers().some((row) => row.visitor === visitor)) throw new Answer(404, 'not_found', 'There is no such visitor.');
    this.unshown.add(visitor);
  }

  ring(camera) {
    if (!camera.settings.detection.visits) throw new Answer(409, 'not_a_door', 'This camera looks at no door. Switch visits on in its settings.');
    const open = this.rows.find((visit) => visit.camera === camera.status.id && visit.ended_at === null);
    this.house.happen('ring', camera, { device: null, name: camera.status.name });
    return open ?? this.come(camera, 'ring', [UNKNOWN_HEAD], 20);
  }

  /** For the tests: who comes, how and for how long. */
  fault({ camera, trigger = 'ring', heads = [UNKNOWN_HEAD], seconds = 5 }) {
    const found = [...this.house.cameras.values()].find((row) => row.status.name === (camera ?? 'Front door'));
    return this.view(this.come(found, trigger, heads, seconds));
  }

  routes() {
    const viewer = (handle) => (given) => { atLeast(given.session, 'viewer'); return handle(given); };
    const operator = (handle) => (given) => { atLeast(given.session, 'operator'); return handle(given); };
    const admin = (handle) => (given) => { atLeast(given.session, 'admin'); return handle(given); };
    const jpeg = (bytes) => [200, bytes, { 'content-type': 'image/jpeg' }];
    const kept = (visit) => { if (!this.#hasPicture(visit)) throw new Answer(404, 'not_found', 'No picture is kept.'); return visit; };
    return [
      ['GET', /^\/visits$/, viewer(({ url }) => [200, this.#page(url)])],
      ['GET', /^\/visits\/(\w+)$/, viewer(({ params }) => [200, this.view(this.found(params[0]))])],
      ['PATCH', /^\/visits\/(\w+)$/, viewer(({ params, body }) => this.#change(this.found(params[0]), body))],
      ['DELETE', /^\/visits\/(\w+)$/, operator(({ params }) => { const visit = this.found(params[0]); if (visit.ended_at === null) throw new Answer(409, 'visit_goes_on', 'Somebody is still there.'); this.rows = this.rows.filter((row) => row !== visit); this.tell('visit_changed', visit); return [204]; })],
      ['GET', /^\/visits\/(\w+)\/picture\.jpg$/, viewer(({ params }) => jpeg(doorPicture(kept(this.found(params[0])).faces.map((face) => face.head))))],
      ['GET', /^\/visits\/(\w+)\/faces\/(\d+)\/picture\.jpg$/, viewer(({ params }) => jpeg(portrait(kept(this.found(params[0])).faces[Number(params[1])]?.head ?? 0)))],
      ['POST', /^\/visits\/(\w+)\/faces\/(\d+)\/reject$/, admin(({ params }) => this.#reject(this.found(params[0]), Number(params[1])))],
      ['POST', /^\/cameras\/(\w+)\/ring$/, operator(({ params }) => { const camera = this.house.cameras.get(params[0]); if (!camera) throw new Answer(404, 'not_found', 'There is no such camera.'); return [202, this.view(this.ring(camera))]; })],
    ];
  }
}
