// Whether a line of words asks something or looks for something, and how words are taken out of it. Pure.

const ASKING = /^(how|who|what|when|where|which|why|did|does|do|is|are|was|were|has|have|and|wie|wer|wen|wem|was|wann|wo|welche[rsmn]?|warum|hat|haben|ist|sind|war|waren|und)\b/i;

/** A question mark, or a word that questions begin with. */
export function isQuestion(text: string): boolean {
  const words = text.trim();
  return words.endsWith('?') || (ASKING.test(words) && words.includes(' '));
}

const LETTER = /[\p{L}\p{N}]/u;

/** The line without the first place where `part` stands as whole words. */
export function withoutWords(line: string, part: string): string {
  const wanted = part.trim().toLowerCase();
  const lower = line.toLowerCase();
  // Lower case can be longer than the letter was: then places in the two texts differ.
  if (wanted === '' || lower.length !== line.length) return line;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + 1)) {
    const [before, after] = [lower[at - 1] ?? ' ', lower[at + wanted.length] ?? ' '];
    if (!LETTER.test(before) && !LETTER.test(after)) return `${line.slice(0, at)} ${line.slice(at + wanted.length)}`.replace(/\s+/g, ' ').trim();
  }
  return line;
}
