// Search, questions, insights and forecasts of the mock hub: a few words of English are understood, the rest is full text.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { id, text } from './house.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const QUESTION_MAX = 500;
const SAVED_MAX = 50;
const LABELS = ['person', 'car', 'cat', 'dog', 'motion'];
const FILLER = new Set(['the', 'a', 'an', 'at', 'in', 'on', 'who', 'what', 'when', 'was', 'were', 'is', 'there', 'did', 'how', 'many', 'came', 'show', 'me', 'all', 'of', 'to', 'last', 'and', 'any', 'were', 'seen', 'often', 'times']);
const midnight = (back) => { const day = new Date(Date.now() - back * DAY); day.setHours(0, 0, 0, 0); return day.getTime(); };
const TIMES = [
  ['yesterday', () => [midnight(1), midnight(0)]],
  ['today', () => [midnight(0), Date.now() + 1]],
  ['last night', () => [midnight(1) + 22 * HOUR, midnight(0) + 6 * HOUR]],
  ['last hour', () => [Date.now() - HOUR, Date.now() + 1]],
];

export class Search {
  constructor(house) {
    this.house = house;
    this.conversations = new Map();
    const [first] = house.cameras.values();
    this.saved = first ? [{ id: id('sea'), name: 'People at the front door', q: 'person front door' }] : [];
    if (first) this.#converse(null, 'How many cars came yesterday?', -26 * HOUR);
  }

