// An icon of the sprite. It never carries the meaning alone: a word or a name stands with it.

import sprite from 'virtual:icon-sprite';

import type { IconName } from './icon-names.ts';

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class={`icon icon-${name}`} width={size} height={size} aria-hidden="true" focusable="false">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}

const LABEL_ICONS: Record<string, IconName> = { person: 'user', car: 'car', truck: 'car', cat: 'cat', dog: 'dog', motion: 'waves', package: 'package' };

/** The icon of what was seen. */
export const labelIcon = (label: string | null): IconName => LABEL_ICONS[label ?? ''] ?? 'scan-eye';
