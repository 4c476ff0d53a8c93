// One call of an assistant that waits for a person: exactly what would be done, how long it waits, and three answers.

import { useState } from 'preact/hooks';

import { assistant as api, type Approval, type ApprovalAnswer } from '../api/assistant.ts';
import { second } from '../state/clock.ts';
import { failed, succeeded } from '../state/messages.ts';
import { isMissing } from '../state/devices.ts';
import { reloadAssistant } from '../state/assistant.ts';
import { t } from '../text/text.ts';
import { clockTime } from '../time/show.ts';
import { callText, secondsLeft } from './call-words.ts';
import { HubButton } from './hub-button.tsx';
import { Icon } from './icon.tsx';

export function ApprovalCard({ approval }: { approval: Approval }) {
  const [busy, setBusy] = useState(false);
  const left = secondsLeft(approval.expires_at, second.value);
  const answer = async (given: ApprovalAnswer): Promise<void> => {
    setBusy(true);
    try {
      await api.answer(approval.id, given);
      succeeded(t(`approval_answered.${given}`, { name: approval.name }));
    } catch (error) {
      failed(isMissing(error) ? t('approval.gone') : t('approval.not_answered'), error);
    }
    await reloadAssistant();
    setBusy(false);
  };
  return (
    <div class="approval" data-testid="approval" data-approval={approval.id} data-state={left > 0 ? 'waiting' : 'expired'}>
      <Icon name="bot" size={24} />
      <div class="grow">
        <p class="strong" dir="auto">
          {t('approval.wants', { name: approval.name, what: approval.text })}
        </p>
        <p class="code approval-call" dir="ltr">
          {callText(approval.tool, approval.arguments)}
        </p>
        <p class="small muted">
          <span>{t('approval.untrusted')}</span> <span class="visually-hidden">{t('approval.until', { time: clockTime(Date.parse(approval.expires_at)) })}</span>
          <span class="tabular strong" aria-hidden="true" data-testid="approval-left">
            {left > 0 ? t('approval.left', { n: left }) : t('approval.over')}
          </span>
        </p>
      </div>
      <div class="row">
        <HubButton busy={busy || left === 0} onClick={() => void answer('once')} testid="approve-once" label={t('approval.once_of', { what: approval.text })}>
          {t('approval.once')}
        </HubButton>
        <HubButton busy={busy || left === 0} onClick={() => void answer('hour')} testid="approve-hour" label={t('approval.hour_of', { tool: approval.tool })}>
          {t('approval.hour')}
        </HubButton>
        <HubButton kind="primary" busy={busy || left === 0} onClick={() => void answer('deny')} testid="approve-deny" label={t('approval.deny_of', { what: approval.text })}>
          {t('approval.deny')}
        </HubButton>
      </div>
    </div>
  );
}
