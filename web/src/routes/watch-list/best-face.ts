// Which view of somebody's face is shown beside one that waits. Pure.

import type { WatchedFace } from '../../api/watch-list.ts';

/** The best view of which a picture is kept. */
export function bestFace(faces: readonly WatchedFace[]): WatchedFace | null {
  const shown = faces.filter((face) => face.picture);
  return shown.reduce<WatchedFace | null>((best, face) => (best === null || face.quality > best.quality ? face : best), null);
}

/** `91` of a hundred views; never all of them or none unless that is so. */
export function viewsOf(share: number): number {
  const views = Math.round(share * 100);
  if (views === 100 && share < 1) return 99;
  return views === 0 && share > 0 ? 1 : Math.min(100, Math.max(0, views));
}
