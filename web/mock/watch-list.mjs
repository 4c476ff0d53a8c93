// The watch list of the mock hub: two people of the house, one of a published list, and a face that waits. All invented.
// `POST /mock/watch` lets somebody come whose face waits. A published list whose address says `broken` is not read.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id, text } from './house.mjs';
import { judgePhoto } from './people.mjs';
import { portrait } from './portraits.mjs';

const DAY = 86_400_000;
const READING_MS = 700;
const REASON_MAX = 500;
const PEOPLE_MAX = 500;
const URL = 'https://api.fbi.gov/wanted/v1/list';
const SEEDS = [
  { name: 'Victor Prowl', reason: 'Tried the doors of three houses in this street on 2 November. The police have his picture from the neighbours.', heads: [8, 3], ago: 12, ends: 78 },
  { name: 'Former lodger', reason: 'Has a court order not to come near Ben.', heads: [], ago: 3, ends: 360 },
];
const ENTRIES = [
  { uid: 'e-1001', name: 'Iris Invented', reason: 'Unlawful flight to avoid prosecution; armed robbery.', class: 'ten', head: 4 },
  { uid: 'e-1002', name: 'Otto Imagined', reason: 'Fraud by wire.', class: 'default', head: 6 },
];
const CLASSES = ['ten', 'terrorist', 'default'];

/** A view of a face that was added so many days ago. */
const face = (head, ago) => ({ id: id('smp'), added_at: text(Date.now() - ago * DAY), quality: 0.91 - (head % 4) * 0.06, picture: true, head });

export class WatchList {
  constructor({ house, identity, people, visits, security }) {
    Object.assign(this, { house, identity, known: people, visits, security, people: new Map(), importing: false });
    this.settings = { is_on: house.cameras.size > 0, import: { is_on: false, url: URL, classes: ['ten'], most: 50, left_out: [] } };
    this.last = { at: null, error: null, listed: 0, kept: 0, added: 0, removed: 0, unusable: 0, hosts: [] };
    visits.watchList = this;
    if (house.cameras.size === 0) return;
    for (const { name, reason, heads, ago, ends } of SEEDS) {
      this.#put({ name, reason, source: { kind: 'house', added_by: 'Anna' }, added_at: text(Date.now() - ago * DAY), ends_at: text(Date.now() + ends * DAY), faces: heads.map((head) => face(head, ago)), rejections: 0 });
    }
    this.#publish(ENTRIES[0], 4);
    this.last = { at: text(Date.now() - 5 * 3_600_000), error: null, listed: 2, kept: 1, added: 1, removed: 0, unusable: 1, hosts: ['api.fbi.gov', 'www.fbi.gov'] };
    const seen = visits.rows.find((visit) => visit.faces.some((one) => one.head === 8));
    this.#wait(seen, seen.faces.findIndex((one) => one.head === 8));
  }

