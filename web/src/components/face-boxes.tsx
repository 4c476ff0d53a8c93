// A picture with the faces that were found in it, each a box that says which one it is or that can be chosen.

import { useState } from 'preact/hooks';

import type { Area } from '../api/visits.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';

export interface Box {
  index: number;
  area: Area;
  text: string;
}

interface Properties {
  src: string;
  alt: string;
  boxes: readonly Box[];
  /** With it boxes are buttons. */
  onChoose?: ((index: number) => void) | undefined;
}

const percent = (value: number): string => `${(Math.min(1, Math.max(0, value)) * 100).toFixed(2)}%`;

function placeOf({ x, y, w, h }: Area): Record<string, string> {
  return { left: percent(x), top: percent(y), width: percent(Math.min(w, 1 - x)), height: percent(Math.min(h, 1 - y)) };
}

export function FaceBoxes({ src, alt, boxes, onChoose }: Properties) {
  const [isBroken, setBroken] = useState(false);
  if (isBroken) {
    return (
      <p class="silhouette silhouette-wide" data-testid="no-picture">
        <Icon name="user" size={28} />
        {t('visits.no_picture')}
      </p>
    );
  }
  return (
    <div class="face-picture" data-testid="face-picture">
      <img src={src} alt={alt} decoding="async" onError={() => setBroken(true)} />
      {boxes.map((box) =>
        onChoose ? (
          <button key={box.index} type="button" class="face-box" style={placeOf(box.area)} onClick={() => onChoose(box.index)} data-testid="face-choose">
            <span>{box.text}</span>
          </button>
        ) : (
          <span key={box.index} class="face-box" style={placeOf(box.area)}>
            <span dir="auto">{box.text}</span>
          </span>
        ),
      )}
    </div>
  );
}
