// What the mock hub knows: cameras, coverage, activities and events, all invented, all in memory.

import { randomBytes } from 'node:crypto';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAYS_KEPT = 3;

export const id = (prefix) => `${prefix}_${randomBytes(16).toString('hex')}`;
export const text = (time) => new Date(time).toISOString();

/** Numbers that look random and are the same at every start. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const LABELS = ['person', 'person', 'car', 'motion', 'motion', 'cat', 'dog'];
const SEEDS = [
  { name: 'Front door', scene: 0, sound: true, mode: 'continuous', encrypted: true },
  { name: 'Drive', scene: 1, mode: 'continuous', encrypted: false },
  { name: 'Garden', scene: 2, mode: 'event', encrypted: true },
  { name: 'Garage', scene: 3, mode: 'continuous', encrypted: false, lost: 47 * MINUTE },
  { name: 'Nursery', scene: 4, mode: 'off', encrypted: true },
  { name: 'Attic', scene: 3, mode: 'continuous', encrypted: false, mjpeg: true },
];

/** Hosts of cameras that are watched in the clear and would send encrypted. */
const OFFERING = ['192.0.2.21', '192.0.2.98'];

/** Where a camera would send the same encrypted, or null. */
export function offerOf(url) {
  const { protocol, hostname, pathname } = new URL(url);
  return protocol === 'rtsp:' && OFFERING.includes(hostname) ? `rtsps://${hostname}:322${pathname}` : null;
}

export class House {
  constructor({ empty }) {
    this.started = Date.now();
    this.cameras = new Map();
    this.events = [];
    this.seq = 0;
    this.listeners = new Set();
    this.holds = [];
    if (!empty) SEEDS.forEach((seed, index) => this.#furnish(seed, index));
    const [first] = this.cameras.values();
    if (first) this.holds.push({ id: id('hold'), camera: first.status.id, from: text(Date.now() - 3 * HOUR), to: text(Date.now() - 3 * HOUR + 30 * SECOND), reason: 'Held from the dashboard', until: null });
    if (first) this.#past();
    this.events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    for (const event of this.events) event.seq = ++this.seq;
  }

  #furnish(seed, index) {
    const camera = this.#camera(seed.name, `rtsp${seed.encrypted ? 's' : ''}://192.0.2.${20 + index}:${seed.encrypted ? 322 : 554}/stream1`, seed);
    const next = numbers(index + 7);
    const from = Date.now() - DAYS_KEPT * 24 * HOUR;
    if (seed.mode !== 'off') this.#activities(camera, next, from);
    camera.gaps = [
      { from: from + (20 + 3 * index) * HOUR, to: from + (20 + 3 * index) * HOUR + 14 * MINUTE, cause: 'camera' },
      { from: from + 41 * HOUR, to: from + 41 * HOUR + 4 * MINUTE, cause: 'hub_down' },
    ];
    if (seed.lost) {
      const at = Date.now() - seed.lost;
      camera.gaps.push({ from: at, to: null, cause: 'camera' });
      Object.assign(camera.status, { state: 'reconnecting', reason: 'unreachable', message: 'The camera does not answer. Check its power, network and address.', since: text(at), last_frame_at: text(at), recording: false, eyes: 'objects' });
      this.#note(at, 'camera_state_changed', camera, { state: 'reconnecting', reason: 'unreachable' }, 'warning');
      this.#note(at + 5 * SECOND, 'recording_stopped', camera, { cause: 'camera' }, 'critical');
    }
    camera.from = from;
  }

