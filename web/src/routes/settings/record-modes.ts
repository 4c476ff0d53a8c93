// The recording modes as choices.

import type { RecordMode } from '../../api/types.ts';
import { t } from '../../text/text.ts';

export const recordModes = (): readonly (readonly [RecordMode, string])[] => [
  ['continuous', t('record_mode.continuous')],
  ['event', t('record_mode.event')],
  ['off', t('record_mode.off')],
];
