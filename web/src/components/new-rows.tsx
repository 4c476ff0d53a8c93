// Rows that wait because somebody is reading the list.

import { t } from '../text/text.ts';

export function NewRows({ waiting, show }: { waiting: number; show: () => void }) {
  return (
    <div class="new-rows" role="status">
      {waiting > 0 && (
        <button type="button" class="button button-quiet" onClick={show} data-testid="new-rows">
          {t('events.new', { n: waiting })}
        </button>
      )}
    </div>
  );
}
