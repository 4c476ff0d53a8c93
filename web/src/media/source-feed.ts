// Feeds a MediaSource with what arrives: one operation at a time, old media removed, parameter changes.

// What lies further back is dropped; a live picture is not a recording.
const KEPT_SECONDS = 30;
const TRIM_EVERY_SECONDS = 10;
// A tab that cannot append for this many fragments has stalled; dropping them is worse than starting anew.
const QUEUE_MAX = 600;

interface MediaSourceClass {
  new (): MediaSource;
  isTypeSupported(mime: string): boolean;
}

/** The browser's media source: the managed one on iPhones. */
export function mediaSourceClass(): MediaSourceClass | null {
  const scope = globalThis as { ManagedMediaSource?: MediaSourceClass; MediaSource?: MediaSourceClass };
  return scope.MediaSource ?? scope.ManagedMediaSource ?? null;
}

type Step = { kind: 'append'; data: ArrayBuffer; offset: number | null } | { kind: 'type'; mime: string };

export class SourceFeed {
  readonly #video: HTMLVideoElement;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #onError: () => void;
  #buffer: SourceBuffer | null = null;
  #mime: string | null = null;
  #queue: Step[] = [];
  #trimmedAt = 0;

  constructor(video: HTMLVideoElement, onError: () => void) {
    const Source = mediaSourceClass();
    if (!Source) throw new Error('no media source');
    this.#video = video;
    this.#onError = onError;
    this.#source = new Source();
    this.#url = URL.createObjectURL(this.#source);
    this.#source.addEventListener('sourceopen', () => this.#step());
    video.disableRemotePlayback = true;
    video.src = this.#url;
  }

  /** The type of what follows; the first call makes the buffer. */
  setType(mime: string): void {
    this.#queue.push({ kind: 'type', mime });
    this.#step();
  }

  /** Appends an init segment or a fragment; `offset` in seconds moves what follows on the player's time line. */
  append(data: ArrayBuffer, offset: number | null = null): void {
    if (this.#queue.length >= QUEUE_MAX) {
      this.#onError();
      return;
    }
    this.#queue.push({ kind: 'append', data, offset });
    this.#step();
  }

  /** End of what can be shown, in the player's seconds. */
  end(): number | null {
    const ranges = this.#buffer?.buffered;
    return ranges && ranges.length > 0 ? ranges.end(ranges.length - 1) : null;
  }

  /** Begin of the newest connected part. */
  start(): number | null {
    const ranges = this.#buffer?.buffered;
    return ranges && ranges.length > 0 ? ranges.start(ranges.length - 1) : null;
  }

  close(): void {
    this.#queue = [];
    this.#buffer = null;
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  #step(): void {
    if (this.#source.readyState !== 'open' || this.#buffer?.updating) return;
    if (this.#trim()) return;
    const step = this.#queue.shift();
    if (!step) return;
    try {
      if (step.kind === 'type') this.#changeType(step.mime);
      else this.#append(step);
    } catch {
      this.#onError();
    }
  }

  #changeType(mime: string): void {
    if (!this.#buffer) {
      this.#buffer = this.#source.addSourceBuffer(mime);
      this.#buffer.addEventListener('updateend', () => this.#step());
      this.#buffer.addEventListener('error', () => this.#onError());
    } else if (mime !== this.#mime) {
      this.#buffer.changeType(mime);
    }
    this.#mime = mime;
    this.#step();
  }

  #append(step: { data: ArrayBuffer; offset: number | null }): void {
    const buffer = this.#buffer;
    if (!buffer) return;
    if (step.offset !== null) buffer.timestampOffset = step.offset;
    buffer.appendBuffer(step.data);
  }

  /** Removes what is far behind the picture; true while that runs. */
  #trim(): boolean {
    const buffer = this.#buffer;
    const until = this.#video.currentTime - KEPT_SECONDS;
    if (!buffer || until - this.#trimmedAt < TRIM_EVERY_SECONDS || buffer.buffered.length === 0) return false;
    this.#trimmedAt = until;
    buffer.remove(0, until);
    return true;
  }
}
