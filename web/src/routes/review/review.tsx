// The review queue: pictures that the model was unsure of, one after the other, and what is kept for it.

import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { DeniedPage, Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { presence } from '../../state/devices.ts';
import { useKeys } from '../../state/keys.ts';
import { t } from '../../text/text.ts';
import { NotInHub } from '../devices/not-in-hub.tsx';
import { DriftCard } from './drift-card.tsx';
import { Editor } from './editor.tsx';
import { ExportCard, SettingsCard } from './settings-card.tsx';
import { useQueue, type Queue } from './use-queue.ts';

const REASONS = ['unsure', 'corrected', 'sampled'] as const;

export function ReviewQueue() {
  if (presence.value.review === 'missing') return <NotInHub title={t('nav.review')} icon="square-dashed" />;
  if (presence.value.review === 'refused') return <DeniedPage role={t('role.admin')} />;
  return <Page />;
}

function Page() {
  const heading = usePage(t('nav.review'));
  const reason = REASONS.find((one) => one === place.value.query.get('reason')) ?? '';
  const queue = useQueue(reason);
  const counts = queue.page?.counts;
  useKeys({ u: queue.undo });
  return (
    <div class="review-page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.review')}
        </h1>
        {counts && (
          <p class="muted tabular" role="status" data-testid="review-counts">
            {t('review.counts', { waiting: counts.waiting, done: counts.done, skipped: counts.skipped })}
          </p>
        )}
      </header>
      <div class="filter-chips" role="group" aria-label={t('review.why')}>
        {['', ...REASONS].map((one) => (
          <button key={one} type="button" class="filter-chip" aria-pressed={one === reason} onClick={() => replace(one === '' ? '/review' : `/review?reason=${one}`)}>
            {one === '' ? t('group.all') : t(`review_reason.${one as (typeof REASONS)[number]}`)}
          </button>
        ))}
      </div>
      <section class="card review-card" aria-label={t('review.now')}>
        <Now queue={queue} isFiltered={reason !== ''} />
      </section>
      <div class="review-more">
        <DriftCard />
        <div>
          <SettingsCard changed={queue.again} />
          <ExportCard done={counts?.done ?? 0} />
        </div>
      </div>
    </div>
  );
}

function Now({ queue, isFiltered }: { queue: Queue; isFiltered: boolean }) {
  if (queue.state === 'error') return <ErrorCard what={t('review.failed')} error={queue.error} retry={queue.again} />;
  if (queue.state === 'loading') return <Loading what={t('nav.review')} />;
  // Boxes are held by the editor of their picture, so each has its own.
  if (queue.item) return <Editor key={queue.item.id} queue={queue} item={queue.item} />;
  if (!queue.page?.is_on) {
    return (
      <Empty icon="square-dashed" title={t('review.off')}>
        <p class="muted">{t('review.off_text')}</p>
      </Empty>
    );
  }
  return (
    <Empty icon="check" title={isFiltered ? t('review.none_match') : t('review.none')} filtered={isFiltered}>
      <p class="muted">{t('review.none_text')}</p>
      {isFiltered && (
        <button type="button" class="button" onClick={() => replace('/review')}>
          {t('events.clear')}
        </button>
      )}
      {queue.canUndo && (
        <HubButton busy={queue.busy} onClick={queue.undo} title={`${t('action.undo')} (U)`} testid="review-undo">
          <Icon name="undo-2" />
          {t('review.bring_back')}
        </HubButton>
      )}
    </Empty>
  );
}
