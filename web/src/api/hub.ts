// The hub's REST interface as functions.

import { address, json, send, type Query } from './request.ts';
import type {
  AddedCamera,
  CameraChange,
  CameraDetail,
  CameraStatus,
  ClipInfo,
  EventPage,
  EventView,
  NewCamera,
  Session,
  SystemInfo,
  Timeline,
  Welcome,
} from './types.ts';

const rfc3339 = (time: number): string => new Date(time).toISOString();

export const hub = {
  welcome: () => json<Welcome>('GET', '/welcome', { anonymous: true }),
  session: () => json<Session>('GET', '/session', { anonymous: true }),
  /** `code` is the second factor, once the hub has asked for it. */
  signIn: (name: string, password: string, code?: string) => json<Session>('POST', '/session', { body: { name, password, ...(code ? { code } : {}) }, anonymous: true }),
  signOut: () => json<void>('DELETE', '/session', { anonymous: true }),
  claim: (code: string, name: string, password: string) =>
    json<Session>('POST', '/claim', { body: { code, name, password }, anonymous: true }),

  cameras: () => json<{ cameras: CameraStatus[] }>('GET', '/cameras'),
  camera: (id: string) => json<CameraDetail>('GET', `/cameras/${id}`),
  addCamera: (camera: NewCamera) => json<AddedCamera>('POST', '/cameras', { body: camera }),
  changeCamera: (id: string, change: CameraChange) => json<unknown>('PATCH', `/cameras/${id}`, { body: change }),
  removeCamera: (id: string) => json<{ segments: number; bytes: number }>('DELETE', `/cameras/${id}`),

  timeline: (id: string, from: number, to: number, signal?: AbortSignal) =>
    json<Timeline>('GET', `/cameras/${id}/timeline`, { query: { from: rfc3339(from), to: rfc3339(to) }, ...(signal ? { signal } : {}) }),
  keyframe: (id: string, at: number, signal: AbortSignal) =>
    send('GET', `/cameras/${id}/keyframe`, { query: { at: rfc3339(at) }, signal }),
  snapshot: (id: string, at: number | null, signal: AbortSignal) =>
    send('GET', `/cameras/${id}/snapshot.jpg`, { query: { at: at === null ? null : rfc3339(at) }, signal }),
  clipInfo: (id: string, from: number, to: number, signal?: AbortSignal) =>
    json<ClipInfo>('GET', `/cameras/${id}/clip`, { query: { from: rfc3339(from), to: rfc3339(to) }, ...(signal ? { signal } : {}) }),

  events: (query: Query) => json<EventPage>('GET', '/events', { query }),
  /** An event as the hub has it now: of an activity that has ended meanwhile, with its clip. */
  eventNow: async (event: EventView): Promise<EventView> => {
    const at = Date.parse(event.at);
    // Times here have milliseconds, those of the hub more.
    const { events } = await hub.events({ camera: event.camera, kind: event.kind, from: rfc3339(at), to: rfc3339(at + 1) });
    return events.find((one) => one.id === event.id) ?? event;
  },
  hold: (camera: string, from: number, to: number, reason: string) =>
    json<{ id: string }>('POST', '/holds', { body: { camera, from: rfc3339(from), to: rfc3339(to), reason } }),
  system: () => json<SystemInfo>('GET', '/system'),
};

export const clipAddress = (id: string, from: number, to: number, download = false): string =>
  address(`/cameras/${id}/clip.mp4`, { from: rfc3339(from), to: rfc3339(to), download: download ? 1 : null });

export const snapshotAddress = (id: string): string => address(`/cameras/${id}/snapshot.jpg`);

export const thumbnailAddress = (event: string): string => address(`/events/${event}/thumbnail.jpg`);
