// Paints the strip: time scale, and per camera coverage, hatched gaps, activities and the in and out marks.

import { hourMinute, clockTime, shortDay, zoneOffset } from '../time/show.ts';
import { houseZone } from '../time/house-zone.ts';
import { offsetAt } from '../time/zone.ts';
import { clusters, tickStep, ticks, viewEnd, xOf, type Range, type View } from './geometry.ts';
import type { Activity, Lane } from './lanes.ts';
import type { Palette } from './palette.ts';

export const SCALE_HEIGHT = 24;
export const LANE_HEIGHT = 40;
export const LANE_GAP = 4;
const COVERAGE_HEIGHT = 10;
const LABEL_GAP = 76;
const MARK_GAP = 14;
const FONT = '500 11px "Inter Variable", system-ui, sans-serif';

export interface Strip {
  context: CanvasRenderingContext2D;
  width: number;
  view: View;
  palette: Palette;
  now: number;
}

export const stripHeight = (lanes: number): number => SCALE_HEIGHT + lanes * (LANE_HEIGHT + LANE_GAP);

/** Paints everything but the playhead, which is an element of its own and moves without painting. */
export function drawStrip(strip: Strip, lanes: readonly Lane[], marks: Range | null): void {
  const { context, width, palette } = strip;
  context.clearRect(0, 0, width, stripHeight(lanes.length));
  lanes.forEach((lane, index) => drawLane(strip, lane, SCALE_HEIGHT + index * (LANE_HEIGHT + LANE_GAP)));
  drawScale(strip, lanes.length);
  drawFuture(strip, lanes.length);
  if (marks) drawMarks(strip, marks, lanes.length);
  context.fillStyle = palette.line;
  context.fillRect(0, SCALE_HEIGHT - 1, width, 1);
}

function drawScale({ context, width, view, palette }: Strip, lanes: number): void {
  const step = tickStep(view, width, LABEL_GAP);
  const offset = (time: number): number => offsetAt(time, houseZone());
  context.font = FONT;
  context.textBaseline = 'middle';
  for (const tick of ticks(view, width, LABEL_GAP, offset)) {
    const x = Math.round(xOf(view, width, tick.time));
    context.fillStyle = palette.line;
    context.globalAlpha = tick.major ? 1 : 0.6;
    context.fillRect(x, SCALE_HEIGHT - 5, 1, stripHeight(lanes) - SCALE_HEIGHT + 5);
    context.globalAlpha = 1;
    const clock = step < 60_000 ? clockTime(tick.time) : hourMinute(tick.time);
    const label = tick.major ? shortDay(tick.time) : clock;
    context.fillStyle = tick.major ? palette.text : palette.muted;
    context.fillText(tick.shifted ? `${label} ${zoneOffset(tick.time)}` : label, x + 4, SCALE_HEIGHT / 2 - 1);
  }
}

function drawLane(strip: Strip, lane: Lane, top: number): void {
  const { context, width, palette } = strip;
  context.fillStyle = palette.lane;
  context.fillRect(0, top, width, LANE_HEIGHT);
  if (lane.state === 'loading') return;
  const bar = top + LANE_HEIGHT - COVERAGE_HEIGHT - 4;
  for (const gap of lane.gaps) drawGap(strip, gap.from, gap.to ?? strip.now, bar);
  context.fillStyle = palette.coverage;
  for (const span of lane.spans) fill(strip, span.from, span.to, bar, COVERAGE_HEIGHT);
  drawActivities(strip, lane.activities, top);
}

function fill({ context, view, width }: Strip, from: number, to: number, top: number, height: number): void {
  const left = Math.max(0, xOf(view, width, from));
  const right = Math.min(width, xOf(view, width, to));
  if (right <= 0 || left >= width) return;
  context.fillRect(left, top, Math.max(1, right - left), height);
}

/** Missing footage is hatched, so that it differs in shape, not only in colour. */
function drawGap({ context, view, width, palette }: Strip, from: number, to: number, top: number): void {
  const left = Math.max(0, xOf(view, width, from));
  const right = Math.min(width, Math.max(xOf(view, width, to), xOf(view, width, from) + 3));
  if (right <= 0 || left >= width) return;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, COVERAGE_HEIGHT);
  context.clip();
  context.strokeStyle = palette.warn;
  context.lineWidth = 1.25;
  context.beginPath();
  for (let x = left - COVERAGE_HEIGHT; x < right; x += 5) {
    context.moveTo(x, top + COVERAGE_HEIGHT);
    context.lineTo(x + COVERAGE_HEIGHT, top);
  }
  context.stroke();
  context.strokeRect(left + 0.5, top + 0.5, right - left - 1, COVERAGE_HEIGHT - 1);
  context.restore();
}

function drawActivities(strip: Strip, activities: readonly Activity[], top: number): void {
  const { context, view, width, palette, now } = strip;
  const shown = activities.filter((row) => row.from < viewEnd(view) && (row.to ?? now) > view.from);
  for (const row of shown) {
    context.fillStyle = row.label === 'person' ? palette.person : palette.motion;
    fill(strip, row.from, row.to ?? now, top + LANE_HEIGHT - COVERAGE_HEIGHT - 9, 4);
  }
  for (const cluster of clusters(shown.filter((row) => row.label !== 'motion'), view, width, MARK_GAP)) {
    const best = cluster.items.find((row) => row.label === 'person') ?? cluster.items[0];
    if (best) drawMark(strip, best.label, cluster.items.length, Math.max(6, cluster.x), top + 11);
  }
}

/** A letter in a shape: a circle for people, a square for everything else. */
function drawMark({ context, palette }: Strip, label: string, count: number, x: number, y: number): void {
  const isPerson = label === 'person';
  context.fillStyle = isPerson ? palette.person : palette.motion;
  context.beginPath();
  if (isPerson) context.arc(x, y, 6, 0, 2 * Math.PI);
  else context.roundRect(x - 5.5, y - 5.5, 11, 11, 2);
  context.fill();
  context.font = '600 9px "Inter Variable", system-ui, sans-serif';
  context.textAlign = 'center';
  context.fillStyle = palette.lane;
  context.fillText(count > 1 ? String(Math.min(count, 99)) : (label[0] ?? '').toUpperCase(), x, y + 0.5);
  context.textAlign = 'start';
}

function drawFuture({ context, view, width, palette, now }: Strip, lanes: number): void {
  const x = xOf(view, width, now);
  if (x >= width) return;
  context.fillStyle = palette.rec;
  context.fillRect(Math.round(x), SCALE_HEIGHT, 1, stripHeight(lanes) - SCALE_HEIGHT);
}

function drawMarks(strip: Strip, marks: Range, lanes: number): void {
  const { context, view, width, palette } = strip;
  context.globalAlpha = 0.16;
  context.fillStyle = palette.accent;
  fill(strip, marks.from, marks.to, 0, stripHeight(lanes));
  context.globalAlpha = 1;
  for (const time of [marks.from, marks.to]) context.fillRect(Math.round(xOf(view, width, time)) - 1, 0, 2, stripHeight(lanes));
}
