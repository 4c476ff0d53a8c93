// A rule that failed again and again is not judged any more, until somebody says so.

import { rules as api, type RuleView } from '../../api/rules.ts';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { t } from '../../text/text.ts';

export function Suspended({ rule, again }: { rule: RuleView; again: () => void }) {
  const { busy, error, run } = useAction();
  const resume = async (): Promise<void> => {
    if (await run(() => api.resume(rule.id))) again();
  };
  return (
    <div class="note note-bad suspended" data-testid="suspended">
      <Icon name="triangle-alert" size={16} />
      <span class="grow">{t('rules.suspended')}</span>
      <FormError text={error} />
      <HubButton busy={busy} onClick={() => void resume()} label={t('rules.resume_of', { name: rule.rule.name })} testid="rule-resume">
        {t('rules.resume')}
      </HubButton>
    </div>
  );
}
