// What a condition and an action are called in the reader's language, for histories and findings.

import type { Action, Condition, Happens, Thing, Value, Vocabulary } from '../../api/rules.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal, weekdayName } from '../../time/show.ts';
import { WEEKDAYS } from '../settings/schedule.ts';
import { SEEN, VISITS, inUnit, type Unit } from './tree.ts';

const UNIT_KEYS = { second: 'time_unit.second', minute: 'time_unit.minute', hour: 'time_unit.hour', day: 'time_unit.day' } as const satisfies Record<Unit, string>;

/** `5 minutes`. */
export function duration(seconds: number): string {
  const { count, unit } = inUnit(seconds);
  return t(UNIT_KEYS[unit], { n: count });
}

export const VERBS = { seen: SEEN, visit: VISITS, gone: ['activity_ended'], ring: ['ring'], anything: [] } as const;
export type Verb = keyof typeof VERBS;

/** Other facts that a rule may wait for, one at a time. */
export const OTHER_KINDS = ['camera_state_changed', 'recording_stopped', 'recording_resumed', 'device_noticed', 'device_state_changed', 'device_control_changed', 'device_limit_reached', 'alarm_changed', 'house_privacy_changed', 'sign_in_failed', 'incident_opened'] as const;

const isSame = (one: readonly string[], other: readonly string[]): boolean => one.length === other.length && one.every((kind) => other.includes(kind));

/** The verb for these kinds, or null where a rule names others. */
export const verbOf = (kinds: readonly string[]): Verb | null => (Object.keys(VERBS) as Verb[]).find((verb) => isSame(VERBS[verb], kinds)) ?? null;

export function verbWords(kinds: readonly string[]): string {
  const verb = verbOf(kinds);
  return verb ? t(`verb.${verb}`) : kinds.map((kind) => tCode('kind', kind)).join(t('chip.or'));
}

export const nameIn = (things: readonly Thing[], id: string): string => things.find((thing) => thing.id === id)?.name ?? t('chip.gone');
const namesIn = (things: readonly Thing[], ids: readonly string[]): string => ids.map((id) => nameIn(things, id)).join(t('chip.or'));

export function whoWords(of: Happens, vocabulary: Vocabulary): string {
  const { who } = of;
  if (!who) return '';
  if (typeof who === 'string') return t(`who.${who}`);
  return 'people' in who ? namesIn(vocabulary.people, who.people) : t('who.of_group', { group: nameIn(vocabulary.groups ?? [], who.group) });
}

const happensWords = (of: Happens, vocabulary: Vocabulary): string =>
  [
    whoWords(of, vocabulary),
    (of.labels ?? []).map((label) => tCode('label', label)).join(t('chip.or')),
    of.kinds && of.kinds.length > 0 ? verbWords(of.kinds) : '',
    (of.cameras ?? []).length > 0 ? t('word.at', { place: namesIn(vocabulary.cameras, of.cameras ?? []) }) : '',
    (of.devices ?? []).length > 0 ? t('word.at', { place: namesIn(vocabulary.devices, of.devices ?? []) }) : '',
  ].filter(Boolean).join(' ') || t('verb.anything');

export const valueWords = (value: Value): string => (typeof value === 'boolean' ? (value ? t('control.is_on') : t('control.is_off')) : typeof value === 'number' ? decimal(value, Number.isInteger(value) ? 0 : 1) : tCode('option', value));

/** A test in words; groups only name their parts. */
export function testWords(condition: Condition, vocabulary: Vocabulary): string {
  if ('happens' in condition) return happensWords(condition.happens, vocabulary);
  if ('count' in condition) return t('word.count', { what: happensWords(condition.count.of, vocabulary), n: condition.count.at_least, time: duration(condition.count.within_seconds) });
  if ('absent' in condition) return t('word.absent', { what: happensWords(condition.absent.of, vocabulary), time: duration(condition.absent.for_seconds) });
  if ('stays' in condition) return t('word.stays', { what: happensWords(condition.stays.of, vocabulary), time: duration(condition.stays.for_seconds) });
  if ('mode' in condition) return t('word.mode', { mode: condition.mode.is.map((mode) => t(`mode.${mode}`)).join(t('chip.or')) });
  if ('hours' in condition) return t('word.hours', { from: condition.hours.from, to: condition.hours.to, days: daysWords(condition.hours.days ?? []) });
  if ('device' in condition) return t('word.device', { device: nameIn(vocabulary.devices, condition.device.device), control: tCode('control', condition.device.control), value: valueWords(condition.device.is) });
  if ('reading' in condition) {
    const { device, reading, above, below } = condition.reading;
    const values = { device: nameIn(vocabulary.devices, device), reading: tCode('reading', reading) };
    return above != null ? t('word.above', { ...values, value: above }) : t('word.below', { ...values, value: below ?? 0 });
  }
  if ('not' in condition) return `${t('word.not')} ${testWords(condition.not, vocabulary)}`;
  const parts = 'all' in condition ? condition.all : condition.any;
  return parts.map((part) => testWords(part, vocabulary)).join('all' in condition ? t('word.and') : t('chip.or'));
}

export const daysWords = (days: readonly string[]): string => (days.length === 0 ? t('word.every_day') : WEEKDAYS.flatMap((day, index) => (days.includes(day) ? [weekdayName(index, 'short')] : [])).join(' '));

/** An action in words. */
export function actionWords(action: Action, vocabulary: Vocabulary): string {
  const device = (id: string): string => nameIn(vocabulary.devices, id);
  const on = (isOn: boolean): string => (isOn ? t('control.is_on') : t('control.is_off'));
  if ('notify' in action) return t('did.notify', { who: action.notify.to.length === 0 ? t('rule.everybody') : namesIn(vocabulary.recipients, action.notify.to) });
  if ('record' in action) return t('did.record', { time: duration(action.record.seconds) });
  if ('hold_clip' in action) return t('did.hold_clip', { n: action.hold_clip.days });
  if ('alert' in action) return t('did.alert', { title: action.alert.title });
  if ('siren' in action) return action.siren.seconds === 0 ? t('did.silence') : t('did.siren', { time: duration(action.siren.seconds) });
  if ('switch' in action) return t('did.switch', { device: device(action.switch.device), value: on(action.switch.on) });
  if ('set' in action) return t('did.set', { device: device(action.set.device), control: tCode('control', action.set.control), value: valueWords(action.set.value) });
  if ('preset' in action) return t('did.preset', { camera: nameIn(vocabulary.cameras, action.preset.camera), preset: action.preset.preset });
  if ('privacy' in action) return t('did.privacy', { value: on(action.privacy.on) });
  if ('arm' in action) return t('did.arm', { mode: t(`mode.${action.arm.mode}`) });
  if ('webhook' in action) return t('did.webhook', { channel: nameIn(vocabulary.channels, action.webhook.channel) });
  if ('mqtt' in action) return t('did.mqtt', { topic: action.mqtt.topic });
  return t('did.log');
}
