// Who came to the door: visits with their faces and clips.

import { address, json, type Query } from './request.ts';
import type { EventView } from './types.ts';

export type VisitState = 'new' | 'seen' | 'answered' | 'missed';
/** What is known of the visitors as a whole. */
export type Who = 'known' | 'unknown' | 'no_face' | 'not_checked';
/** `hidden`: the account may not learn who it is. */
export type Decision = 'known' | 'unknown' | 'poor_view' | 'hidden';

/** A part of a picture, as fractions of its width and height. */
export interface Area {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** That a face is like one on the watch list. Who that is, is said once a person has looked. */
export interface WatchMark {
  state: 'waiting' | 'confirmed';
  watched: string | null;
  /** Null also once they are on the list no more. */
  name: string | null;
  reviewed_by: string | null;
  reviewed_at: string | null;
}

export interface VisitFace {
  index: number;
  decision: Decision;
  person: string | null;
  name: string | null;
  /** The person was erased since. */
  erased: boolean;
  quality: number;
  /** Whether its picture is kept. */
  picture: boolean;
  /** Number under which the hub remembers a stranger for a while. */
  visitor: number | null;
  /** A hub of an older version does not say. */
  watch?: WatchMark | null;
}

export interface Visit {
  id: string;
  camera: string;
  /** Null when the camera was removed. */
  camera_name: string | null;
  trigger: 'ring' | 'button' | 'approach';
  started_at: string;
  /** Null while somebody is at the door. */
  ended_at: string | null;
  state: VisitState;
  kept: boolean;
  note: string | null;
  who: Who;
  faces: VisitFace[];
  picture: boolean;
  clip: string | null;
  at_the_door: boolean;
}

export interface VisitPage {
  visits: Visit[];
  next: string | null;
  /** How many nobody has seen yet, of all. */
  unseen: number;
}

export interface VisitFilter {
  states?: readonly VisitState[];
  camera?: string | null;
  person?: string | null;
  unknown?: 'true' | null;
  kept?: 'true' | null;
}

export interface VisitChange {
  state?: 'new' | 'seen' | 'answered';
  kept?: boolean;
  note?: string | null;
}

const page = (query: Query): Promise<VisitPage> => json<VisitPage>('GET', '/visits', { query });

/** Newest first. The hub filters by one state at a time; of several the newest of each are taken, and no older ones. */
async function list({ states, ...filter }: VisitFilter, limit: number, before: string | null = null): Promise<VisitPage> {
  if (!states) return page({ ...filter, limit, before });
  const pages = await Promise.all(states.map((state) => page({ ...filter, state, limit })));
  const all = pages.flatMap((one) => one.visits).sort((a, b) => b.started_at.localeCompare(a.started_at));
  return { visits: all, next: null, unseen: pages[0]?.unseen ?? 0 };
}

export const visits = {
  list,
  get: (id: string) => json<Visit>('GET', `/visits/${id}`),
  change: (id: string, body: VisitChange) => json<Visit>('PATCH', `/visits/${id}`, { body }),
  remove: (id: string) => json<void>('DELETE', `/visits/${id}`, { keepalive: true }),
  /** Says that a face is not the person it was taken for. Without a rejection there is nothing to take back. */
  reject: (id: string, face: number) => json<{ rejection: string | null; person: string }>('POST', `/visits/${id}/faces/${face}/reject`),
  ring: (camera: string) => json<Visit>('POST', `/cameras/${camera}/ring`),
};

/** The face that waits for a look; as long as the hub remembers it, kept or not. */
export const waitingPicture = (id: string, face: number): string => address(`/visits/${id}/faces/${face}/waiting.jpg`);
export const visitPicture = (id: string): string => address(`/visits/${id}/picture.jpg`);
export const visitFacePicture = (id: string, face: number): string => address(`/visits/${id}/faces/${face}/picture.jpg`);

/** The visit a fact tells of. */
export const visitOf = (event: EventView): string | null => {
  const visit = event.detail['visit'];
  return event.kind.startsWith('visit_') && typeof visit === 'string' ? visit : null;
};
