// What the alarm is said to be.

import type { AlarmView } from '../api/alarm.ts';
import { t } from '../text/text.ts';
import { length } from '../time/show.ts';
import type { IconName } from './icon-names.ts';

/** What is left of a delay, like `0:43`. */
export const leftOf = (until: string, now: number): string => length(Math.max(0, Date.parse(until) - now));

/** `Armed: Away`, `Leave: 0:43`. */
export function alarmWords(view: AlarmView, now: number): string {
  switch (view.state) {
    case 'disarmed':
      return t('alarm.disarmed');
    case 'armed':
      return t('alarm.armed', { mode: t(`mode.${view.mode}`) });
    case 'arming':
      return t('alarm.arming', { mode: t(`mode.${view.mode}`), left: leftOf(view.until, now) });
    case 'entering':
      return t('alarm.entering', { left: leftOf(view.until, now) });
    case 'triggered':
      return t('alarm.triggered');
  }
}

export const alarmIcon = ({ state }: AlarmView): IconName => (state === 'disarmed' ? 'lock-open' : state === 'triggered' ? 'siren' : state === 'armed' ? 'lock' : 'clock');
