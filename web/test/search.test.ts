import assert from 'node:assert/strict';
import { test } from 'node:test';

import { momentAddress } from '../src/components/moment-address.ts';
import { NONE, addressOf, readFilter } from '../src/routes/events/filter.ts';
import { isQuestion, withoutWords } from '../src/routes/events/words.ts';

test('a question mark or a word that questions begin with makes a question, other words a search', () => {
  for (const text of ['Did somebody ring?', 'how many cars came today', 'Wann war der Postbote da', 'and yesterday']) assert.ok(isQuestion(text), text);
  for (const text of ['person front door', 'who', 'wer', 'however long', 'dog', '', 'warmth in the hall', 'whole day']) assert.ok(!isQuestion(text), text);
});

test('words are taken out once, whole, whatever their case, and nothing else is', () => {
  assert.equal(withoutWords('person at the Front Door yesterday', 'front door'), 'person at the yesterday');
  assert.equal(withoutWords('car scar car', 'car'), 'scar car');
  assert.equal(withoutWords('scar', 'car'), 'scar');
  assert.equal(withoutWords('Tür, gestern', 'tür'), ', gestern');
  assert.equal(withoutWords('anything', ''), 'anything');
  assert.equal(withoutWords('Türen und Tür', 'tür'), 'Türen und');
  // In lower case this letter is two.
  assert.equal(withoutWords('İstanbul car', 'car'), 'İstanbul car');
});

test('the address holds the whole search, and nothing of what is usual', () => {
  assert.equal(addressOf(NONE), '/events');
  const filter = { q: 'dog & cat?', conversation: '', group: 'activity', camera: 'cam_1', label: 'dog', range: 'week' } as const;
  assert.deepEqual(readFilter(new URL(addressOf(filter), 'https://hub').searchParams), filter);
  const open = { ...NONE, conversation: 'cnv_1' };
  assert.deepEqual(readFilter(new URL(addressOf(open), 'https://hub').searchParams), open);
  assert.deepEqual(readFilter(new URLSearchParams('g=nonsense&since=ever')), NONE);
});

test('a moment begins a little before it', () => {
  assert.equal(momentAddress('cam_1', Date.parse('2026-11-22T14:00:02Z')), '/timeline?t=2026-11-22T14:00:00.000Z&c=cam_1&z=10min');
});
