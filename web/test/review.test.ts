import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CORNERS, SIDE_MIN, between, grown, middle, moved, pulled, tidy, withArea, withLabel, withoutBox } from '../src/routes/review/boxes.ts';
import { REVIEW_LABELS, labelOfKey } from '../src/routes/review/labels.ts';

const BOX = { x: 0.2, y: 0.3, w: 0.4, h: 0.5 };

function isInside({ x, y, w, h }: typeof BOX): void {
  assert.ok(x >= 0 && y >= 0 && w >= SIDE_MIN && h >= SIDE_MIN && x + w <= 1 + 1e-4 && y + h <= 1 + 1e-4, JSON.stringify({ x, y, w, h }));
}

test('whatever is done to a box, it stays in the picture and can be seen', () => {
  const wild = [-5, -0.1, 0, 0.003, 0.5, 0.99, 1, 7, Number.NaN, Number.POSITIVE_INFINITY];
  for (const a of wild) {
    for (const b of wild) {
      isInside(tidy({ x: a, y: b, w: b, h: a }));
      isInside(moved(BOX, a, b));
      isInside(grown(BOX, a, b));
      for (const corner of CORNERS) if (Number.isFinite(a) && Number.isFinite(b)) isInside(pulled(BOX, corner, { x: a, y: b }));
      const drawn = Number.isFinite(a) && Number.isFinite(b) ? between({ x: a, y: b }, { x: 0.5, y: 0.5 }) : null;
      if (drawn) isInside(drawn);
    }
  }
  isInside(middle());
});

test('moving keeps the size, also at the edge', () => {
  assert.deepEqual(moved(BOX, 0.1, -0.1), { x: 0.3, y: 0.2, w: 0.4, h: 0.5 });
  assert.deepEqual(moved(BOX, 9, 9), { x: 0.6, y: 0.5, w: 0.4, h: 0.5 });
});

test('growing keeps the corner at the top left, and ends at the edge', () => {
  assert.deepEqual(grown(BOX, 9, 0), { x: 0.2, y: 0.3, w: 0.8, h: 0.5 });
  assert.deepEqual(grown(BOX, -9, -9), { x: 0.2, y: 0.3, w: SIDE_MIN, h: SIDE_MIN });
});

test('a corner that is pulled leaves the one across where it is, even when pulled past it', () => {
  assert.deepEqual(pulled(BOX, 'se', { x: 0.9, y: 0.9 }), { x: 0.2, y: 0.3, w: 0.7, h: 0.6 });
  assert.deepEqual(pulled(BOX, 'nw', { x: 0.1, y: 0.1 }), { x: 0.1, y: 0.1, w: 0.5, h: 0.7 });
  const past = pulled(BOX, 'nw', { x: 0.95, y: 0.95 });
  assert.deepEqual([past.x + past.w, past.y + past.h].map((value) => Math.round(value * 1000)), [600, 800]);
});

test('a box is drawn from any corner to any other; a click draws nothing', () => {
  const box = { x: 0.1, y: 0.2, w: 0.3, h: 0.4 };
  assert.deepEqual(between({ x: 0.1, y: 0.2 }, { x: 0.4, y: 0.6 }), box);
  assert.deepEqual(between({ x: 0.4, y: 0.6 }, { x: 0.1, y: 0.2 }), box);
  assert.equal(between({ x: 0.4, y: 0.6 }, { x: 0.401, y: 0.9 }), null);
});

test('what a person changed has no score of the model any more, and the others keep theirs', () => {
  const boxes = [{ label: 'person', area: BOX, score: 0.4 }, { label: 'dog', area: BOX, score: 0.5 }];
  assert.deepEqual(withLabel(boxes, 0, 'cat').map((box) => [box.label, box.score]), [['cat', null], ['dog', 0.5]]);
  assert.deepEqual(withArea(boxes, 1, middle()).map((box) => box.score), [0.4, null]);
  assert.deepEqual(withoutBox(boxes, 0).map((box) => box.label), ['dog']);
  assert.equal(boxes[0]?.score, 0.4);
});

test('keys 1 to 9 are labels, no other key is one', () => {
  assert.equal(REVIEW_LABELS.length, 9);
  assert.equal(labelOfKey('1'), 'person');
  assert.equal(labelOfKey('9'), REVIEW_LABELS[8]);
  for (const key of ['0', 'a', '', '10']) assert.equal(labelOfKey(key), null);
});