  /** What is left of a camera that was removed, and an activity whose picture is no longer kept. */
  #past() {
    const gone = this.#note(Date.now() - 50 * MINUTE, 'camera_state_changed', null, { state: 'offline', reason: 'unreachable' }, 'warning');
    Object.assign(gone, { camera: id('cam') });
    delete gone.camera_name;
    const old = this.events.find((event) => event.kind === 'activity_noticed');
    if (old) old.thumbnail = false;
  }

  #camera(name, url, seed) {
    const now = text(this.started - 3 * HOUR);
    const camera = {
      scene: seed.scene, sound: Boolean(seed.sound), mjpeg: Boolean(seed.mjpeg), activities: [], gaps: [], from: Date.now(), has_credentials: Boolean(seed.username ?? seed.name),
      status: {
        id: id('cam'), name, state: 'live', reason: null, message: null, since: now, retry_at: null, last_frame_at: now, record_mode: seed.mode, recording: seed.mode === 'continuous',
        recorded_seconds: 10800, expected_seconds: 10803, codec: seed.mjpeg ? 'jpeg' : 'avc1.4d401f', width: 1280, height: 720, audio_codec: seed.sound ? 'mp4a.40.2' : null, encrypted_transport: Boolean(seed.encrypted),
        frames_received: 162000, frames_decoded: 10210, frames_analysed: 10210, frames_dropped: 0, bytes_received: 1_350_000_000, losses: 0, eyes: seed.mjpeg ? 'motion_only' : 'objects', watchers: 0,
      },
      settings: {
        name, url, sub_url: null, transport: 'tcp', certificate_pin: seed.encrypted ? 'ab'.repeat(32) : null, record: { usual: seed.mode, rules: [] }, pre_roll_seconds: 5, post_roll_seconds: 5, retention: { days_max: 14, bytes_max: null, events_days_max: null, pictures_days_max: null },
        detection: { enabled: true, always_decode: false, area_min: 0.002, score_min: 0.5, labels: [], zones: [], masks: [] },
      },
    };
    this.cameras.set(camera.status.id, camera);
    return camera;
  }

  #activities(camera, next, from) {
    for (let at = from + next() * HOUR; at < Date.now() - 3 * MINUTE; at += (8 + next() * 100) * MINUTE) {
      const to = at + (6 + next() * 70) * SECOND;
      const label = LABELS[Math.floor(next() * LABELS.length)];
      this.#activity(camera, at, to, label, 0.55 + next() * 0.44);
    }
  }

  // As on a real hub: what goes on has none yet.
  #clip(camera, at, to) {
    return `/api/v1/cameras/${camera.status.id}/clip.mp4?from=${text(at - 5000)}&to=${text(to + 5000)}`;
  }

  #activity(camera, at, to, label, score) {
    const event = this.#note(at, 'activity_noticed', camera, { label, score, area: { x: 0.3, y: 0.2, w: 0.2, h: 0.6 }, zones: [] }, 'info');
    Object.assign(event, { label, score, end: to ? text(to) : null, thumbnail: true });
    if (to) event.clip = this.#clip(camera, at, to);
    camera.activities.push({ id: event.id, from: at, to, label, score, thumbnail: true });
    return event;
  }

  #note(at, kind, camera, detail, severity) {
    const body = { kind, ...(camera ? { camera: camera.status.id } : {}), ...detail };
    const event = { id: id('evt'), seq: 0, kind, at: text(at), camera: camera?.status.id ?? null, camera_name: camera?.status.name ?? null, label: null, score: null, end: null, thumbnail: false, clip: null, severity, detail: body };
    this.events.push(event);
    return event;
  }

  /** Appends a fact now and tells the listeners. */
  happen(kind, camera, detail, severity = 'info') {
    const event = this.#note(Date.now(), kind, camera, detail, severity);
    event.seq = ++this.seq;
    this.tell('event', event);
    return event;
  }

  /** Something moves in front of a camera for `seconds`. */
  move(camera, label, seconds) {
    const event = this.#activity(camera, Date.now(), null, label, 0.87);
    event.seq = ++this.seq;
    this.tell('event', event);
    setTimeout(() => {
      event.end = text(Date.now());
      event.clip = this.#clip(camera, Date.parse(event.at), Date.now());
      const row = camera.activities.find((activity) => activity.id === event.id);
      if (row) row.to = Date.now();
      this.happen('activity_ended', camera, { activity: event.id, label, score: 0.91, thumbnail: true });
    }, seconds * SECOND).unref();
    return event;
  }

  add(body) {
    const camera = this.#camera(body.name, body.url, { scene: this.cameras.size, mode: body.record ?? 'continuous', encrypted: body.url.startsWith('rtsps'), username: body.username });
    this.happen('camera_added', camera, {});
    this.tellStatus();
    return camera;
  }

  /** Another address may be another transport, of which the certificate is pinned when it is seen. */
  relocate(camera, url) {
    const encrypted = url.startsWith('rtsps:');
    camera.status.encrypted_transport = encrypted;
    Object.assign(camera.settings, { url, certificate_pin: encrypted ? 'cd'.repeat(32) : null });
  }

  remove(camera) {
    this.cameras.delete(camera.status.id);
    const { segments, bytes } = this.footage(camera);
    this.events = this.events.filter((event) => event.camera !== camera.status.id);
    this.happen('camera_removed', null, {});
    this.tellStatus();
    return { segments, bytes };
  }

  footage(camera) {
    const seconds = this.spans(camera, camera.from, Date.now()).reduce((sum, span) => sum + (span.to - span.from) / SECOND, 0);
    return { segments: Math.ceil(seconds / 60), bytes: Math.round(seconds * 125_000), from: seconds > 0 ? text(camera.from) : null };
  }

  setLive(camera, live) {
    const now = Date.now();
    if (live) {
      const open = camera.gaps.find((gap) => gap.to === null);
      if (open) open.to = now;
      Object.assign(camera.status, { state: 'live', reason: null, message: null, since: text(now), retry_at: null, recording: camera.status.record_mode === 'continuous' });
      this.happen('camera_state_changed', camera, { state: 'live', reason: null });
    } else {
      camera.gaps.push({ from: now, to: null, cause: 'camera' });
      Object.assign(camera.status, { state: 'reconnecting', reason: 'silent', message: 'The connection is open, but no pictures arrive.', since: text(now), retry_at: text(now + 4000), last_frame_at: text(now), recording: false });
      this.happen('camera_state_changed', camera, { state: 'reconnecting', reason: 'silent' }, 'warning');
    }
    this.tellStatus();
  }

  /** Recorded spans within a range, in milliseconds. */
  spans(camera, from, to) {
    const end = Math.min(to, Date.now());
    let spans = [];
    if (camera.status.record_mode === 'continuous') spans = [{ from: Math.max(from, camera.from), to: end }];
    if (camera.status.record_mode === 'event') {
      spans = camera.activities.map((row) => ({ from: Math.max(from, row.from - 5000), to: Math.min(end, (row.to ?? Date.now()) + 5000) }));
    }
    for (const gap of camera.gaps) {
      spans = spans.flatMap((span) => [
        { from: span.from, to: Math.min(span.to, gap.from) },
        { from: Math.max(span.from, gap.to ?? Infinity), to: span.to },
      ]);
    }
    return spans.filter((span) => span.to > span.from);
  }

  gaps(camera, from, to) {
    if (camera.status.record_mode !== 'continuous') return [];
    return camera.gaps.map((gap) => ({ ...gap, from: Math.max(from, gap.from), to: Math.min(to, gap.to ?? Date.now()) })).filter((gap) => gap.to > gap.from);
  }

  statuses() {
    return [...this.cameras.values()].map(({ status }) => {
      if (status.state === 'live') status.last_frame_at = text(Date.now());
      if (status.state === 'reconnecting' && (status.retry_at === null || Date.parse(status.retry_at) < Date.now())) status.retry_at = text(Date.now() + 9000);
      return status;
    });
  }

  tell(event, data) {
    for (const listener of this.listeners) listener(event, data);
  }

  tellStatus() {
    this.tell('status', { cameras: this.statuses() });
  }
}
