// The connections that stay open: facts as server-sent events, live pictures and what somebody speaks over WebSockets.

import { address } from './request.ts';

/** Opens the stream of facts, after the given sequence number if there is one. */
export function openEvents(after: number | null): EventSource {
  return new EventSource(address('/events/stream', { after }));
}

function webSocket(path: string): WebSocket {
  const url = new URL(address(path), location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  return socket;
}

/** Opens a camera's live pictures. */
export const openLive = (camera: string): WebSocket => webSocket(`/cameras/${camera}/live`);

/**
 * Opens a camera's loudspeaker: it takes codes of mu-law, 8,000 a second, and an empty message when all was said; its
 * texts are a `TalkMessage`.
 */
export const openSpeaker = (camera: string): WebSocket => webSocket(`/cameras/${camera}/talk`);
