// Faces of which somebody said that they are not this person.

import { people as api, type PersonDetail, type Rejection } from '../../api/people.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { second } from '../../state/clock.ts';
import { failed, succeeded } from '../../state/messages.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';

export function Rejections({ person, again }: { person: PersonDetail; again: () => void }) {
  const undo = async (rejection: Rejection): Promise<void> => {
    try {
      await api.removeRejection(person.id, rejection.id);
      succeeded(t('rejections.undone'));
    } catch (error) {
      failed(t('people.not_changed'), error);
    }
    again();
  };
  return (
    <section class="card" aria-labelledby="rejections" data-testid="rejections">
      <h2 id="rejections">
        {t('rejections.title')} <span class="count tabular">{person.rejection_list.length}</span>
      </h2>
      {person.rejection_list.length === 0 && <p class="muted">{t('rejections.none')}</p>}
      <ul class="face-list">
        {person.rejection_list.map((rejection) => {
          const time = moment(Date.parse(rejection.added_at), second.value);
          return (
            <li key={rejection.id} data-testid="rejection">
              <Icon name="user-round-x" />
              <span class="grow">{rejection.visit ? <a href={`/visits/${rejection.visit}`}>{t('rejections.at', { time })}</a> : t('rejections.at', { time })}</span>
              {isAdmin.value && (
                <HubButton onClick={() => void undo(rejection)} label={t('rejections.undo_of', { time })} testid="rejection-undo">
                  <Icon name="undo-2" />
                  {t('action.undo')}
                </HubButton>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
