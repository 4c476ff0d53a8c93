// One rule in the list: whether it is in force, what it says, and when it ran last.

import { rules as api, type RuleView } from '../../api/rules.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { second } from '../../state/clock.ts';
import { offline } from '../../state/contact.ts';
import { failed, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { removeRule } from './remove.ts';
import { Suspended } from './suspended.tsx';

export function RuleRow({ view, again }: { view: RuleView; again: () => void }) {
  const { rule } = view;
  const put = async (isOn: boolean): Promise<boolean> => {
    try {
      await api.change(view.id, { ...rule, is_on: isOn });
      return true;
    } catch (error) {
      failed(t('rules.not_switched', { name: rule.name }), error);
      return false;
    } finally {
      again();
    }
  };
  const toggle = async (isOn: boolean): Promise<void> => {
    if (await put(isOn)) undoable(isOn ? t('rules.switched_on', { name: rule.name }) : t('rules.switched_off', { name: rule.name }), () => void put(!isOn));
  };
  return (
    <li class="rule-item" data-testid="rule-row" data-rule={rule.name} data-state={view.is_suspended ? 'suspended' : rule.is_on ? 'on' : 'off'}>
      <div class="list-row">
        <input type="checkbox" role="switch" class="switch" checked={rule.is_on} disabled={offline.value} aria-label={t('rules.on_of', { name: rule.name })} onChange={(event) => void toggle(event.currentTarget.checked)} />
        <div class="grow">
          <p class="strong">
            <a href={`/rules/${view.id}`} dir="auto">
              {rule.name}
            </a>
          </p>
          <p class="small" dir="auto">
            {view.sentence}
          </p>
          <p class="small muted tabular">{view.last_run === null ? t('rules.never_ran') : t('rules.last_run', { time: moment(Date.parse(view.last_run), second.value) })}</p>
        </div>
        <HubButton onClick={() => removeRule(view, again, again)} label={t('rules.remove_of', { name: rule.name })} testid="rule-remove">
          <Icon name="trash-2" size={16} />
        </HubButton>
      </div>
      {view.is_suspended && <Suspended rule={view} again={again} />}
    </li>
  );
}
