// A rule as a tree that is edited from outside in: a path names a part by its numbers. Pure.

import type { Action, ActionKind, Condition, Happens, Rule, TestKind, Vocabulary } from '../../api/rules.ts';

export type Path = readonly number[];
export type GroupKind = 'all' | 'any';

/** Deeper trees are not understood by people; the hub takes a few levels more. */
export const DEPTH_SHOWN = 4;
export const ACTIONS_MAX = 16;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const COOLDOWN_USUAL = MINUTE;
const PRIORITY_USUAL = 50;

/** What is seen, and who comes by: the kinds of facts behind the words. */
export const SEEN = ['activity_noticed', 'activity_recognized'];
export const VISITS = ['visit_began', 'visit_changed'];

/** The parts of a group; none for a test. */
export function partsOf(condition: Condition): Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  return 'not' in condition ? [condition.not] : [];
}

export const isGroup = (condition: Condition): condition is { all: Condition[] } | { any: Condition[] } => 'all' in condition || 'any' in condition;
export const groupKind = (condition: Condition): GroupKind => ('any' in condition ? 'any' : 'all');

export const grouped = (kind: GroupKind, parts: Condition[]): Condition => (kind === 'all' ? { all: parts } : { any: parts });

/** How many tests it has; they are numbered from left to right. */
export const testCount = (condition: Condition): number => (isGroup(condition) || 'not' in condition ? partsOf(condition).reduce((sum, part) => sum + testCount(part), 0) : 1);

/** All tests from left to right. */
export const testsOf = (condition: Condition): Condition[] => (isGroup(condition) || 'not' in condition ? partsOf(condition).flatMap(testsOf) : [condition]);

/** The number of the first test of part `index`, if the first one of the whole is `first`. */
export const numberOf = (parts: readonly Condition[], index: number, first: number): number => first + parts.slice(0, index).reduce((sum, part) => sum + testCount(part), 0);

/** With something else at a place; null takes it out, and with the last part goes the group. */
export function replaced(condition: Condition, path: Path, next: Condition | null): Condition | null {
  const [index, ...rest] = path;
  if (index === undefined) return next;
  if ('not' in condition) {
    const inner = replaced(condition.not, rest, next);
    return inner && { not: inner };
  }
  if (!isGroup(condition)) return condition;
  const parts = partsOf(condition).flatMap((part, at) => {
    const kept = at === index ? replaced(part, rest, next) : part;
    return kept ? [kept] : [];
  });
  return parts.length === 0 ? null : grouped(groupKind(condition), parts);
}

/** With one more part: of the group, or beside what stood alone. */
export const added = (condition: Condition, part: Condition): Condition => (isGroup(condition) ? grouped(groupKind(condition), [...partsOf(condition), part]) : { all: [condition, part] });

/** The same, or its opposite. */
export const negated = (condition: Condition): Condition => ('not' in condition ? condition.not : { not: condition });

export const kindOfAction = (action: Action): ActionKind => Object.keys(action)[0] as ActionKind;

const seen = (vocabulary: Vocabulary): Happens => ({ kinds: [...SEEN], ...(vocabulary.labels.includes('person') ? { labels: ['person'] } : {}) });
const setting = (vocabulary: Vocabulary) => vocabulary.devices.find((device) => (device.parts?.length ?? 0) > 0);
const measuring = (vocabulary: Vocabulary) => vocabulary.devices.find((device) => (device.readings?.length ?? 0) > 0);

/** A test to begin with. */
export function newTest(kind: TestKind, vocabulary: Vocabulary): Condition {
  const { kinds: _, ...activity } = seen(vocabulary);
  const device = setting(vocabulary);
  const meter = measuring(vocabulary);
  const tests: Record<TestKind, Condition> = {
    happens: { happens: seen(vocabulary) },
    count: { count: { of: seen(vocabulary), at_least: 3, within_seconds: 10 * MINUTE } },
    absent: { absent: { of: { kinds: [...VISITS] }, for_seconds: 24 * HOUR } },
    stays: { stays: { of: activity, for_seconds: 5 * MINUTE } },
    mode: { mode: { is: ['home', 'away', 'night', 'vacation'] } },
    hours: { hours: { from: '22:00', to: '06:00', days: [] } },
    device: { device: { device: device?.id ?? '', control: device?.parts?.[0]?.id ?? '', is: true } },
    reading: { reading: { device: meter?.id ?? '', reading: meter?.readings?.[0] ?? '', above: 0 } },
  };
  return tests[kind];
}

