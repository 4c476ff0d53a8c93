// What a push says, as far as it is understood. Pure. Whatever arrives, something is shown: browsers take the
// permission from pages that stay silent.

const TITLE = 'Hearthwatch';
const TITLE_MAX = 120;
const BODY_MAX = 600;

export interface PushMessage {
  title: string;
  body: string;
  /** The same matter replaces its earlier message. */
  tag: string;
  /** Where a click leads, inside the dashboard. */
  url: string;
}

const text = (value: unknown, limit: number): string => (typeof value === 'string' ? value.slice(0, limit) : '');

/** Only an address inside the dashboard is followed. */
const inside = (value: unknown): string => (typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : '/');

export function readPush(data: string | null): PushMessage {
  let told: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(data ?? '');
    if (parsed !== null && typeof parsed === 'object') told = parsed as Record<string, unknown>;
  } catch {
    // A message that is no message still says that something happened.
  }
  return { title: text(told['title'], TITLE_MAX) || TITLE, body: text(told['body'], BODY_MAX), tag: text(told['tag'], TITLE_MAX) || 'hearthwatch', url: inside(told['url']) };
}
