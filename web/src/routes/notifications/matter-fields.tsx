// What somebody is told of: kinds of matters, from which severity, and of which cameras.

import { MATTER_KINDS, type MatterKind, type Subscription } from '../../api/notifications.ts';
import type { Severity } from '../../api/types.ts';
import { cameras } from '../../state/cameras.ts';
import { t } from '../../text/text.ts';
import { withMatter } from './draft.ts';

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];
const OF_CAMERAS: readonly MatterKind[] = ['ring', 'person', 'visit', 'camera_silent'];
const GRADED: readonly MatterKind[] = ['incident', 'camera_silent', 'device_limit', 'rule'];

export function MatterFields({ matters, onChange }: { matters: readonly Subscription[]; onChange: (matters: Subscription[]) => void }) {
  return (
    <fieldset class="field">
      <legend>{t('recipients.matters')}</legend>
      <ul class="matter-list">
        {MATTER_KINDS.map((kind) => {
          const matter = matters.find((one) => one.kind === kind);
          const change = (next: Partial<Subscription> | null): void => onChange(withMatter(matters, kind, next));
          return (
            <li key={kind} data-testid="matter-field" data-kind={kind}>
              <label class="check grow">
                <input type="checkbox" checked={matter !== undefined} onChange={(event) => change(event.currentTarget.checked ? {} : null)} />
                {t(`matter.${kind}`)}
              </label>
              {matter && GRADED.includes(kind) && (
                <select class="small-select" aria-label={t('matters.severity_of', { kind: t(`matter.${kind}`) })} value={matter.severity} onChange={(event) => change({ severity: event.currentTarget.value as Severity })}>
                  {SEVERITIES.map((severity) => (
                    <option key={severity} value={severity}>
                      {t(`severity_from.${severity}`)}
                    </option>
                  ))}
                </select>
              )}
              {matter && OF_CAMERAS.includes(kind) && <Cameras kind={kind} chosen={matter.cameras} onChange={(list) => change({ cameras: list })} />}
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

/** None chosen means all. */
function Cameras({ kind, chosen, onChange }: { kind: MatterKind; chosen: readonly string[]; onChange: (cameras: string[]) => void }) {
  const toggle = (id: string): void => onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <details class="matter-cameras">
      <summary>{chosen.length === 0 ? t('matters.all_cameras') : t('matters.some_cameras', { n: chosen.length })}</summary>
      <div class="filter-chips" role="group" aria-label={t('matters.cameras_of', { kind: t(`matter.${kind}`) })}>
        {(cameras.value ?? []).map((camera) => (
          <button key={camera.id} type="button" class="filter-chip" aria-pressed={chosen.includes(camera.id)} onClick={() => toggle(camera.id)} dir="auto">
            {camera.name}
          </button>
        ))}
      </div>
    </details>
  );
}
