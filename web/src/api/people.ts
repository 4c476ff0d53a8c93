// Whom the house knows: people with their consent and samples, strangers seen again, and what is kept of faces.

import { address, json, upload } from './request.ts';
import type { Area } from './visits.ts';

export type PersonState = 'known' | 'no_consent' | 'expired' | 'withdrawn' | 'no_samples';
export type Tell = 'never' | 'first_of_day' | 'always';

export interface Consent {
  given_by: string;
  recorded_by: string;
  text: string;
  at: string;
  /** Null means until it is withdrawn. */
  expires_at: string | null;
  withdrawn_at: string | null;
}

export interface Person {
  id: string;
  name: string;
  state: PersonState;
  created_at: string;
  consent: Consent | null;
  samples: number;
  rejections: number;
  visits: number;
  last_seen: string | null;
  tell: Tell;
}

export interface Sample {
  id: string;
  added_at: string;
  source: 'photo' | 'visit' | 'camera';
  quality: number;
  /** Whether its picture is kept. */
  picture: boolean;
}

export interface Rejection {
  id: string;
  added_at: string;
  visit: string | null;
}

export interface PersonDetail extends Person {
  sample_list: Sample[];
  rejection_list: Rejection[];
}

export interface NewConsent {
  given_by: string;
  text: string;
  expires_at?: string;
}

/** A face the hub found in a picture that it refused. */
export interface FoundFace {
  index: number;
  area: Area;
  quality: number;
  flaws: string[];
}

export interface Erased {
  samples: number;
  rejections: number;
  visits: number;
  pictures: number;
  /** What was recorded around their visits, if that was to go too. */
  footage: { segments: number; bytes: number; pictures: number; left: number } | null;
}

export interface Stranger {
  visitor: number;
  faces: number;
  first_seen: string;
  last_seen: string;
  /** Newest last. */
  visits: string[];
}

export type Privacy = 'strict' | 'moderate' | 'minimal';
export const PRIVACY_LEVELS: readonly Privacy[] = ['strict', 'moderate', 'minimal'];

export interface FaceSettings {
  privacy: Privacy;
  keep_pictures: boolean;
  retention_days: number;
}

export interface Faces {
  available: boolean;
  /** Why not, in one line. */
  reason: string | null;
  model: { sha256: string; detector: string } | null;
  threshold: number;
  settings: FaceSettings;
  cameras: { camera: string; name: string; faces: boolean; visits: boolean }[];
}

/** People who are spoken of together, in rules. */
export interface Group {
  id: string;
  name: string;
  members: string[];
  /** Rules whose conditions name it. */
  rules: string[];
}

export interface NewGroup {
  name: string;
  members: string[];
}

/** As many as the hub takes. */
export const GROUPS_MAX = 32;
export const MEMBERS_MAX = 256;

/** Who may look at people and change what is known of them. */
export const PEOPLE_ROLE = 'admin';

export const people = {
  list: () => json<{ people: Person[] }>('GET', '/people').then((answer) => answer.people),
  get: (id: string) => json<PersonDetail>('GET', `/people/${id}`),
  add: (name: string, consent: NewConsent | null) => json<Person>('POST', '/people', { body: { name, consent } }),
  change: (id: string, body: { name?: string; tell?: Tell }) => json<Person>('PATCH', `/people/${id}`, { body }),
  consent: (id: string, body: NewConsent) => json<Person>('PUT', `/people/${id}/consent`, { body }),
  withdraw: (id: string) => json<Person>('DELETE', `/people/${id}/consent`),
  addPhoto: (id: string, photo: Blob, face: number | null) => upload<Sample>(`/people/${id}/samples`, photo, { face }),
  addFromCamera: (id: string, body: { camera: string; at?: string; face?: number }) => json<Sample>('POST', `/people/${id}/samples/camera`, { body }),
  addFromVisit: (id: string, visit: string, face: number) => json<Sample>('POST', `/people/${id}/samples/visit`, { body: { visit, face } }),
  removeSample: (id: string, sample: string) => json<void>('DELETE', `/people/${id}/samples/${sample}`, { keepalive: true }),
  removeRejection: (id: string, rejection: string) => json<void>('DELETE', `/people/${id}/rejections/${rejection}`),
  exported: (id: string) => json<unknown>('GET', `/people/${id}/export`),
  erase: (id: string, footage: boolean) => json<Erased>('DELETE', `/people/${id}?footage=${footage}`),
  ignoreStranger: (visitor: number) => json<void>('POST', `/people/unknown/${visitor}/ignore`),
  splitStranger: (visitor: number) => json<void>('POST', `/people/unknown/${visitor}/split`),
  unknown: () => json<{ visitors: Stranger[] }>('GET', '/people/unknown').then((answer) => answer.visitors),
};

export const groups = {
  list: () => json<{ groups: Group[] }>('GET', '/people/groups').then((answer) => answer.groups),
  add: (body: NewGroup) => json<Group>('POST', '/people/groups', { body }),
  change: (id: string, body: NewGroup) => json<Group>('PUT', `/people/groups/${id}`, { body }),
  remove: (id: string) => json<void>('DELETE', `/people/groups/${id}`, { keepalive: true }),
};

export const faces = {
  get: () => json<Faces>('GET', '/faces'),
  change: (body: Partial<FaceSettings>) => json<Faces>('PATCH', '/faces', { body }),
};

export const samplePicture = (person: string, sample: string): string => address(`/people/${person}/samples/${sample}/picture.jpg`);
