// Live pictures of one camera in one element: over MSE where the browser can play the codec, as single
// pictures for MJPEG, else as stills of key frames. What is shown and how old it is stands in signals.

import { batch, signal } from '@preact/signals';

import { openLive } from '../api/streams.ts';
import type { LiveMessage } from '../api/types.ts';
import { hubNow } from '../state/clock.ts';
import { retryWait } from '../state/reconnect.ts';
import { fragmentStart, timescales } from './boxes.ts';
import { measured } from './measure.ts';
import { liveIsThere } from './priority.ts';
import { SourceFeed, mediaSourceClass } from './source-feed.ts';
import { Stills } from './stills.ts';

export type LiveState = 'connecting' | 'live' | 'frozen' | 'reconnecting' | 'offline' | 'still' | 'codec';

// A viewer notices a picture that stands for 2 s.
const FROZEN_MS = 2_000;
// Nothing at all for this long means the connection is dead even if it is open.
const SILENT_MS = 12_000;
const WATCH_MS = 250;
// Further behind than this the player jumps instead of catching up.
const BEHIND_MAX_S = 2;
const BEHIND_WANTED_S = 0.6;
const CATCH_UP_RATE = 1.08;
const EDGE_S = 0.25;

export class LivePlayer {
  readonly state = signal<LiveState>('connecting');
  /** The camera's own words for why there is no picture. */
  readonly message = signal<string | null>(null);
  /** Wall time of the picture on the screen. */
  readonly frameAt = signal<number | null>(null);
  /** Seconds between reality and the screen. */
  readonly behind = signal<number | null>(null);
  /** What the browser cannot play, when it shows something else instead. */
  readonly unplayable = signal<string | null>(null);
  /** Which element shows the picture. */
  readonly surface = signal<'video' | 'canvas'>('video');
  readonly hasSound = signal(false);
  readonly size = signal<{ width: number; height: number } | null>(null);

  readonly #camera: string;
  #video: HTMLVideoElement = document.createElement('video');
  readonly #stills: Stills;
  #socket: WebSocket | null = null;
  #feed: SourceFeed | null = null;
  #scales: Map<number, number> = new Map();
  #wallOffsetUs = 0;
  /** Seconds of the stream's time line at the player's zero. */
  #origin: number | null = null;
  #expectsInit = false;
  #isJpeg = false;
  #startedAt: number | null = null;
  #shownAt = 0;
  #heardAt = 0;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #frameRequest = 0;
  #running = false;

  constructor(camera: string) {
    this.#camera = camera;
    this.#stills = new Stills(camera, (at) => this.#shown(at));
  }

  /** Plays in these elements until `stop`. */
  start(video: HTMLVideoElement, canvas: HTMLCanvasElement): void {
    if (this.#running) return;
    this.#running = true;
    this.#video = video;
    this.#stills.canvas = canvas;
    this.#startedAt = performance.now();
    this.state.value = 'connecting';
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    this.#open();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    this.#closeSocket();
    this.#closeFeed();
    this.#stills.stop();
  }

  #open(): void {
    const socket = openLive(this.#camera);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#socket !== socket) return;
      this.#heardAt = Date.now();
      if (typeof data === 'string') this.#onMessage(JSON.parse(data) as LiveMessage);
      else this.#onMedia(data);
    });
    socket.addEventListener('close', () => {
      if (this.#socket === socket) this.#lose();
    });
  }

  #lose(): void {
    this.#closeSocket();
    if (!this.#running) return;
    if (this.state.value !== 'offline') this.state.value = this.frameAt.value === null ? 'connecting' : 'reconnecting';
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), retryWait(this.#attempt, Math.random()));
    this.#attempt += 1;
  }

  #closeSocket(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #closeFeed(): void {
    if (this.#frameRequest && 'cancelVideoFrameCallback' in this.#video) this.#video.cancelVideoFrameCallback(this.#frameRequest);
    this.#feed?.close();
    this.#feed = null;
    this.#origin = null;
  }

