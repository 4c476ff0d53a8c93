// What the hub finds about a rule, at the place where it is.

import type { Finding } from '../../api/rules.ts';
import { Icon } from '../../components/icon.tsx';
import { t, tCode } from '../../text/text.ts';

const CLASSES: Record<Finding['level'], string> = { error: 'bad-text', warning: 'warn-text', suggestion: 'muted' };

export function FindingNote({ finding }: { finding: Finding }) {
  return (
    <p class={`finding small ${CLASSES[finding.level]}`} data-testid="finding" data-level={finding.level} data-code={finding.code} data-at={finding.at}>
      <Icon name={finding.level === 'suggestion' ? 'info' : 'triangle-alert'} size={16} />
      <span>
        <span class="strong">{t(`finding_level.${finding.level}`)}</span> {tCode('finding', finding.code) === finding.code.replaceAll('_', ' ') ? finding.message : tCode('finding', finding.code)}
        {finding.suggestion && <span class="muted"> {finding.suggestion}</span>}
      </span>
    </p>
  );
}