  #put(person) {
    const watched = { id: id('wat'), ...person };
    this.people.set(watched.id, watched);
    return watched;
  }

  #publish({ uid, name, reason, class: heading, head }, ago) {
    const source = { kind: 'published', uid, url: `https://www.fbi.gov/wanted/${uid}`, class: heading, published: text(Date.now() - 200 * DAY), modified: text(Date.now() - 20 * DAY), seen_at: text(Date.now()) };
    this.#put({ name, reason, source, added_at: text(Date.now() - ago * DAY), ends_at: text(Date.now() + 30 * DAY), faces: [face(head, ago)], rejections: 0 });
  }

  /** The first of the house who has a face is whom strangers are like. */
  #wait(visit, index) {
    const watched = [...this.people.values()].find((person) => person.source.kind === 'house' && person.faces.length > 0) ?? [...this.people.values()][0];
    visit.faces[index].watch = { state: 'waiting', watched: watched.id, share: 0.87, reviewed_by: null, reviewed_at: null };
  }

  /** What a visit says of a face: no name before a person has looked, and none of somebody who is off the list. */
  mark({ watch }) {
    if (!watch || watch.state === 'refused') return null;
    const isConfirmed = watch.state === 'confirmed';
    const person = this.people.get(watch.watched);
    return { state: watch.state, watched: isConfirmed ? person?.id ?? null : null, name: isConfirmed ? person?.name ?? null : null, reviewed_by: watch.reviewed_by, reviewed_at: watch.reviewed_at };
  }

  #waiting() {
    return this.visits.rows.flatMap((visit) =>
      visit.faces.flatMap(({ index, watch }) => {
        const person = watch?.state === 'waiting' ? this.people.get(watch.watched) : undefined;
        if (!person) return [];
        const { camera_name: camera } = this.visits.view(visit);
        return [{ visit: visit.id, face: index, camera: visit.camera, camera_name: camera, at: visit.started_at, watched: person.id, name: person.name, reason: person.reason, share: watch.share, picture: this.#isRemembered(visit) }];
      }),
    );
  }

  #isRemembered = (visit) => Date.now() - Date.parse(visit.started_at) < DAY && this.known.settings.privacy !== 'strict';

  #person = (person) => ({ ...person, faces: person.faces.map(({ head: _, ...one }) => one) });

  #list = () => ({ settings: this.settings, threshold: 0.42, people: [...this.people.values()].map(this.#person), waiting: this.#waiting(), importing: this.importing, last_import: this.last });

  #found(key) {
    const person = this.people.get(key);
    if (!person) throw new Answer(404, 'not_found', 'There is no such person on the watch list.');
    return person;
  }

  /** One whom the house itself put there. */
  #own(key) {
    const person = this.#found(key);
    if (person.source.kind === 'published') throw new Answer(409, 'published', 'A published list says this. Take the person off, or change it there.');
    return person;
  }

  #set(body) {
    const { url, most, classes } = body.import;
    if (!/^https:\/\/[^?#@]+$/.test(url)) throw new Answer(400, 'bad_url', 'The address of a list begins with https:// and names a host.');
    if (!(Number.isInteger(most) && most >= 1 && most <= 200) || classes.length === 0 || !classes.every((one) => CLASSES.includes(one))) throw new Answer(400, 'invalid', 'A list is read for 1 to 200 people of a heading.');
    this.settings = body;
    return [200, this.#list()];
  }

  #read() {
    if (!this.settings.import.is_on) throw new Answer(409, 'import_off', 'No published list is read. Switch that on first.');
    if (this.importing) throw new Answer(409, 'busy', 'The list is being read. Wait until that is done.');
    this.importing = true;
    setTimeout(() => this.#wasRead(), READING_MS).unref();
    return [202, this.#list()];
  }

  #wasRead() {
    const { url, classes, left_out: leftOut } = this.settings.import;
    this.importing = false;
    if (url.includes('broken')) {
      this.last = { ...this.last, at: text(Date.now()), error: 'The service of the list refuses.' };
      return;
    }
    const listed = ENTRIES.filter((entry) => classes.includes(entry.class));
    const there = [...this.people.values()].filter((person) => person.source.kind === 'published');
    const missing = listed.filter(({ uid }) => !leftOut.includes(uid) && !there.some((person) => person.source.uid === uid));
    for (const entry of missing) this.#publish(entry, 0);
    this.last = { at: text(Date.now()), error: null, listed: listed.length, kept: there.length + missing.length, added: missing.length, removed: 0, unusable: 0, hosts: ['api.fbi.gov', 'www.fbi.gov'] };
  }

  /** With a person goes what waits for a look at them. */
  #remove(person) {
    this.people.delete(person.id);
    for (const visit of this.visits.rows) {
      for (const one of visit.faces) {
        if (one.watch?.watched !== person.id || one.watch.state !== 'waiting') continue;
        one.watch = null;
        this.visits.tell('visit_changed', visit);
      }
    }
  }

  #takeBack() {
    Object.assign(this.settings.import, { is_on: false, left_out: [] });
    for (const person of [...this.people.values()]) if (person.source.kind === 'published') this.#remove(person);
    return [200, this.#list()];
  }

  #checked({ name, reason, ends_at: ends }) {
    if (!name?.trim() || [...name].length > 64) throw new Answer(400, 'bad_name', 'A name has 1 to 64 characters.');
    if (!reason?.trim() || [...reason].length > REASON_MAX) throw new Answer(400, 'bad_reason', 'Say in 1 to 500 characters why somebody is watched for.');
    const left = Date.parse(ends) - Date.now();
    if (!(left > 0 && left <= 366 * DAY)) throw new Answer(400, 'bad_end', 'Nobody is watched for longer than a year without somebody saying so again.');
    return { name: name.trim(), reason: reason.trim(), ends_at: ends };
  }

  #add(session, body) {
    const checked = this.#checked(body);
    if (this.people.size >= PEOPLE_MAX) throw new Answer(429, 'too_many', 'There are as many people on the watch list as there may be.');
    return [201, this.#person(this.#put({ ...checked, source: { kind: 'house', added_by: session.user.name }, added_at: text(Date.now()), faces: [], rejections: 0 }))];
  }

  #view(person, head) {
    person.faces.push(face(head, 0));
    return [201, this.#person(person)];
  }

  #review(session, visit, index, isThem) {
    const seen = visit.faces[index];
    if (!seen) throw new Answer(404, 'not_found', 'There is no such face.');
    if (!seen.watch) throw new Answer(409, 'not_like_anybody', 'This face is not like anybody’s on the watch list.');
    const isNews = isThem && seen.watch.state !== 'confirmed';
    Object.assign(seen.watch, { state: isThem ? 'confirmed' : 'refused', reviewed_by: session.user.name, reviewed_at: text(Date.now()) });
    const person = this.people.get(seen.watch.watched);
    if (!isThem && person) person.rejections += 1;
    if (isNews) this.security.watchedCame(visit.id, session.user.name);
    this.visits.tell('visit_changed', visit);
    return [200, this.visits.view(visit)];
  }

  /** For the tests: somebody comes whose face waits for a look. */
  fault({ head = 8 } = {}) {
    const visit = this.visits.found(this.visits.fault({ heads: [head], trigger: 'approach', seconds: 1 }).id);
    this.#wait(visit, 0);
    this.visits.tell('visit_changed', visit);
    return this.visits.view(visit);
  }

  #picture(head) {
    return [200, portrait(head), { 'content-type': 'image/jpeg' }];
  }

  routes() {
    const admin = (handle) => (given) => { atLeast(given.session, 'admin'); return handle(given); };
    const proved = (handle) => admin((given) => { this.identity.proved(given.session); return handle(given); });
    return [
      ['GET', /^\/watch-list$/, admin(() => [200, this.#list()])],
      ['PUT', /^\/watch-list\/settings$/, proved(({ body }) => this.#set(body))],
      ['POST', /^\/watch-list\/import$/, admin(() => this.#read())],
      ['DELETE', /^\/watch-list\/import$/, proved(() => this.#takeBack())],
      ['POST', /^\/watch-list\/people$/, admin(({ session, body }) => this.#add(session, body))],
      ['PUT', /^\/watch-list\/people\/(\w+)$/, admin(({ params, body }) => { const person = this.#own(params[0]); return [200, this.#person(Object.assign(person, this.#checked(body)))]; })],
      ['DELETE', /^\/watch-list\/people\/(\w+)$/, admin(({ params }) => {
        const person = this.#found(params[0]);
        if (person.source.kind === 'published') this.settings.import.left_out.push(person.source.uid);
        this.#remove(person);
        return [204];
      })],
      ['POST', /^\/watch-list\/people\/(\w+)\/faces$/, admin(({ params, body, url }) => { const person = this.#own(params[0]); judgePhoto(body, url); return this.#view(person, person.faces[0]?.head ?? 100 + this.people.size); })],
      ['POST', /^\/watch-list\/people\/(\w+)\/faces\/visit$/, admin(({ params, body }) => {
        const person = this.#own(params[0]);
        const seen = this.visits.found(body.visit).faces[body.face];
        if (!seen) throw new Answer(404, 'not_found', 'There is no such face.');
        return this.#view(person, seen.head);
      })],
      ['DELETE', /^\/watch-list\/people\/(\w+)\/faces\/(\w+)$/, admin(({ params }) => { const person = this.#own(params[0]); person.faces = person.faces.filter((one) => one.id !== params[1]); return [204]; })],
      ['GET', /^\/watch-list\/people\/(\w+)\/faces\/(\w+)\/picture\.jpg$/, admin(({ params }) => {
        const kept = this.#found(params[0]).faces.find((one) => one.id === params[1]);
        if (!kept) throw new Answer(404, 'not_found', 'No picture is kept.');
        return this.#picture(kept.head);
      })],
      ['GET', /^\/visits\/(\w+)\/faces\/(\d+)\/waiting\.jpg$/, admin(({ params }) => {
        const visit = this.visits.found(params[0]);
        const seen = visit.faces[Number(params[1])];
        if (seen?.watch?.state !== 'waiting' || !this.#isRemembered(visit)) throw new Answer(404, 'not_found', 'No picture is kept.');
        return this.#picture(seen.head);
      })],
      ['POST', /^\/visits\/(\w+)\/faces\/(\d+)\/watch$/, admin(({ session, params, body }) => this.#review(session, this.visits.found(params[0]), Number(params[1]), body.is_them === true))],
    ];
  }
}
