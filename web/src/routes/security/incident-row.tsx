// One incident in a list: how bad in a word first, what, how often, since when.

import type { Incident } from '../../api/incidents.ts';
import type { Severity } from '../../api/types.ts';
import { Icon } from '../../components/icon.tsx';
import { hubNow } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { age, moment } from '../../time/show.ts';

const BADGES: Record<Severity, string> = { info: 'badge', warning: 'badge badge-warn', critical: 'badge badge-bad' };

export const SeverityBadge = ({ severity }: { severity: Severity }) => <span class={BADGES[severity]}>{t(`severity.${severity}`)}</span>;

export function IncidentRow({ incident }: { incident: Incident }) {
  const now = hubNow();
  const due = incident.escalates_at ? Date.parse(incident.escalates_at) - now : null;
  return (
    <li class="settings-row" data-testid="incident-row" data-state={incident.state}>
      <a href={`/security/incidents/${incident.id}`}>
        <SeverityBadge severity={incident.severity} />
        <span class="grow">
          <span class="strong" dir="auto">
            {incident.title}
          </span>
          <span class="muted">
            {t(`incident.${incident.state}`)} · {moment(Date.parse(incident.opened_at), now)}
            {incident.count > 1 && ` · ${t('incident.count', { n: incident.count })}`}
            {due !== null && due > 0 && ` · ${t('incident.escalates', { age: age(due) })}`}
          </span>
        </span>
        <Icon name="chevron-right" />
      </a>
    </li>
  );
}
