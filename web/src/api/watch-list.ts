// The watch list: people a house looks out for without having asked them, and faces that wait for a person to look at
// them.

import { address, json, upload } from './request.ts';
import type { Visit } from './visits.ts';

/** Headings of a published list. */
export const PUBLISHED_CLASSES = ['ten', 'terrorist', 'default'] as const;
export type PublishedClass = (typeof PUBLISHED_CLASSES)[number];

/** As many as the hub takes from a published list. */
export const PUBLISHED_MAX = 200;

export interface ImportSettings {
  is_on: boolean;
  url: string;
  classes: PublishedClass[];
  most: number;
  /** Entries that somebody took off by hand: they do not come back. */
  left_out: string[];
}

export interface WatchListSettings {
  /** Whether faces are compared with the list. */
  is_on: boolean;
  import: ImportSettings;
}

export type WatchedSource =
  | { kind: 'house'; added_by: string }
  | { kind: 'published'; uid: string; url: string; class: PublishedClass; published: string | null; modified: string; seen_at: string };

export interface WatchedFace {
  id: string;
  added_at: string;
  quality: number;
  /** Whether its picture is kept. */
  picture: boolean;
}

export interface Watched {
  id: string;
  name: string;
  reason: string;
  source: WatchedSource;
  added_at: string;
  /** Then all of them is erased. */
  ends_at: string;
  faces: WatchedFace[];
  /** Faces of which somebody said that they are not theirs. */
  rejections: number;
}

/** A face that is like somebody's on the list, until a person has looked. */
export interface Waiting {
  visit: string;
  face: number;
  camera: string;
  camera_name: string | null;
  at: string;
  watched: string;
  name: string;
  reason: string;
  /** The part of the good views that say so. */
  share: number;
  /** Whether the face is still remembered. */
  picture: boolean;
}

export interface LastImport {
  at: string | null;
  /** Why it was not read to its end; nobody was taken off then. */
  error: string | null;
  listed: number;
  kept: number;
  added: number;
  removed: number;
  unusable: number;
  hosts: string[];
}

export interface WatchList {
  settings: WatchListSettings;
  threshold: number;
  /** In the order they were added. */
  people: Watched[];
  /** Newest first. */
  waiting: Waiting[];
  importing: boolean;
  last_import: LastImport;
}

export interface NewWatched {
  name: string;
  reason: string;
  ends_at: string;
}

const person = (id: string): string => `/watch-list/people/${id}`;

export const watchList = {
  get: () => json<WatchList>('GET', '/watch-list'),
  set: (body: WatchListSettings) => json<WatchList>('PUT', '/watch-list/settings', { body }),
  /** Begins to read the published list; the list tells how it goes. */
  read: () => json<WatchList>('POST', '/watch-list/import'),
  /** Takes off everybody whom the published list named, and reads it no more. */
  takeBack: () => json<WatchList>('DELETE', '/watch-list/import'),
  add: (body: NewWatched) => json<Watched>('POST', '/watch-list/people', { body }),
  change: (id: string, body: NewWatched) => json<Watched>('PUT', person(id), { body }),
  remove: (id: string) => json<void>('DELETE', person(id)),
  addPhoto: (id: string, photo: Blob, face: number | null) => upload<Watched>(`${person(id)}/faces`, photo, { face }),
  addFromVisit: (id: string, visit: string, face: number) => json<Watched>('POST', `${person(id)}/faces/visit`, { body: { visit, face } }),
  removeFace: (id: string, face: string) => json<void>('DELETE', `${person(id)}/faces/${face}`, { keepalive: true }),
  /** What a person says of a face that waits. */
  review: (visit: string, face: number, isThem: boolean) => json<Visit>('POST', `/visits/${visit}/faces/${face}/watch`, { body: { is_them: isThem } }),
};

export const watchedPicture = (id: string, face: string): string => address(`${person(id)}/faces/${face}/picture.jpg`);
