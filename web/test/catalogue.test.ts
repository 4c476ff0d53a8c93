import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deAssistant } from '../src/text/de-assistant.ts';
import { deDevices } from '../src/text/de-devices.ts';
import { deMore } from '../src/text/de-more.ts';
import { deNotify } from '../src/text/de-notify.ts';
import { dePeople } from '../src/text/de-people.ts';
import { deRules } from '../src/text/de-rules.ts';
import { deSearch } from '../src/text/de-search.ts';
import { de as deFirst } from '../src/text/de.ts';
import { enAssistant } from '../src/text/en-assistant.ts';
import { enDevices } from '../src/text/en-devices.ts';
import { enMore } from '../src/text/en-more.ts';
import { enNotify } from '../src/text/en-notify.ts';
import { enPeople } from '../src/text/en-people.ts';
import { enRules } from '../src/text/en-rules.ts';
import { enSearch } from '../src/text/en-search.ts';
import { en as enFirst } from '../src/text/en.ts';
import { format } from '../src/text/format.ts';
import { pseudo } from '../src/text/pseudo.ts';

const en = { ...enFirst, ...enMore, ...enDevices, ...enPeople, ...enNotify, ...enRules, ...enSearch, ...enAssistant };
const de = { ...deFirst, ...deMore, ...deDevices, ...dePeople, ...deNotify, ...deRules, ...deSearch, ...deAssistant };

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

test('no key stands in two files of a language', () => {
  const all = [enFirst, enMore, enDevices, enPeople, enNotify, enRules, enSearch, enAssistant].flatMap((file) => Object.keys(file));
  assert.deepEqual(all.filter((key, index) => all.indexOf(key) !== index), []);
});

test('invented languages change every word and keep values and plural forms', () => {
  for (const name of ['en-XA', 'ar-XB'] as const) {
    const words = pseudo(en, name);
    for (const [key, message] of Object.entries(words)) {
      assert.deepEqual(names(message), names(en[key as keyof typeof en]), key);
      assert.notEqual(message, en[key as keyof typeof en], key);
    }
  }
  const longer = pseudo({ a: '{n, plural, one {# row of {who}} other {# rows of {who}}}' }, 'en-XA');
  assert.match(format('en', longer.a, { n: 2, who: 'Anna' }), /^2 .+Anna$/);
  assert.ok(pseudo({ a: 'Recording' }, 'en-XA').a.length >= 'Recording'.length * 1.4);
});
