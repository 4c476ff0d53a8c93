// Who came to the door: visits with their faces and clips.

import { address, json } from './request.ts';
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
  /** Where it is in the visit's picture. */
  area?: Area | null;
}

export interface Visit {
  id: string;
  camera: string;
  camera_name: string;
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
  /** When its pictures are erased. */
  pictures_until?: string | null;
  /** How often the bell was rung. */
  rings?: number;
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
  state?: string | null;
  camera?: string | null;
  person?: string | null;
  unknown?: 'true' | null;
  kept?: 'true' | null;
  before?: string | null;
  limit?: number;
}

export interface VisitChange {
  state?: 'new' | 'seen' | 'answered';
  kept?: boolean;
  note?: string | null;
}

export const visits = {
  list: (filter: VisitFilter) => json<VisitPage>('GET', '/visits', { query: { ...filter } }),
  get: (id: string) => json<Visit>('GET', `/visits/${id}`),
  change: (id: string, body: VisitChange) => json<Visit>('PATCH', `/visits/${id}`, { body }),
  remove: (id: string) => json<void>('DELETE', `/visits/${id}`, { keepalive: true }),
  /** Says that a face is not the person it was taken for. Without a rejection there is nothing to take back. */
  reject: (id: string, face: number) => json<{ rejection: string | null; person: string }>('POST', `/visits/${id}/faces/${face}/reject`),
  ring: (camera: string) => json<Visit>('POST', `/cameras/${camera}/ring`),
};

export const visitPicture = (id: string): string => address(`/visits/${id}/picture.jpg`);
export const visitFacePicture = (id: string, face: number): string => address(`/visits/${id}/faces/${face}/picture.jpg`);

/** The visit a fact tells of. */
export const visitOf = (event: EventView): string | null => {
  const visit = event.detail['visit'];
  return event.kind.startsWith('visit_') && typeof visit === 'string' ? visit : null;
};
