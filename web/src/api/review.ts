// Pictures that a person looks through so that the model learns what it got wrong.

import { address, json } from './request.ts';
import type { Area } from './visits.ts';

export type ReviewState = 'waiting' | 'done' | 'skipped';
export type ReviewReason = 'unsure' | 'corrected' | 'sampled';

export interface ReviewBox {
  label: string;
  area: Area;
  /** Null where a person drew it. */
  score: number | null;
}

export interface ReviewItem {
  id: string;
  event: string;
  camera: string;
  at: string;
  reason: ReviewReason;
  width: number;
  height: number;
  boxes: ReviewBox[];
  state: ReviewState;
  by: string | null;
  picture: string;
}

export interface ReviewPage {
  items: ReviewItem[];
  next: string | null;
  counts: Record<ReviewState, number>;
  is_on: boolean;
}

export interface ReviewSettings {
  is_on: boolean;
  /** Below this the model counts as unsure; 0 to 1. */
  below_score: number;
  per_day_max: number;
  keep_days: number;
}

export interface Drift {
  camera: string;
  label: string;
  samples: number;
  mean: number;
  recent_mean: number;
  state: 'steady' | 'shifted' | 'outliers' | 'insufficient_data';
  since: string | null;
}

/** Who may look through the queue; what is kept for it is for administrators. */
export const REVIEW_ROLE = 'operator';
export const PER_DAY_MAX = 1_000;
export const KEEP_DAYS_MAX = 365;

const sent = (boxes: readonly ReviewBox[]): Pick<ReviewBox, 'label' | 'area'>[] => boxes.map(({ label, area }) => ({ label, area }));

export const review = {
  list: (query: { state: ReviewState; reason?: string; before?: string | null; limit: number }) => json<ReviewPage>('GET', '/review', { query }),
  put: (id: string, boxes: readonly ReviewBox[], state: ReviewState) => json<ReviewItem>('PUT', `/review/${id}`, { body: { boxes: sent(boxes), state } }),
  remove: (id: string) => json<void>('DELETE', `/review/${id}`),
  correct: (event: string, label: string | null) => json<ReviewItem>('POST', `/events/${event}/correct`, { body: { label } }),
  settings: () => json<ReviewSettings>('GET', '/review/settings'),
  setSettings: (body: ReviewSettings) => json<ReviewSettings>('PUT', '/review/settings', { body }),
  drift: () => json<{ rows: Drift[] }>('GET', '/review/drift').then((answer) => answer.rows),
};

export const reviewExport = (format: 'coco' | 'yolo'): string => address('/review/export', { format, state: 'done' });
