// Rules to begin with. Each opens as a draft that is off; what this house has nothing for says so.

import type { Vocabulary } from '../../api/rules.ts';
import { Icon } from '../../components/icon.tsx';
import { t } from '../../text/text.ts';
import { templateOf, type TemplateName } from './templates.ts';

export function TemplateList({ names, vocabulary }: { names: readonly TemplateName[]; vocabulary: Vocabulary }) {
  return (
    <ul class="template-list" data-testid="templates">
      {names.map((name) => {
        const { icon, missing } = templateOf(name, vocabulary);
        const inside = (
          <>
            <Icon name={icon} />
            <span class="grow">
              <span class="strong">{t(`template.${name}`)}</span>
              <span class="small muted">{t(`template_text.${name}`)}</span>
              {missing && <span class="small warn-text">{t(`template_missing.${missing}`)}</span>}
            </span>
            {!missing && <span class="badge">{t('templates.off')}</span>}
          </>
        );
        return (
          <li key={name} data-testid="template" data-template={name} data-state={missing ? 'missing' : 'ready'}>
            {missing ? <div class="template">{inside}</div> : <a class="template" href={`/rules/new?template=${name}`}>{inside}</a>}
          </li>
        );
      })}
    </ul>
  );
}
