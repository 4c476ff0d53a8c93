// Rules to begin with, made of what this house has. All are off: a person looks at them and switches them on. Pure.

import type { Action, Condition, Rule, Vocabulary } from '../../api/rules.ts';
import type { IconName } from '../../components/icon-names.ts';
import { SEEN, VISITS, newRule } from './tree.ts';

export const TEMPLATES = ['stranger_night', 'ring', 'away_siren', 'left_on', 'cold_room', 'camera_silent', 'baby_pet', 'vehicle_count', 'nobody_came'] as const;
export type TemplateName = (typeof TEMPLATES)[number];

/** What an empty page offers. */
export const STARTERS: readonly TemplateName[] = ['stranger_night', 'ring', 'camera_silent'];

/** What a house needs for it and does not have. */
export type Missing = 'labels' | 'siren' | 'plug' | 'thermometer';

export interface Template {
  name: TemplateName;
  icon: IconName;
  missing: Missing | null;
  /** Nothing while something is missing. */
  build: (title: string) => Rule | null;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
// More than a charger that stands by, less than a lamp.
const LEFT_ON_WATTS = 10;
const COLD_CELSIUS = 16;
// More than who lives there comes and goes by.
const MANY = 5;

const tell = (severity: 'info' | 'warning' | 'critical', picture: boolean): Action => ({ notify: { to: [], severity, picture } });
const seen = (labels: string[]): Condition => ({ happens: { kinds: [...SEEN], labels } });

type Parts = Pick<Rule, 'when' | 'then'> & Partial<Pick<Rule, 'for_seconds' | 'cooldown_seconds' | 'priority'>>;

/** What a template needs, what it looks like, and its parts. */
function describe(name: TemplateName, { devices, labels }: Vocabulary): { icon: IconName; missing?: Missing | undefined; parts: () => Parts } {
  const meter = devices.find((device) => device.kind === 'plug' && device.readings?.includes('power'));
  const thermometer = devices.find((device) => device.readings?.includes('temperature'));
  const hasSiren = devices.some((device) => device.kind === 'siren' || device.parts?.some((part) => part.id === 'siren'));
  const small = ['person', 'cat', 'dog'].filter((label) => labels.includes(label));
  const vehicles = ['car', 'truck', 'bus', 'motorcycle'].filter((label) => labels.includes(label));
  switch (name) {
    case 'stranger_night':
      return { icon: 'user-round-x', parts: () => ({ when: { all: [{ happens: { kinds: [...VISITS], who: 'stranger' } }, { hours: { from: '22:00', to: '06:00', days: [] } }] }, then: [tell('critical', true), { hold_clip: { before_seconds: 10, after_seconds: 30, days: 30 } }], priority: 80 }) };
    case 'ring':
      return { icon: 'bell-ring', parts: () => ({ when: { happens: { kinds: ['ring'] } }, then: [tell('info', true)], cooldown_seconds: 30 }) };
    case 'away_siren':
      return { icon: 'siren', missing: !labels.includes('person') ? 'labels' : !hasSiren ? 'siren' : undefined, parts: () => ({ when: { all: [seen(['person']), { mode: { is: ['away', 'vacation'] } }] }, then: [{ siren: { devices: [], seconds: MINUTE } }, tell('critical', true)], cooldown_seconds: 5 * MINUTE, priority: 90 }) };
    case 'left_on':
      return { icon: 'plug', missing: meter ? undefined : 'plug', parts: () => ({ when: { reading: { device: meter?.id ?? '', reading: 'power', above: LEFT_ON_WATTS } }, then: [tell('warning', false)], for_seconds: 4 * HOUR, cooldown_seconds: 4 * HOUR }) };
    case 'cold_room':
      return { icon: 'thermometer', missing: thermometer ? undefined : 'thermometer', parts: () => ({ when: { reading: { device: thermometer?.id ?? '', reading: 'temperature', below: COLD_CELSIUS } }, then: [tell('warning', false)], for_seconds: 30 * MINUTE, cooldown_seconds: 12 * HOUR }) };
    case 'camera_silent':
      return { icon: 'unplug', parts: () => ({ when: { happens: { kinds: ['camera_state_changed'], details: [{ detail: 'state', is: { one_of: ['reconnecting', 'offline'] } }] } }, then: [tell('warning', false)], cooldown_seconds: 10 * MINUTE }) };
    case 'baby_pet':
      return { icon: 'cat', missing: small.length === 0 ? 'labels' : undefined, parts: () => ({ when: { all: [seen(small), { hours: { from: '20:00', to: '06:00', days: [] } }] }, then: [tell('info', true)], cooldown_seconds: 10 * MINUTE }) };
    case 'vehicle_count':
      return { icon: 'car', missing: vehicles.length === 0 ? 'labels' : undefined, parts: () => ({ when: { count: { of: { kinds: [...SEEN], labels: vehicles }, at_least: MANY, within_seconds: HOUR } }, then: [tell('info', true)], cooldown_seconds: HOUR }) };
    case 'nobody_came':
      return { icon: 'clock', parts: () => ({ when: { absent: { of: { kinds: [...VISITS] }, for_seconds: 24 * HOUR } }, then: [tell('info', false)], cooldown_seconds: 24 * HOUR }) };
  }
}

/** A template in this house. */
export function templateOf(name: TemplateName, vocabulary: Vocabulary): Template {
  const { icon, missing = null, parts } = describe(name, vocabulary);
  return {
    name,
    icon,
    missing,
    build: (title) => {
      if (missing !== null) return null;
      const { when, then, ...more } = parts();
      return newRule(title, when, then, more);
    },
  };
}
