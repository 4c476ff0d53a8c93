// The steps of an escalation. Pure.

interface Step {
  after_seconds: number;
  recipients: string[];
}

const FIRST_S = 300;
const LATER_S = 600;
const AFTER_MIN_S = 30;
const AFTER_MAX_S = 86_400;

/** One step more, later than all that are there. */
export const withStep = (steps: readonly Step[]): Step[] => [...steps, { after_seconds: steps.length === 0 ? FIRST_S : Math.min(AFTER_MAX_S, (steps.at(-1)?.after_seconds ?? 0) + LATER_S), recipients: [] }];

/** Each step comes after the one before, and none too soon or too late. */
export const isRising = (steps: readonly Step[]): boolean =>
  steps.every((step, index) => step.after_seconds >= AFTER_MIN_S && step.after_seconds <= AFTER_MAX_S && (index === 0 || step.after_seconds > (steps[index - 1]?.after_seconds ?? 0)));
