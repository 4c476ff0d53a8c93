// A small reader of ICU message texts: {name} and {n, plural, one {# clip} other {# clips}}.
// Pure; the language's plural rules and number forms come from Intl.

export type Values = Record<string, string | number>;

interface Part {
  text: string;
  end: number;
}

/** Reads up to the brace that closes the one before `from`. */
function inside(message: string, from: number): Part {
  let depth = 1;
  let at = from;
  while (at < message.length && depth > 0) {
    if (message[at] === '{') depth += 1;
    if (message[at] === '}') depth -= 1;
    at += 1;
  }
  return { text: message.slice(from, at - 1), end: at };
}

function choices(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    if (open < 0) break;
    const choice = inside(text, open + 1);
    found.set(text.slice(at, open).trim(), choice.text);
    at = choice.end;
  }
  return found;
}

function plural(language: string, count: number, body: string): string {
  const all = choices(body);
  const exact = all.get(`=${count}`);
  const form = exact ?? all.get(new Intl.PluralRules(language).select(count)) ?? all.get('other') ?? '';
  return form.replaceAll('#', new Intl.NumberFormat(language).format(count));
}

/** The message with its values filled in; an unknown name stays visible. */
export function format(language: string, message: string, values: Values = {}): string {
  let result = '';
  let at = 0;
  while (at < message.length) {
    const open = message.indexOf('{', at);
    if (open < 0) return result + message.slice(at);
    result += message.slice(at, open);
    const part = inside(message, open + 1);
    result += fill(language, part.text, values);
    at = part.end;
  }
  return result;
}

function fill(language: string, part: string, values: Values): string {
  const [name = '', kind] = part.split(',', 2).map((piece) => piece.trim());
  const value = values[name];
  if (value === undefined) return `{${part}}`;
  if (kind === 'plural') {
    const body = part.slice(part.indexOf('plural') + 'plural'.length).replace(/^\s*,/, '');
    return format(language, plural(language, Number(value), body), values);
  }
  return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
}
