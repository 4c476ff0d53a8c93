// One picture of the queue: its boxes, what each is, and the way to the next. Everything works by keys alone, and with
// single clicks instead of dragging.

import { useEffect, useState } from 'preact/hooks';

import type { ReviewItem } from '../../api/review.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import type { IconName } from '../../components/icon-names.ts';
import { momentAddress } from '../../components/moment-address.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { useKeys } from '../../state/keys.ts';
import { t, tCode, type Key } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { BoxLayer } from './box-layer.tsx';
import { BOXES_MAX, STEP, grown, middle, moved, withArea, withLabel, withoutBox } from './boxes.ts';
import { REVIEW_LABELS, labelOfKey } from './labels.ts';
import type { Queue } from './use-queue.ts';

const ARROWS: Record<string, readonly [number, number]> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
/** One press of a button that moves is worth so many of a key. */
const FAST = 5;

export function Editor({ queue, item }: { queue: Queue; item: ReviewItem }) {
  const [current, setCurrent] = useState<number | null>(item.boxes.length > 0 ? 0 : null);
  const [label, setLabel] = useState<string>(item.boxes[0]?.label ?? REVIEW_LABELS[0]);
  const { boxes } = queue;
  const box = current === null ? undefined : boxes[current];
  useEffect(() => {
    if (current !== null && current >= boxes.length) setCurrent(boxes.length > 0 ? boxes.length - 1 : null);
  }, [boxes.length]);
  const add = (area = middle()): void => {
    if (boxes.length >= BOXES_MAX) return;
    queue.edit([...boxes, { label, area, score: null }]);
    setCurrent(boxes.length);
  };
  const name = (next: string): void => {
    setLabel(next);
    if (current !== null && box) queue.edit(withLabel(boxes, current, next));
  };
  const remove = (): void => {
    if (current === null || !box) return;
    queue.edit(withoutBox(boxes, current));
    setCurrent(boxes.length > 1 ? Math.max(0, current - 1) : null);
  };
  const nudge = (dx: number, dy: number, isSize: boolean): void => {
    if (current === null || !box) return;
    queue.edit(withArea(boxes, current, isSize ? grown(box.area, dx, dy) : moved(box.area, dx, dy)));
  };
  const cycle = (step: 1 | -1): void => {
    if (boxes.length > 0) setCurrent(((current ?? (step > 0 ? -1 : 0)) + step + boxes.length) % boxes.length);
  };
  const arrows = Object.fromEntries(
    Object.entries(ARROWS).flatMap(([key, [dx, dy]]) => [
      [key, () => nudge(dx, dy, false)],
      [`Shift+${key}`, () => nudge(dx, dy, true)],
    ]),
  );
  const labels = Object.fromEntries(REVIEW_LABELS.map((_, index) => [String(index + 1), () => name(labelOfKey(String(index + 1)) ?? label)]));
  const keys = {
    ...arrows,
    ...labels,
    Enter: () => queue.finish('done'),
    s: () => queue.finish('skipped'),
    n: () => add(),
    Delete: remove,
    Backspace: remove,
    '[': () => cycle(-1),
    ']': () => cycle(1),
  };
  useKeys(keys);
  // A box is a button, so Enter would press it; here it means that the picture is done.
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    queue.finish('done');
  };
  return (
    <div class="review-editor" data-testid="review-item" data-item={item.id}>
      <div>
        <BoxLayer
          item={item}
          boxes={boxes}
          current={current}
          choose={setCurrent}
          sketch={(index, area) => queue.sketch(withArea(boxes, index, area))}
          settle={(index, area, before) => {
            queue.sketch([...before]);
            queue.edit(withArea(before, index, area));
          }}
          draw={add}
          onKey={onKey}
        />
        <Facts item={item} />
      </div>
      <div class="review-side">
        <fieldset class="field">
          <legend>{t('review.what')}</legend>
          <div class="label-keys">
            {REVIEW_LABELS.map((one, index) => (
              <button key={one} type="button" class="filter-chip" aria-pressed={(box?.label ?? label) === one} onClick={() => name(one)} data-testid={`label-${one}`}>
                <kbd>{index + 1}</kbd>
                {tCode('label', one)}
              </button>
            ))}
          </div>
        </fieldset>
        {boxes.length > 1 && (
          <div class="label-keys" role="group" aria-label={t('review.boxes')} data-testid="box-list">
            {boxes.map((one, index) => (
              <button key={index} type="button" class="filter-chip" aria-pressed={index === current} onClick={() => setCurrent(index)}>
                {t('review.box_short', { n: index + 1, label: tCode('label', one.label) })}
              </button>
            ))}
          </div>
        )}
        <div class="row">
          <button type="button" class="button" onClick={() => add()} title={`${t('review.add')} (N)`} data-testid="box-add">
            <Icon name="plus" size={16} />
            {t('review.add')}
          </button>
          <button type="button" class="button" onClick={remove} disabled={!box} title={`${t('review.take_away')} (Del)`} data-testid="box-remove">
            <Icon name="trash-2" size={16} />
            {t('review.take_away')}
          </button>
        </div>
        <Nudges disabled={!box} nudge={nudge} />
        <div class="row review-ends">
          <HubButton kind="primary" busy={queue.busy} onClick={() => queue.finish('done')} title={`${t('review.done')} (Enter)`} testid="review-done">
            <Icon name="check" />
            {t('review.done')}
          </HubButton>
          <HubButton busy={queue.busy} onClick={() => queue.finish('skipped')} title={`${t('review.skip')} (S)`} testid="review-skip">
            {t('review.skip')}
          </HubButton>
          <HubButton busy={queue.busy || !queue.canUndo} onClick={queue.undo} title={`${t('action.undo')} (U)`} testid="review-undo">
            <Icon name="undo-2" />
            {t('action.undo')}
          </HubButton>
          <HubButton busy={queue.busy} onClick={queue.remove} testid="review-remove">
            {t('review.remove')}
          </HubButton>
        </div>
        <p class="hint">{boxes.length === 0 ? t('review.nothing_there') : t('review.hint')}</p>
      </div>
    </div>
  );
}

function Facts({ item }: { item: ReviewItem }) {
  const at = Date.parse(item.at);
  return (
    <p class="small muted review-facts">
      <span class="badge" data-testid="review-reason">
        {tCode('review_reason', item.reason)}
      </span>
      <span dir="auto">{cameraNamed(item.camera)?.name ?? t('event.removed_camera')}</span>
      <a href={momentAddress(item.camera, at)} class="tabular">
        {moment(at, second.peek())}
      </a>
    </p>
  );
}

type Nudge = readonly [Key, IconName, number, number, boolean];
const NUDGES: readonly Nudge[] = [
  ['review.left', 'move-left', -STEP * FAST, 0, false],
  ['review.right', 'move-right', STEP * FAST, 0, false],
  ['review.up', 'move-up', 0, -STEP * FAST, false],
  ['review.down', 'move-down', 0, STEP * FAST, false],
  ['review.larger', 'plus', STEP * FAST, STEP * FAST, true],
  ['review.smaller', 'minus', -STEP * FAST, -STEP * FAST, true],
];

/** For whoever neither drags nor has arrow keys. */
function Nudges({ disabled, nudge }: { disabled: boolean; nudge: (dx: number, dy: number, isSize: boolean) => void }) {
  return (
    <div class="row" role="group" aria-label={t('review.nudge')}>
      {NUDGES.map(([key, icon, dx, dy, isSize]) => (
        <button key={key} type="button" class="icon-button" disabled={disabled} aria-label={t(key)} title={t(key)} onClick={() => nudge(dx, dy, isSize)}>
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}
