// What the mock hub has measured: energy and climate with their gaps, and the privacy of the whole house.

import { Answer } from './answer.mjs';
import { atLeast } from './devices.mjs';
import { text } from './house.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CAMERA_MS = 300;
const USUAL_WATT = { 'Hall lamp': 40, 'EV charger': 900, Heater: 420, Fridge: 70, 'Reading light': 6, 'Deaf plug': 1, 'Slow plug': 1 };

const reading = (view, key) => view.readings.find((row) => row.key === key) ?? null;
const isPlug = (view) => view.family.endsWith('_plug') && reading(view, 'power') !== null;
const isRoom = (view) => reading(view, 'temperature') !== null;

function next(at, step) {
  if (step === 'hour') return at + HOUR;
  if (step === 'day') return at + 24 * HOUR;
  const day = new Date(at + 12 * HOUR);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1) - (Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1) - at);
}

export class Measures {
  constructor(house, devices) {
    Object.assign(this, { house, devices, tariff: null, deafCamera: null, privacy: { is_on: false, until: null, since: null, by: null } });
    this.started = Date.now();
    this.cameras = new Map();
  }

  /** The hub was off for a while each night; the charger has not answered for an hour. */
  #isGap(view, at, length) {
    const hour = new Date(at).getUTCHours();
    const isOff = length <= HOUR && hour >= 2 && hour < 5;
    const isLost = view.state !== 'answering' && at + length > Date.now() - 3 * HOUR;
    return isOff || isLost;
  }

  #buckets(view, from, to, step) {
    const rows = [];
    for (let at = from; at < Math.min(to, Date.now()); at = next(at, step)) {
      const length = next(at, step) - at;
      const wave = 0.55 + 0.45 * Math.sin(at / (3 * HOUR) + view.name.length);
      const part = Math.min(1, (Date.now() - at) / length);
      rows.push({ at: text(at), wh: this.#isGap(view, at, length) ? null : Math.round((USUAL_WATT[view.name] ?? 10) * wave * part * (length / HOUR)) });
    }
    return rows;
  }

  #plug(view, from, to, step) {
    const power = reading(view, 'power');
    const isGone = view.state !== 'answering';
    const buckets = view.history === 'on' ? this.#buckets(view, from, to, step) : [];
    const used = buckets.reduce((sum, row) => sum + (row.wh ?? 0), 0);
    return { device: view.id, power_watts: isGone ? null : power.value, as_of: isGone ? view.answered_at : power.as_of, today_wh: reading(view, 'energy_today')?.value ?? null, history: view.history, buckets, cost: this.tariff && view.history === 'on' ? (used / 1000) * this.tariff.price_per_kwh : null };
  }

  #points(view, from, to) {
    const every = Math.max(15 * MINUTE, (to - from) / 300);
    const rows = [];
    for (let at = from; at < Math.min(to, Date.now()); at += every) {
      const celsius = this.#isGap(view, at, every) ? null : Math.round(10 * (reading(view, 'temperature').value + 1.4 * Math.sin(at / (4 * HOUR)) - 0.4)) / 10;
      // What nobody measured is missing, or null.
      if (celsius !== null || view.name === 'Outside') rows.push({ at: text(at), celsius });
    }
    return rows;
  }

  #room(view, from, to) {
    const control = view.controls.find((row) => row.key === 'set_point');
    return { device: view.id, name: view.room ?? view.name, temperature: reading(view, 'temperature').value, set_point: control?.value ?? null, readings: view.readings.filter((row) => row.key !== 'temperature'), history: view.history, points: view.history === 'on' ? this.#points(view, from, to) : [] };
  }

  #privacyView() {
    const isOn = this.privacy.is_on;
    return {
      ...this.privacy,
      cameras: [...this.house.cameras.values()].map(({ status }) => {
        const how = [...this.devices.rows.values()].some((row) => row.view.camera === status.id && row.view.controls.some((one) => one.key === 'privacy')) ? 'lens' : 'hub';
        const result = !isOn ? 'open' : this.cameras.get(status.id) ?? 'closed';
        return { camera: status.id, how, result, reason: result === 'failed' ? 'Its stream did not follow within 3 seconds.' : null };
      }),
    };
  }

  async #setPrivacy({ is_on: isOn, until }, session) {
    if (until && Date.parse(until) <= Date.now()) throw new Answer(400, 'value_out_of_range', 'The end lies in the past.');
    await new Promise((resolve) => setTimeout(resolve, CAMERA_MS));
    this.cameras.clear();
    for (const { status } of this.house.cameras.values()) if (isOn && status.name === this.deafCamera) this.cameras.set(status.id, 'failed');
    this.privacy = isOn ? { is_on: true, until: until ?? null, since: text(Date.now()), by: session.user.name } : { is_on: false, until: null, since: null, by: null };
    this.house.happen('house_privacy_changed', null, { is_on: isOn, by: session.user.name });
    return this.#privacyView();
  }

  routes() {
    const time = (url, name) => {
      const value = Date.parse(url.searchParams.get(name) ?? '');
      if (Number.isNaN(value)) throw new Answer(400, 'bad_time', `${name} is not a time.`);
      return value;
    };
    const views = () => [...this.devices.rows.values()].map((row) => row.view);
    return [
      ['GET', /^\/energy$/, ({ session, url }) => { atLeast(session, 'viewer'); return [200, { plugs: views().filter(isPlug).map((view) => this.#plug(view, time(url, 'from'), time(url, 'to'), url.searchParams.get('step'))), tariff: this.tariff }]; }],
      ['PUT', /^\/energy\/tariff$/, ({ session, body }) => {
        atLeast(session, 'admin');
        if (body !== null && !(body.price_per_kwh >= 0 && /^[A-Z]{3}$/.test(body.currency))) throw new Answer(400, 'value_out_of_range', 'A price is a number, a currency three letters.');
        this.tariff = body;
        return [204];
      }],
      ['GET', /^\/climate$/, ({ session, url }) => { atLeast(session, 'viewer'); return [200, { rooms: views().filter(isRoom).map((view) => this.#room(view, time(url, 'from'), time(url, 'to'))) }]; }],
      ['GET', /^\/house\/privacy$/, () => [200, this.#privacyView()]],
      ['PUT', /^\/house\/privacy$/, async ({ session, body }) => { atLeast(session, 'operator'); return [200, await this.#setPrivacy(body, session)]; }],
    ];
  }
}
