// The one clock that all recorded pictures of a page follow: a wall time that runs, stands or is dragged.

import { signal } from '@preact/signals';

const TICK_MS = 100;

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const;

export class Playhead {
  readonly at = signal(0);
  readonly playing = signal(false);
  readonly scrubbing = signal(false);
  readonly speed = signal<number>(1);
  /** Pictures that are not ready hold the clock, so that all stay together. */
  readonly #waitingFor = new Set<symbol>();
  readonly waiting = signal(false);
  readonly #onTick: (at: number) => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #base = { at: 0, clock: 0 };

  /** `onTick` may move the time on, e.g. over a gap. */
  constructor(at: number, onTick: (at: number) => number = (time) => time) {
    this.at.value = at;
    this.#onTick = onTick;
  }

  /** The wall time at this very moment. */
  now(): number {
    if (!this.playing.peek() || this.waiting.peek()) return this.at.peek();
    return this.#base.at + (performance.now() - this.#base.clock) * this.speed.peek();
  }

  play(): void {
    if (this.playing.value) return;
    this.#rebase(this.at.value);
    this.playing.value = true;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  pause(): void {
    clearInterval(this.#timer);
    this.at.value = this.now();
    this.playing.value = false;
  }

  toggle(): void {
    if (this.playing.value) this.pause();
    else this.play();
  }

  jump(at: number): void {
    this.at.value = at;
    this.#rebase(at);
  }

  setSpeed(speed: number): void {
    this.#rebase(this.now());
    this.speed.value = speed;
  }

  /** A picture says whether it is ready to go on. */
  hold(who: symbol, wait: boolean): void {
    if (this.#waitingFor.has(who) === wait) return;
    const at = this.now();
    if (wait) this.#waitingFor.add(who);
    else this.#waitingFor.delete(who);
    this.waiting.value = this.#waitingFor.size > 0;
    this.#rebase(at);
    this.at.value = at;
  }

  close(): void {
    clearInterval(this.#timer);
    this.playing.value = false;
  }

  #rebase(at: number): void {
    this.#base = { at, clock: performance.now() };
  }

  #tick(): void {
    if (this.waiting.value || this.scrubbing.value) {
      this.#rebase(this.at.value);
      return;
    }
    const at = this.now();
    const moved = this.#onTick(at);
    if (moved !== at) this.#rebase(moved);
    this.at.value = moved;
  }
}
