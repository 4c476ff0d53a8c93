// The picture with its boxes over it. Boxes are drawn, moved and pulled with a pointer; the keys do the same.

import { useRef, useState } from 'preact/hooks';

import type { ReviewBox, ReviewItem } from '../../api/review.ts';
import type { Area } from '../../api/visits.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal } from '../../time/show.ts';
import { CORNERS, between, moved, pulled, tidy, type Corner, type Point } from './boxes.ts';

const percent = (value: number): string => `${(value * 100).toFixed(3)}%`;
const placeOf = (area: Area): Record<string, string> => {
  const { x, y, w, h } = tidy(area);
  return { left: percent(x), top: percent(y), width: percent(w), height: percent(h) };
};

interface Properties {
  item: ReviewItem;
  boxes: readonly ReviewBox[];
  current: number | null;
  choose: (index: number | null) => void;
  /** While a box is dragged. */
  sketch: (index: number, area: Area) => void;
  /** A box was dragged; the boxes as they were before. */
  settle: (index: number, area: Area, before: readonly ReviewBox[]) => void;
  draw: (area: Area) => void;
  onKey: (event: KeyboardEvent) => void;
}

/** What the pointer holds. */
type Held = { kind: 'move' | Corner; index: number; from: Point; area: Area; last: Area; before: readonly ReviewBox[] } | { kind: 'draw'; from: Point; last: Area | null };

export function BoxLayer({ item, boxes, current, choose, sketch, settle, draw, onKey }: Properties) {
  const frame = useRef<HTMLDivElement>(null);
  const held = useRef<Held | null>(null);
  const [drawn, setDrawn] = useState<Area | null>(null);
  const [isBroken, setBroken] = useState(false);
  const pointOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = frame.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  };
  const begin = (event: PointerEvent): void => {
    if (event.button !== 0 || !(event.target instanceof Element)) return;
    const from = pointOf(event);
    const on = event.target.closest<HTMLElement>('[data-box]');
    const index = Number(on?.dataset['box'] ?? NaN);
    const box = boxes[index];
    const corner = CORNERS.find((one) => one === (event.target as HTMLElement).dataset['corner']);
    held.current = box ? { kind: corner ?? 'move', index, from, area: box.area, last: box.area, before: boxes } : { kind: 'draw', from, last: null };
    choose(box ? index : null);
    on?.focus({ preventScroll: true });
    frame.current?.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  const drag = (event: PointerEvent): void => {
    const now = held.current;
    if (!now) return;
    const to = pointOf(event);
    if (now.kind === 'draw') {
      now.last = between(now.from, to);
      setDrawn(now.last);
      return;
    }
    now.last = now.kind === 'move' ? moved(now.area, to.x - now.from.x, to.y - now.from.y) : pulled(now.area, now.kind, to);
    sketch(now.index, now.last);
  };
  const end = (): void => {
    const now = held.current;
    held.current = null;
    setDrawn(null);
    if (!now) return;
    if (now.kind === 'draw') {
      if (now.last) draw(now.last);
    } else if (now.last !== now.area) settle(now.index, now.last, now.before);
  };
  return (
    <div
      ref={frame}
      class="review-picture"
      role="group"
      aria-label={t('review.picture')}
      data-testid="review-picture"
      data-item={item.id}
      style={{ aspectRatio: `${Math.max(1, item.width)} / ${Math.max(1, item.height)}` }}
      onPointerDown={begin}
      onPointerMove={drag}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={onKey}
    >
      {isBroken ? <p class="picture-note strong">{t('review.no_picture')}</p> : <img key={item.id} src={item.picture} alt="" draggable={false} onError={() => setBroken(true)} />}
      {boxes.map((box, index) => (
        <button key={index} type="button" class="review-box" data-box={index} data-testid="review-box" data-label={box.label} aria-pressed={index === current} aria-label={boxWords(box, index)} style={placeOf(box.area)} onFocus={() => choose(index)}>
          <span class="review-box-name" dir="auto">
            {shortName(box)}
          </span>
          {index === current && CORNERS.map((corner) => <span key={corner} class={`review-corner corner-${corner}`} data-corner={corner} />)}
        </button>
      ))}
      {drawn && <span class="review-box review-box-new" style={placeOf(drawn)} />}
    </div>
  );
}

/** What is in it, and how sure the model was where no person has changed it. */
const shortName = (box: ReviewBox): string => (box.score === null ? tCode('label', box.label) : `${tCode('label', box.label)} ${decimal(box.score * 100, 0)} %`);

/** The box for those who do not see it: what, and where from the left and the top in hundredths. */
function boxWords(box: ReviewBox, index: number): string {
  const { x, y, w, h } = box.area;
  const whole = (value: number): string => decimal(value * 100, 0);
  return t('review.box', { n: index + 1, label: shortName(box), x: whole(x), y: whole(y), w: whole(w), h: whole(h) });
}
