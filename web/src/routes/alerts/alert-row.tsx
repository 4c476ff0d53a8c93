// One alert in a list: how bad in a word first, what, where, how often, since when, and when it is told again.

import type { Incident } from '../../api/incidents.ts';
import type { Severity } from '../../api/types.ts';
import { Icon } from '../../components/icon.tsx';
import { cameraNamed } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { age, moment } from '../../time/show.ts';

const BADGES: Record<Severity, string> = { info: 'badge', warning: 'badge badge-warn', critical: 'badge badge-bad' };

export const SeverityBadge = ({ severity }: { severity: Severity }) => <span class={BADGES[severity]}>{t(`severity.${severity}`)}</span>;

/** The cameras that took part, by the names that the reader may see. */
export const camerasOf = (incident: Incident): string => (incident.cameras ?? []).map((camera) => cameraNamed(camera)?.name ?? t('event.removed_camera')).join(', ');

interface Properties {
  incident: Incident;
  /** Missing where rows cannot be chosen. */
  choice?: { isChosen: boolean; toggle: () => void } | undefined;
}

export function AlertRow({ incident, choice }: Properties) {
  const now = second.value;
  const due = incident.escalates_at ? Date.parse(incident.escalates_at) - now : null;
  const where = camerasOf(incident);
  return (
    <li class="settings-row alert-row" data-testid="alert-row" data-state={incident.state} data-incident={incident.id}>
      {choice && (
        <label class="alert-choice">
          <input type="checkbox" checked={choice.isChosen} onChange={choice.toggle} aria-label={t('alerts.choose', { title: incident.title })} data-testid="alert-choose" />
        </label>
      )}
      <a href={`/alerts/${incident.id}`}>
        <SeverityBadge severity={incident.severity} />
        <span class="grow">
          <span class="strong" dir="auto">
            {incident.title}
          </span>
          <span class="muted">
            {t(`incident.${incident.state}`)} · {moment(Date.parse(incident.opened_at), now)}
            {where !== '' && <span dir="auto"> · {where}</span>}
            {incident.count > 1 && ` · ${t('incident.count', { n: incident.count })}`}
            {due !== null && due > 0 && ` · ${t('incident.escalates', { age: age(due) })}`}
          </span>
        </span>
        <Icon name="chevron-right" />
      </a>
    </li>
  );
}
