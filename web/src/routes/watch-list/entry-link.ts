// Where the published entry of somebody can be read. Pure.

/** The address, or null where it is none that a page may lead to: whoever publishes a list says what stands there. */
export function entryLink(url: string): string | null {
  try {
    const { protocol, href } = new URL(url);
    return protocol === 'https:' ? href : null;
  } catch {
    return null;
  }
}
