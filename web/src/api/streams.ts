// The two connections that stay open: facts as server-sent events, and live pictures over a WebSocket.

import { address } from './request.ts';

/** Opens the stream of facts, after the given sequence number if there is one. */
export function openEvents(after: number | null): EventSource {
  return new EventSource(address('/events/stream', { after }));
}

/** Opens a camera's live pictures. */
export function openLive(camera: string): WebSocket {
  const url = new URL(address(`/cameras/${camera}/live`), location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  return socket;
}
