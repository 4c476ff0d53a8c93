// The people of the mock hub: consent, samples, rejections, and what is kept of faces. All invented. What the hub
// would find in a photo stands behind the picture itself: `hearthwatch-test:{"faces":2}`, with `flaws` and `same`.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id, text } from './house.mjs';
import { areas, portrait } from './portraits.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NAME_MAX = 64;
const SEEDS = [
  { name: 'Anna Novak', head: 0, samples: 5, consent: { given: 30 * DAY, ends: 335 * DAY }, tell: 'first_of_day' },
  { name: 'Ben Novak', head: 1, samples: 3, consent: { given: 30 * DAY, ends: null }, tell: 'never' },
  { name: 'Postman', head: 2, samples: 0, consent: null },
  { name: 'Granny', head: 3, samples: 2, consent: { given: 400 * DAY, ends: -35 * DAY } },
  { name: 'Old tenant', head: 4, samples: 4, consent: { given: 200 * DAY, ends: null, withdrawn: 3 * DAY } },
];
const TEXT = 'I agree that the cameras of this house recognise my face until I withdraw this.';

export const refused = (status, code, message, faces) => Object.assign(new Answer(status, code, message), { more: faces ? { faces } : {} });

/** What the hub would find in a picture, and which of it counts. */
export function judge(found, chosen) {
  const count = found.faces ?? 1;
  const flaws = (index) => (index === (found.bad ?? 0) ? found.flaws ?? [] : []);
  const list = areas(count).map((area, index) => ({ index, area, quality: flaws(index).length > 0 ? 0.31 : 0.84, flaws: flaws(index) }));
  if (count === 0) throw refused(422, 'no_face', 'No face was found in the picture.', []);
  if (count > 1 && chosen === null) throw refused(422, 'several_faces', `${count} faces are in the picture. Choose one.`, list);
  if (flaws(chosen ?? 0).length > 0) throw refused(422, 'poor_face', 'The face is not good enough.', list);
  if (found.same) throw refused(422, 'same_sample', 'This picture is a sample already.', list);
  if (found.else) throw refused(422, 'someone_else', 'This face looks like somebody else who is known.', list);
}

/** Judges a photo by what a test wrote behind it. */
export function judgePhoto(bytes, url) {
  if (!Buffer.isBuffer(bytes)) throw new Answer(415, 'bad_picture', 'A picture is JPEG or PNG.');
  const mark = /hearthwatch-test:(\{.*\})/s.exec(bytes.subarray(-512).toString('latin1'));
  judge(mark ? JSON.parse(mark[1]) : {}, url.searchParams.has('face') ? Number(url.searchParams.get('face')) : null);
}

export class People {
  constructor(house, identity) {
    Object.assign(this, { house, identity, rows: new Map(), settings: { privacy: 'moderate', keep_pictures: true, retention_days: 7 }, reason: null, strangers: [], groups: new Map() });
    if (house.cameras.size > 0) for (const seed of SEEDS) this.#furnish(seed);
  }

  /** Groups need the rules, and rules the people: the server brings them together. */
  furnishGroups() {
    const named = (...names) => [...this.rows.values()].filter((person) => names.includes(person.name)).map((person) => person.id);
    for (const [name, members] of [['Family', named('Anna Novak', 'Ben Novak', 'Granny')], ['Helpers', []]]) {
      const group = { id: id('grp'), name, members };
      this.groups.set(group.id, group);
    }
  }

  groupView = (group) => ({ ...group, rules: this.rules.naming(group.id) });

  foundGroup(key) {
    const group = this.groups.get(key);
    if (!group) throw new Answer(404, 'not_found', 'There is no such group.');
    return group;
  }