  #item(event) {
    const what = event.label ? `a ${event.label} was seen` : event.kind.replaceAll('_', ' ');
    return { ...event, visit: null, text: `${event.camera_name ? `At ${event.camera_name} ` : 'In the house '}${what} at ${event.at.slice(11, 16)}.` };
  }

  /** Which words mean a camera, a label, a kind or a time; what is left has to stand in a text. */
  #understand(q) {
    let rest = ` ${q.toLowerCase().replace(/[?!.,]/g, ' ').replace(/\s+/g, ' ')} `;
    const understood = [];
    const take = (words, meaning, value, name) => {
      if (!rest.includes(` ${words}`)) return false;
      rest = rest.replace(new RegExp(` ${words}s? `), ' ');
      understood.push({ text: words, meaning, value, name });
      return true;
    };
    for (const camera of this.house.cameras.values()) take(camera.status.name.toLowerCase(), 'camera', camera.status.id, camera.status.name);
    let range = null;
    for (const [words, of] of TIMES) {
      if (!range && take(words, 'time', words, words)) range = of();
    }
    if (take('people', 'label', 'person', 'Person')) rest = rest.replace('people', ' ');
    for (const label of LABELS) take(label, 'label', label, label[0].toUpperCase() + label.slice(1));
    take('ring', 'kind', 'ring', 'Ring');
    const left = rest.split(' ').filter((word) => word && !FILLER.has(word));
    return { understood, range, left };
  }

  #find(q, url) {
    const meant = this.#understand(q);
    const wanted = (name) => url?.searchParams.getAll(name).flatMap((value) => value.split(',')).filter(Boolean) ?? [];
    const of = (meaning) => meant.understood.filter((one) => one.meaning === meaning).map((one) => one.value);
    const fits = (list, value) => list.length === 0 || list.includes(value);
    const [cameras, labels, kinds] = [of('camera'), of('label'), of('kind')];
    const [from, to] = ['from', 'to'].map((name) => Date.parse(url?.searchParams.get(name) ?? '') || null);
    const matches = this.house.events.filter((event) => {
      const at = Date.parse(event.at);
      const isIn = (!meant.range || (at >= meant.range[0] && at < meant.range[1])) && (!from || at >= from) && (!to || at < to);
      const isWanted = fits(wanted('kind'), event.kind) && fits(wanted('camera'), event.camera) && fits(wanted('label'), event.label);
      return event.kind !== 'activity_ended' && isIn && isWanted && fits(cameras, event.camera) && fits(labels, event.label) && fits(kinds, event.kind);
    });
    const items = matches.map((event) => this.#item(event)).sort((a, b) => b.seq - a.seq);
    const found = meant.left.filter((word) => items.some((item) => item.text.toLowerCase().includes(word)));
    return { ...meant, items: items.filter((item) => found.every((word) => item.text.toLowerCase().includes(word))), not_understood: meant.left.filter((word) => !found.includes(word)) };
  }

  #converse(conversation, words, offset = 0) {
    const at = Date.now() + offset;
    const open = conversation ?? { id: id('cnv'), started_at: text(at), expires_at: text(Date.now() + 30 * DAY + offset), title: words, turns: [] };
    this.conversations.set(open.id, open);
    const { understood, not_understood: unknown, items, range } = this.#find(words, null);
    const isNothing = understood.length === 0;
    const isVague = !isNothing && !range && /how many|how often/i.test(words);
    const evidence = isNothing || isVague ? [] : items.slice(0, 5);
    const kind = isNothing ? 'nothing_known' : isVague ? 'clarification' : 'answer';
    const answer = isNothing ? 'I know nothing about that. I can count and show what cameras, doors and devices noticed.' : isVague ? 'For which time? For example yesterday, today or the last hour.' : `${items.length === 0 ? 'None' : items.length}: ${understood.map((one) => one.name.toLowerCase()).join(', ')}.`;
    open.turns.push({ at: text(at), text: words, answer, evidence: evidence.map((one) => one.id) });
    const [from, to] = range ?? [at - DAY, at];
    const figures = kind === 'answer' ? [{ name: 'count', value: items.length, unit: null, from: text(from), to: text(to) }] : [];
    const plain = understood.map((one) => one.text).join(' ');
    return { conversation: open.id, expires_at: open.expires_at, answer, kind, figures, evidence, understood, not_understood: unknown, follow_ups: kind === 'clarification' ? ['Yesterday', 'Today'].map((day) => `${words.replace(/\?$/, '')} ${day.toLowerCase()}?`) : kind === 'answer' ? ['And today?', 'And at the Drive?'] : [], search: plain };
  }

  #insights() {
    const camera = [...this.house.cameras.values()];
    if (camera.length === 0) return [];
    const some = (label, name) => this.house.events.filter((event) => event.label === label && event.camera_name === name).slice(-3).map((event) => event.id);
    const row = (kind, severity, at, label, words, value, baseline, evidence) => ({ kind, severity, camera: camera[at].status.id, label, at: text(Date.now() - 40 * 60_000), text: words, value, baseline, evidence });
    return [
      row('spike', 'warning', 1, 'person', '14 people at Drive since noon; usual are 0 to 5.', 14, { median: 2, low: 0, high: 5, days: 21 }, some('person', 'Drive')),
      row('silent_camera', 'warning', 3, null, 'Garage has noticed nothing for 9 hours; usual is something every 40 minutes.', 0, { median: 11, low: 6, high: 18, days: 21 }, []),
      row('unusual_hour', 'info', 0, 'person', 'A person at Front door at 03:12; in 21 days nobody came between 2 and 5.', 1, { median: 0, low: 0, high: 0, days: 21 }, some('person', 'Front door')),
    ];
  }

  routes() {
    const viewer = (handle) => (request) => { atLeast(request.session, 'viewer'); return handle(request); };
    const conversation = (session, key) => {
      const found = this.conversations.get(key);
      if (!found || (found.owner && found.owner !== session.user.id)) throw new Answer(404, 'not_found', 'There is no such conversation.');
      return found;
    };
    return [
      ['GET', /^\/search$/, viewer(({ url }) => {
        const { items, understood, not_understood: unknown } = this.#find(url.searchParams.get('q') ?? '', url);
        const before = Number(url.searchParams.get('before') ?? Infinity);
        const limit = Number(url.searchParams.get('limit') ?? 50);
        const rest = items.filter((item) => item.seq < before);
        return [200, { items: rest.slice(0, limit), next: rest.length > limit ? String(rest[limit - 1].seq) : null, understood, not_understood: unknown, is_cut: false }];
      })],
      ['GET', /^\/events\/(\w+)\/similar$/, viewer(({ params, url }) => {
        const event = this.house.events.find((row) => row.id === params[0]);
        if (!event) throw new Answer(404, 'not_found', 'There is no such event.');
        const direction = url.searchParams.get('direction') ?? 'both';
        const isWanted = (row) => row.id !== event.id && row.kind === event.kind && row.label === event.label && (direction === 'both' || (row.seq > event.seq) === (direction === 'later'));
        const near = this.house.events.filter(isWanted).sort((a, b) => Math.abs(a.seq - event.seq) - Math.abs(b.seq - event.seq)).slice(0, Number(url.searchParams.get('limit') ?? 10));
        const likeness = (row) => (row.camera === event.camera ? 0.91 : 0.62) - (row.seq % 7) / 100;
        return [200, { items: near.sort((a, b) => a.seq - b.seq).map((row) => ({ ...this.#item(row), similarity: likeness(row), because: row.camera === event.camera ? ['same camera', 'looks alike'] : ['same time of day', 'looks alike'] })) }];
      })],
      ['POST', /^\/questions$/, viewer(({ session, body }) => {
        if ((body.text ?? '').length > QUESTION_MAX) throw new Answer(400, 'question_too_long', `A question has at most ${QUESTION_MAX} characters.`);
        if (!body.text?.trim()) throw new Answer(400, 'bad_body', 'A question has at least one word.');
        const open = body.conversation ? conversation(session, body.conversation) : null;
        const before = open?.turns.at(-1)?.text ?? '';
        const isFollowUp = open !== null && /^and /i.test(body.text);
        const answer = this.#converse(open, isFollowUp ? `${before.replace(/yesterday|today|\?/gi, '')} ${body.text.replace(/^and /i, '')}` : body.text);
        this.conversations.get(answer.conversation).owner = session.user.id;
        return [200, answer];
      })],
      ['GET', /^\/conversations$/, viewer(({ session }) => [200, { conversations: [...this.conversations.values()].filter((row) => !row.owner || row.owner === session.user.id).reverse().map(({ turns, owner: _, ...row }) => ({ ...row, turns: turns.length })) }])],
      ['GET', /^\/conversations\/(\w+)$/, viewer(({ session, params }) => { const { owner: _, ...row } = conversation(session, params[0]); return [200, row]; })],
      ['DELETE', /^\/conversations\/(\w+)$/, viewer(({ session, params }) => { conversation(session, params[0]); this.conversations.delete(params[0]); return [204]; })],
      ['GET', /^\/insights$/, viewer(() => [200, { insights: this.#insights(), looked_at: { from: text(Date.now() - 21 * DAY), to: text(Date.now()), days: 21 } }])],
      ['GET', /^\/forecast$/, viewer(({ url }) => {
        const [first] = this.house.cameras.keys();
        if (url.searchParams.get('camera') && url.searchParams.get('camera') !== first) return [200, { state: 'insufficient_data', days: 3, needed: 14 }];
        return [200, { state: 'forecast', for_day: text(Date.now() + DAY).slice(0, 10), expected: 12, low: 6, high: 19, days: 21 }];
      })],
      ['GET', /^\/searches$/, viewer(() => [200, { searches: this.saved }])],
      ['POST', /^\/searches$/, viewer(({ body }) => {
        if (this.saved.length >= SAVED_MAX) throw new Answer(409, 'too_many_searches', `At most ${SAVED_MAX} searches are kept.`);
        const row = { id: id('sea'), name: body.name, q: body.q };
        this.saved.push(row);
        return [201, row];
      })],
      ['DELETE', /^\/searches\/(\w+)$/, viewer(({ params }) => { this.saved = this.saved.filter((row) => row.id !== params[0]); return [204]; })],
    ];
  }
}
