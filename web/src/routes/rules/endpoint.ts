// The address of a language model, as somebody types it. Pure; the hub judges too.

const read = (text: string): URL | null => {
  try {
    return new URL(text.trim());
  } catch {
    return null;
  }
};

/** A web address without a user name or a part that is no part of it; plain HTTP only as far as the hub allows it. */
export function isEndpoint(text: string): boolean {
  const url = read(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

/** Where it goes, without what is behind it. */
export const hostOf = (text: string): string => read(text)?.host ?? text;
