// When to try again after a lost connection. Pure.

const WAITS_S = [1, 2, 4, 8, 15] as const;
const JITTER = 0.2;

/** Milliseconds before try number `attempt` (0 is the first); `random` is from 0 to 1. */
export function retryWait(attempt: number, random: number): number {
  const seconds = WAITS_S[Math.min(attempt, WAITS_S.length - 1)] ?? 15;
  return Math.round(seconds * 1000 * (1 + JITTER * (2 * random - 1)));
}
