// Fetches a file piece by piece, so that its progress can be told and it can be stopped.

import { ApiError, refusal } from './request.ts';

// A hub that sends nothing for so long has stopped sending.
const SILENCE_MS = 30_000;

export interface Progress {
  /** Bytes that arrived. */
  done: number;
  /** Bytes there will be, if the hub said so. */
  total: number | null;
}

/** The whole file; throws `ApiError`, or `AbortError` when the caller gave up. */
export async function download(address: string, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Blob> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await fetch(address, { credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.any([signal, silence.signal]) });
    if (!response.ok || !response.body) throw await refusal(response);
    const total = Number(response.headers.get('content-length') ?? '') || null;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let done = 0;
    const reader = response.body.getReader();
    for (;;) {
      const piece = await reader.read();
      if (piece.done) break;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      parts.push(piece.value);
      done += piece.value.byteLength;
      onProgress({ done, total });
    }
    if (total !== null && done !== total) throw new ApiError(0, 'no_contact', 'the file ended early');
    return new Blob(parts, { type: response.headers.get('content-type') ?? 'application/octet-stream' });
  } catch (error) {
    if (signal.aborted || error instanceof ApiError) throw error;
    throw new ApiError(0, 'no_contact', 'no contact');
  } finally {
    clearTimeout(timer);
  }
}
