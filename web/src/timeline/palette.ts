// The colours of the strip, read from the style sheet so that themes and forced colours apply.

export interface Palette {
  coverage: string;
  motion: string;
  person: string;
  text: string;
  muted: string;
  line: string;
  lane: string;
  warn: string;
  accent: string;
  rec: string;
}

const NAMES: Record<keyof Palette, string> = {
  coverage: '--coverage',
  motion: '--motion',
  person: '--person',
  text: '--text',
  muted: '--muted',
  line: '--line',
  lane: '--raised',
  warn: '--warn',
  accent: '--accent',
  rec: '--rec',
};

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const entries = Object.entries(NAMES).map(([key, name]) => [key, style.getPropertyValue(name).trim()]);
  return Object.fromEntries(entries) as Palette;
}
