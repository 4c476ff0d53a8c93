// Pictures while the playhead is dragged: the key frame at or before it, drawn on a canvas. The latest wish
// wins, two requests run at most, and the last picture stays until the next one is there.

import { signal } from '@preact/signals';

import { ApiError } from '../api/request.ts';
import { KeyFrameDecoder, fetchKeyFrame, fetchStill, type KeyFrame } from './key-frame.ts';
import { measured } from './measure.ts';

const IN_FLIGHT_MAX = 2;
// Key frames seen once are drawn again without asking; about a minute of dragging.
const KEPT_BYTES_MAX = 24_000_000;

interface Kept {
  frame: KeyFrame;
  /** The frame is right for every time from its own up to here. */
  until: number;
}

export class Scrubber {
  /** Wall time of the drawn frame. */
  readonly frameAt = signal<number | null>(null);
  /** Nothing was recorded where the playhead is. */
  readonly isEmpty = signal(false);
  readonly failed = signal(false);

  readonly #camera: string;
  /** Where the pictures go. */
  canvas: HTMLCanvasElement | null = null;
  readonly #decoder = new KeyFrameDecoder();
  #kept: Kept[] = [];
  #inFlight = 0;
  #wanted: { at: number; since: number } | null = null;
  #drawnTurn = 0;
  #turn = 0;
  #abort = new AbortController();
  #useStills = false;

  constructor(camera: string) {
    this.#camera = camera;
  }

  /** Wishes the picture at a wall time. */
  show(at: number): void {
    this.#wanted = { at, since: performance.now() };
    this.#next();
  }

  close(): void {
    this.#abort.abort();
    this.#wanted = null;
    this.#kept = [];
    this.#decoder.close();
  }

  #next(): void {
    const wanted = this.#wanted;
    if (!wanted || this.#inFlight >= IN_FLIGHT_MAX) return;
    this.#wanted = null;
    this.#inFlight += 1;
    this.#turn += 1;
    void this.#draw(wanted.at, wanted.since, this.#turn).finally(() => {
      this.#inFlight -= 1;
      this.#next();
    });
  }

  async #draw(at: number, since: number, turn: number): Promise<void> {
    try {
      const frame = await this.#frame(at);
      const picture = await this.#decoder.decode(frame);
      if (turn > this.#drawnTurn && !this.#abort.signal.aborted) {
        this.#drawnTurn = turn;
        this.#paint(picture, frame.at);
        measured('hw:scrub-frame', since);
      }
      picture.close();
    } catch (error) {
      if (this.#abort.signal.aborted || turn < this.#drawnTurn) return;
      const isGap = error instanceof ApiError && error.code === 'no_footage';
      this.isEmpty.value = isGap;
      this.failed.value = !isGap;
    }
  }

  async #frame(at: number): Promise<KeyFrame> {
    const known = this.#kept.find((kept) => kept.frame.at <= at && at <= kept.until);
    if (known) return known.frame;
    const signal = this.#abort.signal;
    if (this.#useStills) return fetchStill(this.#camera, at, signal);
    const frame = await fetchKeyFrame(this.#camera, at, signal);
    if (!(await this.#decoder.canDecode(frame))) {
      this.#useStills = true;
      return fetchStill(this.#camera, at, signal);
    }
    this.#keep(frame, at);
    return frame;
  }

  #keep(frame: KeyFrame, until: number): void {
    const same = this.#kept.find((kept) => kept.frame.at === frame.at);
    if (same) same.until = Math.max(same.until, until);
    else this.#kept.push({ frame, until });
    let total = this.#kept.reduce((sum, kept) => sum + kept.frame.data.byteLength, 0);
    while (total > KEPT_BYTES_MAX && this.#kept.length > 1) total -= this.#kept.shift()?.frame.data.byteLength ?? 0;
  }

  #paint(picture: VideoFrame | ImageBitmap, at: number): void {
    const isFrame = 'displayWidth' in picture;
    const width = isFrame ? picture.displayWidth : picture.width;
    const height = isFrame ? picture.displayHeight : picture.height;
    const canvas = this.canvas;
    if (!canvas) return;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    canvas.getContext('2d')?.drawImage(picture, 0, 0);
    this.isEmpty.value = false;
    this.failed.value = false;
    this.frameAt.value = at;
  }
}
