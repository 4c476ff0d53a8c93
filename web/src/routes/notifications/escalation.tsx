// Whom else is told when nobody answers: steps that begin so long after the matter did, until somebody acknowledges it.

import { useState } from 'preact/hooks';

import { notifications as api, type Escalation, type Recipient } from '../../api/notifications.ts';
import type { Severity } from '../../api/types.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { isRising, withStep } from './steps.ts';

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];
const STEPS_MAX = 8;
const MINUTE_S = 60;
const MINUTES_MAX = 1440;

export function EscalationCard({ escalation, recipients, again }: { escalation: Escalation; recipients: readonly Recipient[]; again: () => void }) {
  const [draft, setDraft] = useState(escalation);
  const { busy, error, run } = useAction();
  const isChanged = JSON.stringify(draft) !== JSON.stringify(escalation);
  const isWhole = isRising(draft.steps) && draft.steps.every((step) => step.recipients.length > 0);
  const save = async (): Promise<void> => {
    if (!(await run(() => api.setEscalation(draft)))) return;
    succeeded(t('escalation.saved'));
    again();
  };
  const change = (index: number, next: Partial<Escalation['steps'][number]>): void => setDraft({ ...draft, steps: draft.steps.map((step, at) => (at === index ? { ...step, ...next } : step)) });
  return (
    <section class="card" aria-labelledby="escalation" data-testid="escalation">
      <h2 id="escalation">{t('escalation.title')}</h2>
      <p class="muted">{t('escalation.text')}</p>
      <div class="field">
        <label for="escalation-severity">{t('escalation.severity')}</label>
        <select id="escalation-severity" value={draft.severity} onChange={(event) => setDraft({ ...draft, severity: event.currentTarget.value as Severity })}>
          {SEVERITIES.map((severity) => (
            <option key={severity} value={severity}>
              {t(`severity_from.${severity}`)}
            </option>
          ))}
        </select>
      </div>
      {draft.steps.length === 0 && <p>{t('escalation.none')}</p>}
      <ol class="rule-list">
        {draft.steps.map((step, index) => (
          <li key={index} class="rule" data-testid="step">
            <fieldset>
              <legend class="visually-hidden">{t('escalation.step', { n: index + 1 })}</legend>
              <div class="row">
                <label class="row">
                  {t('escalation.after')}
                  <input type="number" class="small-input tabular short" min={1} max={MINUTES_MAX} value={Math.round(step.after_seconds / MINUTE_S)} onInput={(event) => change(index, { after_seconds: Number(event.currentTarget.value) * MINUTE_S })} />
                </label>
                <span class="spacer" />
                <button type="button" class="icon-button" aria-label={t('escalation.remove', { n: index + 1 })} title={t('escalation.remove', { n: index + 1 })} onClick={() => setDraft({ ...draft, steps: draft.steps.filter((_, at) => at !== index) })}>
                  <Icon name="trash-2" />
                </button>
              </div>
              <div class="filter-chips" role="group" aria-label={t('escalation.who', { n: index + 1 })}>
                {recipients.map((recipient) => (
                  <button
                    key={recipient.id}
                    type="button"
                    class="filter-chip"
                    dir="auto"
                    aria-pressed={step.recipients.includes(recipient.id)}
                    onClick={() => change(index, { recipients: step.recipients.includes(recipient.id) ? step.recipients.filter((id) => id !== recipient.id) : [...step.recipients, recipient.id] })}
                  >
                    {recipient.name}
                  </button>
                ))}
              </div>
            </fieldset>
          </li>
        ))}
      </ol>
      {!isRising(draft.steps) && <p class="field-error">{t('escalation.order')}</p>}
      <FormError text={error} />
      <div class="row">
        <button type="button" class="button" disabled={draft.steps.length >= STEPS_MAX || recipients.length === 0} onClick={() => setDraft({ ...draft, steps: withStep(draft.steps) })} data-testid="step-add">
          <Icon name="plus" />
          {t('escalation.add')}
        </button>
        {isChanged && (
          <HubButton kind="primary" busy={busy || !isWhole} onClick={() => void save()} testid="escalation-save">
            {t('action.save')}
          </HubButton>
        )}
      </div>
    </section>
  );
}
