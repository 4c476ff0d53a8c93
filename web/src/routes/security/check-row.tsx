// One promise that was checked: how it ended in a word with a shape, what was seen, what to do.

import type { Check } from '../../api/security.ts';
import { Icon } from '../../components/icon.tsx';
import type { IconName } from '../../components/icon-names.ts';
import { t } from '../../text/text.ts';

const ICONS: Record<Check['outcome'], IconName> = { ok: 'check', failed: 'triangle-alert', skipped: 'minus' };
const BADGES: Record<Check['outcome'], string> = { ok: 'badge badge-ok', failed: 'badge badge-bad', skipped: 'badge' };

export function CheckRow({ check }: { check: Check }) {
  return (
    <li class="list-row" data-testid="check" data-state={check.outcome}>
      <span class={`${BADGES[check.outcome]} check-badge`}>
        <Icon name={ICONS[check.outcome]} size={12} />
        {t(`outcome.${check.outcome}`)}
      </span>
      <div class="grow">
        <p class="strong">
          {check.title} {check.promise && <span class="muted code nowrap">{check.promise}</span>}
        </p>
        <p class={check.outcome === 'failed' ? 'small' : 'small muted'} dir="auto">
          {check.detail}
        </p>
      </div>
    </li>
  );
}

/** What failed first, then what was not checked. */
export const worstFirst = (checks: readonly Check[]): Check[] => {
  const rank = { failed: 0, skipped: 1, ok: 2 };
  return [...checks].sort((a, b) => rank[a.outcome] - rank[b.outcome]);
};
