// Some actions need the password once more when the sign-in is some minutes old. The action waits, the person is
// asked, and it is tried again.

import { signal } from '@preact/signals';

import { ApiError } from '../api/request.ts';

interface Asking {
  done: (proved: boolean) => void;
}

/** The question that waits for its answer. */
export const asking = signal<Asking | null>(null);

/** The person closed the question: nothing was done, and nothing has failed. */
export class NotProved extends Error {}

function ask(): Promise<boolean> {
  return new Promise((resolve) => {
    asking.value?.done(false);
    asking.value = {
      done: (proved) => {
        asking.value = null;
        resolve(proved);
      },
    };
  });
}

/** Runs an action; if the hub wants a proof first, asks for it and runs it again. */
export async function withProof<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'proof_needed')) throw error;
  }
  if (!(await ask())) throw new NotProved();
  return action();
}
