// Who is at home, as far as the chosen devices tell: one line on the alarm's card.

import type { PresenceState } from '../../api/alarm.ts';
import { Icon } from '../../components/icon.tsx';
import { second } from '../../state/clock.ts';
import { deviceOf } from '../../state/devices.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';

/** Whoever may not see the devices learns that somebody is home, and not whose device it is. */
function words({ home, empty_since: since }: PresenceState): string {
  if (since !== null) return t('presence.empty_since', { time: moment(Date.parse(since), second.value) });
  const names = home.flatMap((id) => deviceOf(id)?.name ?? []);
  return names.length > 0 ? t('presence.home', { names: names.join(', ') }) : home.length > 0 ? t('presence.somebody') : t('presence.leaving');
}

export function PresenceLine({ presence }: { presence: PresenceState | undefined }) {
  if (!presence?.is_known) return null;
  const isEmpty = presence.empty_since !== null;
  return (
    <p class="presence-line" data-testid="presence-line" data-state={isEmpty ? 'empty' : presence.home.length > 0 ? 'home' : 'leaving'}>
      <Icon name={isEmpty ? 'user-round-x' : 'house'} size={16} />
      <span dir="auto">{words(presence)}</span>
    </p>
  );
}
