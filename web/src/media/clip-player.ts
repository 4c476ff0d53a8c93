// Recorded pictures of one camera in a video element that follows a playhead. Footage is asked for in
// windows, each an ordinary MP4 with range requests; the hub's list of spans maps media time to wall time.

import { effect, signal } from '@preact/signals';

import { clipAddress, hub } from '../api/hub.ts';
import { ApiError } from '../api/request.ts';
import { mediaOf, nextStart, spansOf, type ClipSpan } from './clip-map.ts';
import { measured } from './measure.ts';
import type { Playhead } from './playhead.ts';

const WINDOW_MS = 10 * 60_000;
const LOOK_MS = 200;
// Cameras may drift apart this far before the rate, and that far before a seek, corrects it.
const DRIFT_RATE_S = 0.06;
const DRIFT_SEEK_S = 0.5;
const RATE_CHANGE = 0.06;

export type ClipState = 'idle' | 'loading' | 'playing' | 'gap' | 'error' | 'codec';

export class ClipPlayer {
  readonly state = signal<ClipState>('idle');

  readonly #camera: string;
  #video: HTMLVideoElement = document.createElement('video');
  readonly #playhead: Playhead;
  readonly #who = Symbol('clip');
  readonly #end: () => number;
  readonly #hasFootage: (at: number) => boolean | null;
  #window: { from: number; to: number; spans: ClipSpan[] } | null = null;
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #askedAt: number | null = null;
  #stopEffect: () => void = () => undefined;
  #failedUntil = 0;

  /** `end` tells where footage ends now, the live edge; `hasFootage` where there is some, as far as known. */
  constructor(camera: string, playhead: Playhead, end: () => number, hasFootage: (at: number) => boolean | null) {
    this.#camera = camera;
    this.#playhead = playhead;
    this.#end = end;
    this.#hasFootage = hasFootage;
  }

  /** Follows the playhead in this element until `close`. */
  open(video: HTMLVideoElement): void {
    this.#video = video;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#stopEffect = effect(() => {
      void [this.#playhead.playing.value, this.#playhead.speed.value, this.#playhead.waiting.value];
      queueMicrotask(() => this.#look());
    });
    video.addEventListener('error', this.#onError);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stopEffect();
    this.#abort?.abort();
    this.#playhead.hold(this.#who, false);
    this.#video.removeEventListener('error', this.#onError);
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  readonly #onError = (): void => {
    if (!this.#video.getAttribute('src')) return;
    const isCodec = this.#video.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
    this.#fail(isCodec ? 'codec' : 'error');
  };

  #fail(state: ClipState): void {
    this.#window = null;
    this.#failedUntil = Date.now() + 5_000;
    this.state.value = state;
    this.#playhead.hold(this.#who, false);
  }

  #look(): void {
    const { playing, speed, waiting, scrubbing } = this.#playhead;
    const at = this.#playhead.now();
    if (!playing.peek() || scrubbing.peek()) {
      this.#video.pause();
      this.#askedAt = null;
      this.#playhead.hold(this.#who, false);
      return;
    }
    const window = this.#window;
    if (this.#hasFootage(at) === false) {
      this.#rest();
      return;
    }
    if (!window || at < window.from || at >= window.to) {
      void this.#load(at);
      return;
    }
    const media = mediaOf(window.spans, at);
    if (media === null) {
      this.#rest();
      return;
    }
    this.#follow(media, speed.peek(), waiting.peek());
  }

  /** Nothing to play here; the others go on. */
  #rest(): void {
    this.#video.pause();
    this.state.value = 'gap';
    this.#playhead.hold(this.#who, false);
  }

  #follow(media: number, speed: number, waiting: boolean): void {
    const video = this.#video;
    const drift = video.currentTime - media;
    if (Math.abs(drift) > DRIFT_SEEK_S && !video.seeking) video.currentTime = media;
    const isReady = video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA && !video.seeking;
    this.#playhead.hold(this.#who, !isReady);
    if (isReady) this.state.value = 'playing';
    else if (this.state.peek() !== 'playing') this.state.value = 'loading';
    const correction = Math.abs(drift) > DRIFT_RATE_S ? -Math.sign(drift) * RATE_CHANGE : 0;
    video.playbackRate = speed * (1 + correction);
    const othersWait = waiting && isReady;
    if (othersWait) video.pause();
    else if (video.paused) void video.play().catch(() => undefined);
  }

  async #load(at: number): Promise<void> {
    if (this.#abort || Date.now() < this.#failedUntil) return;
    this.#abort = new AbortController();
    this.#askedAt = performance.now();
    this.state.value = 'loading';
    this.#playhead.hold(this.#who, true);
    const from = at - 1_000;
    const to = Math.min(this.#end(), at + WINDOW_MS);
    try {
      if (to <= at) throw new ApiError(404, 'no_footage', '');
      const { spans } = await hub.clipInfo(this.#camera, from, to, this.#abort.signal);
      this.#begin({ from, to, spans: spansOf(spans) }, at);
    } catch (error) {
      const isGap = error instanceof ApiError && error.code === 'no_footage';
      if (isGap) {
        this.#window = { from, to: Math.max(to, at + 2_000), spans: [] };
        this.#rest();
      } else if (!this.#abort.signal.aborted) this.#fail('error');
    } finally {
      this.#abort = null;
    }
  }

  #begin(window: { from: number; to: number; spans: ClipSpan[] }, at: number): void {
    this.#window = window;
    this.#video.src = clipAddress(this.#camera, window.from, window.to);
    const first = mediaOf(window.spans, at) ?? mediaOf(window.spans, nextStart(window.spans, at) ?? at);
    if (first !== null) this.#video.currentTime = first;
    const asked = this.#askedAt;
    if (asked !== null && 'requestVideoFrameCallback' in this.#video) {
      this.#video.requestVideoFrameCallback(() => measured('hw:clip-frame', asked));
    }
    void this.#video.play().catch(() => undefined);
  }
}
