// One key frame as the hub sends it, and how it becomes a picture.

import { hub } from '../api/hub.ts';

export interface KeyFrame {
  /** Wall time of the frame. */
  at: number;
  codec: string;
  /** Parameter sets in the form WebCodecs wants; null for a JPEG. */
  config: Uint8Array | null;
  width: number;
  height: number;
  data: ArrayBuffer;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** Fetches the key frame at or before a time. */
export async function fetchKeyFrame(camera: string, at: number, signal: AbortSignal): Promise<KeyFrame> {
  const response = await hub.keyframe(camera, at, signal);
  const header = (name: string): string => response.headers.get(name) ?? '';
  const isJpeg = header('content-type').startsWith('image/jpeg');
  return {
    at: Date.parse(header('x-frame-time')),
    codec: header('x-codec'),
    config: isJpeg ? null : bytesOf(header('x-decoder-config')),
    width: Number(header('x-width')),
    height: Number(header('x-height')),
    data: await response.arrayBuffer(),
  };
}

/** Fetches the same as a JPEG, for codecs the browser cannot decode. */
export async function fetchStill(camera: string, at: number, signal: AbortSignal): Promise<KeyFrame> {
  const response = await hub.snapshot(camera, at, signal);
  const taken = Date.parse(response.headers.get('x-frame-time') ?? '');
  return { at: taken, codec: 'jpeg', config: null, width: 0, height: 0, data: await response.arrayBuffer() };
}

/** Turns key frames of one camera into pictures; the decoder is kept while the parameters stay the same. */
export class KeyFrameDecoder {
  #decoder: VideoDecoder | null = null;
  #key = '';
  #waiting: { resolve: (frame: VideoFrame) => void; reject: (error: unknown) => void }[] = [];

  /** Whether this browser decodes it. */
  async canDecode(frame: KeyFrame): Promise<boolean> {
    if (frame.config === null) return true;
    if (typeof VideoDecoder === 'undefined') return false;
    const answer = await VideoDecoder.isConfigSupported(this.#config(frame)).catch(() => null);
    return answer?.supported === true;
  }

  /** The picture; the caller closes it. */
  async decode(frame: KeyFrame): Promise<VideoFrame | ImageBitmap> {
    if (frame.config === null) return createImageBitmap(new Blob([frame.data], { type: 'image/jpeg' }));
    const decoder = this.#decoderFor(frame);
    const picture = new Promise<VideoFrame>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    decoder.decode(new EncodedVideoChunk({ type: 'key', timestamp: 0, data: frame.data }));
    await Promise.race([decoder.flush(), picture]);
    return picture;
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    this.#fail(new Error('closed'));
  }

  #config(frame: KeyFrame): VideoDecoderConfig {
    return { codec: frame.codec, optimizeForLatency: true, ...(frame.config ? { description: frame.config } : {}) };
  }

  #decoderFor(frame: KeyFrame): VideoDecoder {
    const key = `${frame.codec} ${String(frame.config)}`;
    if (this.#decoder && this.#key === key && this.#decoder.state === 'configured') return this.#decoder;
    this.close();
    this.#decoder = new VideoDecoder({
      output: (picture) => {
        const next = this.#waiting.shift();
        if (next) next.resolve(picture);
        else picture.close();
      },
      error: (error) => this.#fail(error),
    });
    this.#decoder.configure(this.#config(frame));
    this.#key = key;
    return this.#decoder;
  }

  #fail(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.reject(error);
  }
}
