import assert from 'node:assert/strict';
import { test } from 'node:test';

import { de } from '../src/text/de.ts';
import { en } from '../src/text/en.ts';

const names = (message: string): string[] => [...new Set([...message.matchAll(/\{([a-z]+)[,}]/g)].map((match) => match[1] ?? ''))].sort();

test('every language has the same keys with the same values to fill in', () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  for (const [key, message] of Object.entries(en)) assert.deepEqual(names(de[key as keyof typeof en]), names(message), key);
});

test('no text is empty and braces close', () => {
  for (const message of [...Object.values(en), ...Object.values(de)]) {
    assert.ok(message.trim() !== '');
    assert.equal(message.split('{').length, message.split('}').length, message);
  }
});