  #onMessage(message: LiveMessage): void {
    if (message.type === 'state') {
      this.message.value = message.message;
      if (message.state !== 'live') this.state.value = message.state === 'connecting' ? 'connecting' : message.state;
    }
    if (message.type === 'init') this.#onInit(message);
  }

  #onInit(message: Extract<LiveMessage, { type: 'init' }>): void {
    batch(() => {
      this.message.value = null;
      this.size.value = { width: message.width, height: message.height };
      this.hasSound.value = /mp4a|opus/i.test(message.mime);
    });
    this.#attempt = 0;
    this.#wallOffsetUs = message.wall_offset_us;
    this.#isJpeg = message.mime === 'image/jpeg';
    if (this.#isJpeg) {
      this.surface.value = 'canvas';
      this.#closeFeed();
      return;
    }
    if (!mediaSourceClass()?.isTypeSupported(message.mime)) {
      this.#showStills(message.mime);
      return;
    }
    this.surface.value = 'video';
    this.#stills.stop();
    if (!this.#feed || this.#video.error) this.#beginFeed();
    this.#feed?.setType(message.mime);
    this.#expectsInit = true;
    this.#origin = null;
  }

  #beginFeed(): void {
    this.#closeFeed();
    this.#feed = new SourceFeed(this.#video, () => this.#restart());
    void this.#video.play().catch(() => undefined);
    this.#nextFrame();
  }

  /** The player got stuck; a new connection begins with a key frame. */
  #restart(): void {
    this.#closeFeed();
    this.#lose();
  }

  #showStills(mime: string): void {
    this.unplayable.value = /codecs="([^",]+)/.exec(mime)?.[1] ?? mime;
    this.#closeSocket();
    this.#closeFeed();
    this.surface.value = 'canvas';
    this.state.value = 'codec';
    this.#stills.start();
  }

  #onMedia(data: ArrayBuffer): void {
    if (this.#isJpeg) {
      void this.#stills.draw(new Blob([data], { type: 'image/jpeg' }), hubNow());
      return;
    }
    const feed = this.#feed;
    if (!feed) return;
    if (this.#expectsInit) {
      this.#expectsInit = false;
      this.#scales = timescales(data);
      feed.append(data);
      return;
    }
    if (this.#origin !== null) {
      feed.append(data);
      return;
    }
    // What follows continues on the player's time line, however far the stream's own one is.
    const start = fragmentStart(data, this.#scales);
    if (start === null) return;
    const at = feed.end() ?? 0;
    this.#origin = start - at;
    feed.append(data, at - start);
  }

  #nextFrame(): void {
    if (!('requestVideoFrameCallback' in this.#video)) return;
    this.#frameRequest = this.#video.requestVideoFrameCallback((_, metadata) => {
      if (this.#origin !== null) this.#shown((metadata.mediaTime + this.#origin) * 1000 + this.#wallOffsetUs / 1000);
      this.#nextFrame();
    });
  }

  #shown(at: number): void {
    this.#shownAt = Date.now();
    if (this.#startedAt !== null) {
      measured('hw:first-frame', this.#startedAt);
      this.#startedAt = null;
      liveIsThere();
    }
    batch(() => {
      if (this.state.value !== 'codec') this.state.value = 'live';
      // Signals that change with every frame would render every frame.
      if (this.frameAt.value === null || Math.abs(at - this.frameAt.value) >= WATCH_MS) {
        this.frameAt.value = at;
        this.behind.value = Math.max(0, (hubNow() - at) / 1000);
      }
    });
  }

  #look(): void {
    if (this.state.value === 'live' && Date.now() - this.#shownAt > FROZEN_MS) this.state.value = 'frozen';
    if (this.#socket && this.state.value === 'frozen' && Date.now() - this.#heardAt > SILENT_MS) this.#lose();
    this.#keepAtEdge();
  }

  #keepAtEdge(): void {
    const end = this.#feed?.end() ?? null;
    const start = this.#feed?.start() ?? null;
    if (end === null || start === null) return;
    const video = this.#video;
    const behind = end - video.currentTime;
    if (behind > BEHIND_MAX_S || video.currentTime < start) video.currentTime = Math.max(start, end - EDGE_S);
    video.playbackRate = behind > BEHIND_WANTED_S ? CATCH_UP_RATE : 1;
    if (video.paused) void video.play().catch(() => undefined);
  }
}