  #group(body, own) {
    const name = String(body.name ?? '').trim();
    if (name.length === 0 || [...name].length > 60) throw new Answer(400, 'bad_name', 'A name has 1 to 60 characters.');
    if ([...this.groups.values()].some((group) => group !== own && group.name.toLowerCase() === name.toLowerCase())) throw new Answer(409, 'name_taken', 'A group of this name exists already.');
    if ((!own && this.groups.size >= 32) || body.members.length > 256) throw new Answer(409, 'too_many', 'A house has at most 32 groups of 256 people.');
    for (const member of body.members) this.found(member);
    const group = Object.assign(own ?? { id: id('grp') }, { name, members: [...body.members] });
    this.groups.set(group.id, group);
    return this.groupView(group);
  }

  #furnish({ name, head, samples, consent, tell = 'never' }) {
    const person = { id: id('per'), name, head, created_at: text(Date.now() - 30 * DAY), consent: null, tell, samples: [], rejections: [], exists: true };
    if (consent) person.consent = { given_by: name, recorded_by: 'Anna', text: TEXT, at: text(Date.now() - consent.given), expires_at: consent.ends === null ? null : text(Date.now() + consent.ends), withdrawn_at: consent.withdrawn ? text(Date.now() - consent.withdrawn) : null };
    for (let index = 0; index < samples; index += 1) person.samples.push({ id: id('smp'), added_at: text(Date.now() - (30 - index) * DAY), source: ['photo', 'camera', 'visit'][index % 3], quality: 0.93 - index * 0.07, picture: true, head });
    this.rows.set(person.id, person);
  }

  state({ consent, samples }) {
    if (!consent) return 'no_consent';
    if (consent.withdrawn_at) return 'withdrawn';
    if (consent.expires_at && Date.parse(consent.expires_at) <= Date.now()) return 'expired';
    return samples.length === 0 ? 'no_samples' : 'known';
  }

  /** Whom the hub takes a head for. */
  match(head) {
    return [...this.rows.values()].find((person) => person.head === head && this.state(person) === 'known' && !person.rejections.some((row) => row.head === head)) ?? null;
  }

  #visits = (person) => this.visits.rows.filter((visit) => visit.faces.some((face) => face.person === person.id));

  view(person) {
    const visits = this.#visits(person);
    return { id: person.id, name: person.name, state: this.state(person), created_at: person.created_at, consent: person.consent, samples: person.samples.length, rejections: person.rejections.length, visits: visits.length, last_seen: visits.map((visit) => visit.started_at).sort().at(-1) ?? null, tell: person.tell };
  }

  #detail(person) {
    return { ...this.view(person), sample_list: person.samples.map(({ head: _, ...sample }) => ({ ...sample, picture: sample.picture && this.settings.keep_pictures })), rejection_list: person.rejections.map(({ id: key, added_at, visit }) => ({ id: key, added_at, visit })) };
  }

  found(key) {
    const person = this.rows.get(key);
    if (!person) throw new Answer(404, 'not_found', 'There is no such person.');
    return person;
  }

  #name(name, own) {
    const trimmed = String(name ?? '').trim();
    if (trimmed.length === 0 || [...trimmed].length > NAME_MAX || /[\u0000-\u001f]/.test(trimmed)) throw new Answer(400, 'bad_name', 'A name has 1 to 64 characters.');
    if ([...this.rows.values()].some((person) => person !== own && person.name.toLowerCase() === trimmed.toLowerCase())) throw new Answer(409, 'name_taken', 'A person of this name exists already.');
    return trimmed;
  }

  #consent(body, session) {
    if (!body.given_by?.trim() || !body.text?.trim()) throw new Answer(400, 'bad_consent', 'Consent says who gave it and to what.');
    if (body.expires_at && Date.parse(body.expires_at) <= Date.now()) throw new Answer(400, 'bad_consent', 'The consent would have ended already.');
    return { given_by: body.given_by.trim(), recorded_by: session.user.name, text: body.text.trim(), at: text(Date.now()), expires_at: body.expires_at ?? null, withdrawn_at: null };
  }

  /** Refuses a sample before anything of the picture is looked at. */
  #mayBeSampled(person) {
    if (this.reason) throw new Answer(409, 'faces_unavailable', this.reason);
    if (!['known', 'no_samples'].includes(this.state(person))) throw new Answer(409, 'no_consent', 'There is no consent in force.');
  }

  #add(person, source, head) {
    const sample = { id: id('smp'), added_at: text(Date.now()), source, quality: 0.86, picture: true, head };
    person.samples.push(sample);
    this.#tell(person, 'person_changed');
    const { head: _, ...view } = sample;
    return [201, view];
  }

  /** The head behind the pictures of somebody, whatever they show. */
  #headOf = (person) => person.head ?? (person.head = 100 + this.rows.size);

  #photo(person, bytes, url) {
    this.#mayBeSampled(person);
    judgePhoto(bytes, url);
    return this.#add(person, 'photo', this.#headOf(person));
  }

  #fromCamera(person, { camera, face }) {
    this.#mayBeSampled(person);
    const found = this.house.cameras.get(camera);
    if (!found) throw new Answer(404, 'not_found', 'There is no such camera.');
    judge(found.status.name === 'Drive' ? { faces: 0 } : { faces: 2 }, face ?? null);
    return this.#add(person, 'camera', this.#headOf(person));
  }

  #fromVisit(person, { visit, face }) {
    this.#mayBeSampled(person);
    const seen = this.visits.found(visit).faces[face];
    if (!seen) throw new Answer(404, 'not_found', 'There is no such face.');
    if (!this.settings.keep_pictures) throw new Answer(409, 'not_kept', 'The pictures of this visit are not kept.');
    if (seen.decision === 'poor_view') throw refused(422, 'poor_face', 'The face is not good enough.', [{ index: face, area: seen.area, quality: seen.quality, flaws: ['turned_away', 'too_small'] }]);
    person.head ??= seen.head;
    person.rejections = person.rejections.filter((row) => row.head !== seen.head);
    const answer = this.#add(person, 'visit', seen.head);
    this.visits.lookAgain(seen.head);
    return answer;
  }

  #tell(person, kind) {
    this.house.happen(kind, null, { person: person.id });
  }

  #erase(person, footage) {
    const visits = this.#visits(person);
    const receipt = { samples: person.samples.length, rejections: person.rejections.length, visits: visits.length, pictures: visits.filter((visit) => visit.picture).length, footage: footage ? { segments: visits.length, bytes: visits.length * 7_000_000, pictures: visits.length, left: 0 } : null };
    for (const visit of visits) this.visits.eraseFrom(visit, person.id);
    this.rows.delete(person.id);
    for (const group of this.groups.values()) group.members = group.members.filter((member) => member !== person.id);
    this.#tell(person, 'person_erased');
    return receipt;
  }

  faces() {
    return { available: this.reason === null, reason: this.reason, model: this.reason === null ? { sha256: 'ab'.repeat(32), detector: 'built_in' } : null, threshold: 0.5, settings: this.settings, cameras: [...this.house.cameras.values()].map(({ status, settings }) => ({ camera: status.id, name: status.name, faces: settings.detection.faces, visits: settings.detection.visits })) };
  }

  #change(body) {
    const days = body.retention_days;
    if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 365)) throw new Answer(400, 'bad_retention', 'Pictures are kept 1 to 365 days.');
    Object.assign(this.settings, body);
    return [200, this.faces()];
  }

  routes() {
    const viewer = (handle) => (given) => { atLeast(given.session, 'viewer'); return handle(given); };
    const admin = (handle) => (given) => { atLeast(given.session, 'admin'); return handle(given); };
    const of = (params) => this.found(params[0]);
    const changed = (person) => { this.#tell(person, 'person_changed'); return [200, this.view(person)]; };
    return [
      ['GET', /^\/faces$/, viewer(() => [200, this.faces()])],
      ['PATCH', /^\/faces$/, ({ session, body }) => { atLeast(session, 'admin'); return this.#change(body); }],
      ['GET', /^\/people$/, admin(() => [200, { people: [...this.rows.values()].map((person) => this.view(person)) }])],
      ['POST', /^\/people$/, admin(({ session, body }) => {
        const person = { id: id('per'), name: this.#name(body.name), head: null, created_at: text(Date.now()), consent: body.consent ? this.#consent(body.consent, session) : null, tell: 'never', samples: [], rejections: [] };
        this.rows.set(person.id, person);
        this.#tell(person, 'person_added');
        return [201, this.view(person)];
      })],
      ['POST', /^\/people\/unknown\/(\d+)\/(ignore|split)$/, admin(({ params }) => { this.visits.unshow(Number(params[0])); return [204]; })],
      ['GET', /^\/people\/unknown$/, admin(() => [200, { visitors: this.visits.strangers() }])],
      ['GET', /^\/people\/groups$/, admin(() => [200, { groups: [...this.groups.values()].map(this.groupView) }])],
      ['POST', /^\/people\/groups$/, admin(({ body }) => [201, this.#group(body, null)])],
      ['PUT', /^\/people\/groups\/(\w+)$/, admin(({ params, body }) => [200, this.#group(body, this.foundGroup(params[0]))])],
      ['DELETE', /^\/people\/groups\/(\w+)$/, admin(({ params }) => { this.groups.delete(this.foundGroup(params[0]).id); return [204]; })],
      ['GET', /^\/people\/(\w+)$/, admin(({ params }) => [200, this.#detail(of(params))])],
      ['PATCH', /^\/people\/(\w+)$/, admin(({ params, body }) => {
        const person = of(params);
        if (body.name !== undefined) person.name = this.#name(body.name, person);
        if (body.tell !== undefined) person.tell = body.tell;
        return changed(person);
      })],
      ['PUT', /^\/people\/(\w+)\/consent$/, admin(({ session, params, body }) => { const person = of(params); person.consent = this.#consent(body, session); return changed(person); })],
      ['DELETE', /^\/people\/(\w+)\/consent$/, admin(({ params }) => { const person = of(params); if (person.consent) person.consent.withdrawn_at = text(Date.now()); return changed(person); })],
      ['POST', /^\/people\/(\w+)\/samples$/, admin(({ params, body, url }) => this.#photo(of(params), body, url))],
      ['POST', /^\/people\/(\w+)\/samples\/camera$/, admin(({ params, body }) => this.#fromCamera(of(params), body))],
      ['POST', /^\/people\/(\w+)\/samples\/visit$/, admin(({ params, body }) => this.#fromVisit(of(params), body))],
      ['DELETE', /^\/people\/(\w+)\/samples\/(\w+)$/, admin(({ params }) => { const person = of(params); person.samples = person.samples.filter((sample) => sample.id !== params[1]); this.#tell(person, 'person_changed'); return [204]; })],
      ['GET', /^\/people\/(\w+)\/samples\/(\w+)\/picture\.jpg$/, admin(({ params }) => {
        const sample = of(params).samples.find((one) => one.id === params[1]);
        if (!sample || !this.settings.keep_pictures) throw new Answer(404, 'not_found', 'No picture is kept.');
        return [200, portrait(sample.head), { 'content-type': 'image/jpeg' }];
      })],
      ['DELETE', /^\/people\/(\w+)\/rejections\/(\w+)$/, admin(({ params }) => {
        const person = of(params);
        const row = person.rejections.find((one) => one.id === params[1]);
        person.rejections = person.rejections.filter((one) => one !== row);
        if (row) this.visits.lookAgain(row.head);
        this.#tell(person, 'person_changed');
        return [204];
      })],
      ['GET', /^\/people\/(\w+)\/export$/, admin(({ session, params }) => { this.identity.proved(session); const person = of(params); return [200, { person: this.#detail(person), visits: this.#visits(person).map((visit) => ({ id: visit.id, started_at: visit.started_at })), pictures: [] }]; })],
      ['DELETE', /^\/people\/(\w+)$/, admin(({ session, params, url }) => { this.identity.proved(session); return [200, this.#erase(of(params), url.searchParams.get('footage') === 'true')]; })],
    ];
  }
}
