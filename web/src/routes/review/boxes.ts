// Boxes in a picture: drawn, moved and resized, always inside it and never too small to see. Fractions of the picture.
// Pure.

import type { Area } from '../../api/visits.ts';
import type { ReviewBox } from '../../api/review.ts';

/** The smallest side that is kept; a click without a drag draws nothing. */
export const SIDE_MIN = 0.02;
/** One press of an arrow key. */
export const STEP = 0.01;
/** Boxes in one picture; more than anybody draws. */
export const BOXES_MAX = 50;
const PLACES = 1e5;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const round = (value: number): number => Math.round(value * PLACES) / PLACES;

/** Inside the picture, at least as large as the smallest; what is no number becomes a box that can be seen. */
export function tidy(area: Area): Area {
  const [x, y, w, h] = [area.x, area.y, area.w, area.h].map((value) => (Number.isFinite(value) ? value : 0)) as [number, number, number, number];
  const width = clamp(w, SIDE_MIN, 1);
  const height = clamp(h, SIDE_MIN, 1);
  return { x: round(clamp(x, 0, 1 - width)), y: round(clamp(y, 0, 1 - height)), w: round(width), h: round(height) };
}

export const moved = (area: Area, dx: number, dy: number): Area => tidy({ ...area, x: area.x + dx, y: area.y + dy });

/** Larger or smaller at the right and lower side; the corner at the top left stays. */
export function grown(area: Area, dw: number, dh: number): Area {
  return tidy({ ...area, w: clamp(area.w + dw, SIDE_MIN, 1 - area.x), h: clamp(area.h + dh, SIDE_MIN, 1 - area.y) });
}

export type Corner = 'nw' | 'ne' | 'sw' | 'se';
export const CORNERS: readonly Corner[] = ['nw', 'ne', 'sw', 'se'];

export interface Point {
  x: number;
  y: number;
}

/** The box between two corners, in whatever order they were touched; null if there is hardly anything between. */
export function between(a: Point, b: Point): Area | null {
  const inside = ({ x, y }: Point): Point => ({ x: clamp(x, 0, 1), y: clamp(y, 0, 1) });
  const [from, to] = [inside(a), inside(b)];
  const [w, h] = [Math.abs(from.x - to.x), Math.abs(from.y - to.y)];
  return w < SIDE_MIN || h < SIDE_MIN ? null : tidy({ x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), w, h });
}

/** One corner is pulled to a point; the one across stays. */
export function pulled(area: Area, corner: Corner, to: Point): Area {
  const [left, right] = corner.endsWith('w') ? [clamp(to.x, 0, area.x + area.w - SIDE_MIN), area.x + area.w] : [area.x, clamp(to.x, area.x + SIDE_MIN, 1)];
  const [top, bottom] = corner.startsWith('n') ? [clamp(to.y, 0, area.y + area.h - SIDE_MIN), area.y + area.h] : [area.y, clamp(to.y, area.y + SIDE_MIN, 1)];
  return tidy({ x: left, y: top, w: right - left, h: bottom - top });
}

/** A new box where nobody has pointed yet: in the middle. */
export const middle = (): Area => ({ x: 0.4, y: 0.3, w: 0.2, h: 0.4 });

/** The boxes with one of them changed by a person, who is sure of it. */
export const withArea = (boxes: readonly ReviewBox[], index: number, area: Area): ReviewBox[] => boxes.map((box, at) => (at === index ? { ...box, area, score: null } : box));
export const withLabel = (boxes: readonly ReviewBox[], index: number, label: string): ReviewBox[] => boxes.map((box, at) => (at === index ? { ...box, label, score: null } : box));
export const withoutBox = (boxes: readonly ReviewBox[], index: number): ReviewBox[] => boxes.filter((_, at) => at !== index);
