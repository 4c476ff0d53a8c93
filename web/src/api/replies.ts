// What the house says at a door, through the camera’s loudspeaker.

import { json, upload } from './request.ts';

export interface Reply {
  id: string;
  name: string;
}

export interface Spoken {
  camera: string;
  reply: string;
  millis: number;
  /** The visit that counts as answered. */
  visit: string | null;
}

/** As many as the hub takes. */
export const REPLIES_MAX = 16;

export const replies = {
  list: async () => (await json<{ replies: Reply[] }>('GET', '/replies')).replies,
  // Browsers call a WAV file by several names, or by none.
  add: (name: string, file: Blob) => upload<Reply>('/replies', new Blob([file], { type: 'audio/wav' }), { name }),
  remove: (id: string) => json<void>('DELETE', `/replies/${id}`),
  /** Answers when the camera has taken the last word of it. */
  say: (camera: string, reply: string) => json<Spoken>('POST', `/cameras/${camera}/replies/${reply}`, { patient: true }),
};
