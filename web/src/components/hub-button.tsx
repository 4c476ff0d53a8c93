// A button for an action that needs the hub: without contact it stays, disabled, and says why.

import type { ComponentChildren } from 'preact';

import { offline } from '../state/contact.ts';
import { t } from '../text/text.ts';

interface Properties {
  onClick?: () => void;
  children: ComponentChildren;
  kind?: 'plain' | 'primary' | 'danger';
  type?: 'button' | 'submit';
  busy?: boolean;
  title?: string | undefined;
  testid?: string;
  label?: string | undefined;
  pressed?: boolean;
}

export function HubButton({ onClick, children, kind = 'plain', type = 'button', busy = false, title, testid, label, pressed }: Properties) {
  const isAway = offline.value;
  return (
    <button
      type={type}
      class={kind === 'plain' ? 'button' : `button button-${kind}`}
      disabled={isAway || busy}
      title={isAway ? t('offline.disabled') : title}
      aria-label={label}
      aria-pressed={pressed}
      data-testid={testid}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
