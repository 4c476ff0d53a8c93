// How many pictures wait in the review queue, and whether the hub has one: asked once after sign-in.

import { effect, signal, untracked } from '@preact/signals';

import { REVIEW_ROLE, type ReviewPage } from '../api/review.ts';
import { json } from '../api/request.ts';
import { learned, learnedFrom } from './devices.ts';
import { isReady, mayAs } from './session.ts';

// Nothing on the first page needs it.
const FIRST_MS = 3_000;

/** Null until the hub said so. */
export const reviewWaiting = signal<number | null>(null);

async function ask(): Promise<void> {
  try {
    const page = await json<ReviewPage>('GET', '/review', { query: { state: 'waiting', limit: 1 } });
    learned('review', 'there');
    reviewWaiting.value = page.is_on ? page.counts.waiting : null;
  } catch (error) {
    learnedFrom('review', error);
  }
}

/** Begins to count; once. */
export function startReview(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const isIn = isReady.value;
    clearTimeout(timer);
    untracked(() => {
      reviewWaiting.value = null;
      learned('review', 'asking');
      if (isIn && mayAs(REVIEW_ROLE)) timer = setTimeout(() => void ask(), FIRST_MS);
    });
  });
}
