// How many watch, and on demand who: everybody in the house may know who looks at it.

import { useState } from 'preact/hooks';

import { security, type Watcher } from '../api/security.ts';
import { watchers } from '../state/cameras.ts';
import { second } from '../state/clock.ts';
import { reasonOf } from '../state/messages.ts';
import { session } from '../state/session.ts';
import { t, tCode } from '../text/text.ts';
import { age } from '../time/show.ts';
import { Icon } from './icon.tsx';

type Known = { state: 'asking' } | { state: 'known'; list: Watcher[] } | { state: 'failed'; error: unknown };

export function WatchersChip() {
  const [known, setKnown] = useState<Known>({ state: 'asking' });
  const count = watchers.value;
  if (count === 0) return null;
  const ask = (isOpen: boolean): void => {
    if (!isOpen) return;
    security.watchers().then(
      (list) => setKnown({ state: 'known', list }),
      (error: unknown) => setKnown({ state: 'failed', error }),
    );
  };
  const text = t('header.watching', { n: count });
  return (
    <>
      <button type="button" class="chip chip-plain" popovertarget="watchers" aria-label={text} data-testid="chip-watching">
        <Icon name="eye" size={16} />
        <span class="chip-long">{text}</span>
        <span class="chip-short" aria-hidden="true">
          {count}
        </span>
      </button>
      <div id="watchers" popover="auto" class="menu" onToggle={(event) => ask(event.newState === 'open')}>
        <p class="menu-head strong">{text}</p>
        {known.state === 'asking' && <p class="menu-text muted">{t('state.waiting_for', { what: t('state.hub') })}</p>}
        {known.state === 'failed' && <p class="menu-text">{reasonOf(known.error)}</p>}
        {known.state === 'known' && (
          <ul>
            {known.list.map((watcher) => (
              <li key={`${watcher.camera}${watcher.since}${watcher.from}`} class="menu-text">
                <span class="strong" dir="auto">
                  {watcher.viewer ?? tCode('actor', watcher.viewer_kind)}
                </span>
                {watcher.viewer === session.value?.user.name && ` (${t('users.you')})`}
                <span class="muted small">
                  {' '}
                  <span dir="auto">{watcher.camera_name ?? t('event.removed_camera')}</span>, {age(second.value - Date.parse(watcher.since))}
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}
