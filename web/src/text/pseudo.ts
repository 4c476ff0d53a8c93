// Two invented languages for tests: `en-XA` is longer and accented, so that clipped and hard-coded words show;
// `ar-XB` runs from right to left. Pure.

const ACCENTED: Record<string, string> = {
  a: 'á', c: 'ç', d: 'ð', e: 'é', g: 'ĝ', h: 'ĥ', i: 'í', j: 'ĵ', k: 'ķ', l: 'ļ', n: 'ñ', o: 'ó', r: 'ŕ', s: 'š', t: 'ţ', u: 'ú', w: 'ŵ', y: 'ý', z: 'ž',
  A: 'Á', C: 'Ç', D: 'Ð', E: 'É', G: 'Ĝ', H: 'Ĥ', I: 'Í', L: 'Ļ', N: 'Ñ', O: 'Ó', R: 'Ŕ', S: 'Š', T: 'Ţ', U: 'Ú', W: 'Ŵ', Y: 'Ý', Z: 'Ž',
};
// German needs about a third more room than English, Finnish more still.
const LONGER = 0.4;
const FILLER = ' one two three four five six seven eight nine ten';
const FROM_RIGHT = '\u202e';
const END = '\u202c';

function longer(literal: string): string {
  const accented = [...literal].map((letter) => ACCENTED[letter] ?? letter).join('');
  const extra = Math.ceil(literal.trim().length * LONGER);
  return literal.trim() === '' ? literal : accented + FILLER.repeat(Math.ceil(extra / FILLER.length)).slice(0, extra);
}

const mirrored = (literal: string): string => (literal.trim() === '' ? literal : FROM_RIGHT + literal + END);

function closing(message: string, open: number): number {
  let depth = 0;
  for (let at = open; at < message.length; at += 1) {
    if (message[at] === '{') depth += 1;
    if (message[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return message.length;
}

/** Changes the words of a message and leaves its values and plural forms where they are. */
function words(message: string, change: (literal: string) => string): string {
  let result = '';
  let at = 0;
  while (at < message.length) {
    const open = message.indexOf('{', at);
    if (open < 0) return result + change(message.slice(at));
    const end = closing(message, open);
    const inner = message.slice(open + 1, end);
    result += change(message.slice(at, open)) + `{${/,\s*plural\s*,/.test(inner) ? forms(inner, change) : inner}}`;
    at = end + 1;
  }
  return result;
}

function forms(body: string, change: (literal: string) => string): string {
  let result = '';
  let at = 0;
  while (at < body.length) {
    const open = body.indexOf('{', at);
    if (open < 0) return result + body.slice(at);
    const end = closing(body, open);
    result += `${body.slice(at, open)}{${words(body.slice(open + 1, end), change)}}`;
    at = end + 1;
  }
  return result;
}

/** The catalogue in one of the invented languages. */
export function pseudo<T extends Record<string, string>>(catalogue: T, name: 'en-XA' | 'ar-XB'): T {
  const change = name === 'en-XA' ? longer : mirrored;
  return Object.fromEntries(Object.entries(catalogue).map(([key, message]) => [key, words(message, change)])) as T;
}
