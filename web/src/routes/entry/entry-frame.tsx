// The frame around sign-in and claim: whose house this is, and the certificate to compare.

import type { ComponentChildren, RefObject } from 'preact';

import { Icon } from '../../components/icon.tsx';
import { welcome } from '../../state/session.ts';
import { t } from '../../text/text.ts';

interface Properties {
  title: string;
  heading: RefObject<HTMLHeadingElement | null>;
  children: ComponentChildren;
}

export function EntryFrame({ title, heading, children }: Properties) {
  const house = welcome.value?.house_name;
  const certificate = welcome.value?.certificate_sha256;
  return (
    <main class="entry">
      <div class="entry-card">
        <p class="entry-brand">
          <Icon name="radio" size={24} />
          <span class="strong">Hearthwatch</span>
          {house && (
            <span class="muted" dir="auto">
              {house}
            </span>
          )}
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
        {certificate && (
          <details class="certificate">
            <summary>{t('entry.certificate')}</summary>
            <p class="code fingerprint">{certificate}</p>
            <p class="hint">{t('entry.certificate_text')}</p>
          </details>
        )}
      </div>
    </main>
  );
}
