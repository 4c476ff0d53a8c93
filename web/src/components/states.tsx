// What a page shows when it has nothing to show yet, nothing at all, or an error.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { ApiError } from '../api/request.ts';
import { reasonOf } from '../state/messages.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-names.ts';

// Shorter waits are not shown at all, longer ones say what is awaited.
const QUIET_MS = 150;
const NAMED_MS = 4_000;

export function useElapsed(...limits: number[]): number {
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    const timers = limits.map((limit, index) => setTimeout(() => setPassed(index + 1), limit));
    return () => timers.forEach(clearTimeout);
  }, []);
  return passed;
}

/** Grey shapes of the real layout; after a while the awaited thing by name. */
export function Loading({ what, shape = 'list' }: { what: string; shape?: 'list' | 'tiles' | 'form' }) {
  const passed = useElapsed(QUIET_MS, NAMED_MS);
  return (
    <div class={`loading loading-${shape}`} data-state="loading" aria-busy="true">
      {passed > 0 && Array.from({ length: 4 }, (_, index) => <div class="skeleton" key={index} />)}
      {passed > 1 && (
        <p class="muted" role="status">
          {t('state.waiting_for', { what })}
        </p>
      )}
    </div>
  );
}

export function Empty({ icon, title, children, filtered }: { icon: IconName; title: string; children?: ComponentChildren; filtered?: boolean }) {
  return (
    <div class="empty" data-state={filtered ? 'empty-filtered' : 'empty'}>
      <Icon name={icon} size={28} />
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** What failed, what to do next, and the id under which the hub's log has the rest. */
export function ErrorCard({ what, error, retry }: { what: string; error: unknown; retry: () => void }) {
  const id = error instanceof ApiError ? error.id : null;
  return (
    <div class="error-card" data-state="error" role="alert">
      <Icon name="circle-alert" />
      <div>
        <p class="strong">{what}</p>
        <p>{reasonOf(error)}</p>
        {id && <p class="code muted">{t('error.id', { id })}</p>}
      </div>
      <button type="button" class="button" onClick={retry}>
        {t('action.retry')}
      </button>
    </div>
  );
}

/** In place of a page that is not for this account, with the page's only heading. */
export function DeniedPage({ role }: { role: string }) {
  return (
    <>
      <h1 class="visually-hidden">{t('denied.title')}</h1>
      <Denied role={role} />
    </>
  );
}

export function Denied({ role }: { role: string }) {
  return (
    <div class="empty" data-state="denied">
      <Icon name="lock" size={28} />
      <p class="empty-title">{t('denied.title')}</p>
      <p class="muted">{t('denied.role', { role })}</p>
    </div>
  );
}