/** Something to do, to begin with. */
export function newAction(kind: ActionKind, vocabulary: Vocabulary, name: string): Action {
  const device = setting(vocabulary);
  const switched = vocabulary.devices.find((one) => one.kind === 'plug' || one.kind === 'light');
  const turning = vocabulary.cameras.find((camera) => camera.parts?.some((part) => part.kind === 'preset'));
  const channel = vocabulary.channels[0]?.id ?? '';
  const actions: Record<ActionKind, Action> = {
    notify: { notify: { to: [], severity: 'warning', picture: true } },
    record: { record: { cameras: [], seconds: MINUTE } },
    hold_clip: { hold_clip: { before_seconds: 10, after_seconds: 30, days: 30 } },
    alert: { alert: { severity: 'warning', title: name } },
    siren: { siren: { devices: [], seconds: MINUTE } },
    switch: { switch: { device: switched?.id ?? '', on: true } },
    set: { set: { device: device?.id ?? '', control: device?.parts?.[0]?.id ?? '', value: true } },
    preset: { preset: { camera: turning?.id ?? '', preset: turning?.parts?.find((part) => part.kind === 'preset')?.id ?? '' } },
    privacy: { privacy: { on: true } },
    arm: { arm: { mode: 'night' } },
    webhook: { webhook: { channel } },
    mqtt: { mqtt: { channel, topic: '', payload: '' } },
    log: { log: {} },
  };
  return actions[kind];
}

/** A rule that is off until somebody switches it on. */
export const newRule = (name: string, when: Condition, then: Action[], more: Partial<Rule> = {}): Rule => ({ version: 1, name, is_on: false, priority: PRIORITY_USUAL, when, for_seconds: 0, cooldown_seconds: COOLDOWN_USUAL, then, ...more });

/** Whether it can be true in a moment only; what lasts can be asked for how long. As the hub judges it. */
export function isMomentary(condition: Condition): boolean {
  const judge = (one: Condition, isOpposite: boolean): boolean => {
    if ('happens' in one || 'count' in one) return true;
    if ('not' in one) return judge(one.not, !isOpposite);
    if (!isGroup(one)) return false;
    const isSome = ('all' in one) !== isOpposite;
    const parts = partsOf(one);
    return isSome ? parts.some((part) => judge(part, isOpposite)) : parts.every((part) => judge(part, isOpposite));
  };
  return judge(condition, false);
}

export type Gap = 'name' | 'nothing_done' | 'mode' | 'bound' | 'device' | 'camera' | 'channel' | 'words';

function gapOfTest(condition: Condition): Gap | null {
  if ('mode' in condition) return condition.mode.is.length === 0 ? 'mode' : null;
  if ('reading' in condition) return condition.reading.device === '' || condition.reading.reading === '' ? 'device' : condition.reading.above == null && condition.reading.below == null ? 'bound' : null;
  if ('device' in condition) return condition.device.device === '' || condition.device.control === '' ? 'device' : null;
  return null;
}

function gapOfAction(action: Action): Gap | null {
  if ('switch' in action) return action.switch.device === '' ? 'device' : null;
  if ('set' in action) return action.set.device === '' || action.set.control === '' ? 'device' : null;
  if ('preset' in action) return action.preset.camera === '' || action.preset.preset === '' ? 'camera' : null;
  if ('webhook' in action) return action.webhook.channel === '' ? 'channel' : null;
  if ('mqtt' in action) return action.mqtt.channel === '' ? 'channel' : action.mqtt.topic.trim() === '' ? 'words' : null;
  return 'alert' in action && action.alert.title.trim() === '' ? 'words' : null;
}

/** The first thing that is still to be chosen, before the hub is asked about the rule; null if it is whole. */
export function gapOf(rule: Rule): Gap | null {
  if (rule.name.trim() === '') return 'name';
  const open = testsOf(rule.when).map(gapOfTest).find((gap) => gap !== null);
  if (open) return open;
  return rule.then.length === 0 ? 'nothing_done' : rule.then.map(gapOfAction).find((gap) => gap !== null) ?? null;
}

export const UNITS = { second: 1, minute: MINUTE, hour: HOUR, day: 24 * HOUR } as const;
export type Unit = keyof typeof UNITS;

/** A time in the largest unit that says it exactly. */
export function inUnit(seconds: number): { count: number; unit: Unit } {
  const unit = (['day', 'hour', 'minute'] as const).find((one) => seconds >= UNITS[one] && seconds % UNITS[one] === 0) ?? 'second';
  return { count: seconds / UNITS[unit], unit };
}
