// Single pictures drawn on a canvas: key frames fetched now and then, or what an MJPEG camera sends.

import { hub } from '../api/hub.ts';

// The fallback for a codec the browser cannot play shows motion coarsely; a parked tile only that it is there.
const EVERY_MS = 1_000;
const PARKED_EVERY_MS = 5_000;

export class Stills {
  readonly #camera: string;
  /** Where the pictures go. */
  canvas: HTMLCanvasElement | null = null;
  readonly #onShown: (at: number) => void;
  #abort: AbortController | null = null;
  #drawing = 0;

  constructor(camera: string, onShown: (at: number) => void) {
    this.#camera = camera;
    this.#onShown = onShown;
  }

  start(parked = false): void {
    if (this.#abort) return;
    this.#abort = new AbortController();
    void this.#run(this.#abort.signal, parked ? PARKED_EVERY_MS : EVERY_MS);
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
  }

  async #run(signal: AbortSignal, every: number): Promise<void> {
    while (!signal.aborted) {
      try {
        const response = await hub.snapshot(this.#camera, null, signal);
        const at = Date.parse(response.headers.get('x-frame-time') ?? '');
        const picture = await response.blob();
        if (!signal.aborted) await this.draw(picture, at);
      } catch {
        // The tile shows the age of the last picture; the next try comes by itself.
      }
      await new Promise((resolve) => setTimeout(resolve, every));
    }
  }

  /** Draws a picture taken at `at`; when they arrive faster than they decode, older ones are left out. */
  async draw(picture: Blob, at: number): Promise<void> {
    const turn = (this.#drawing += 1);
    const bitmap = await createImageBitmap(picture).catch(() => null);
    if (!bitmap) return;
    const canvas = this.canvas;
    if (canvas && turn === this.#drawing) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
      if (!Number.isNaN(at)) this.#onShown(at);
    }
    bitmap.close();
  }
}
