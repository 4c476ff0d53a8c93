// What a consent says: who gave it, to what, and until when. Without one nobody is recognised.

import { useState } from 'preact/hooks';

import type { NewConsent } from '../../api/people.ts';
import { Choice, TextField } from '../../components/field.tsx';
import { hubNow } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { AreaField } from './area-field.tsx';

const DAY_MS = 86_400_000;
const LASTS = { year: 365, quarter: 90, open: null } as const;
type Lasts = keyof typeof LASTS;

export interface ConsentDraft {
  givenBy: string;
  text: string;
  lasts: Lasts;
}

/** A draft in the reader's language; whoever gives it may word it otherwise. */
export const useConsent = (givenBy: string): [ConsentDraft, (change: Partial<ConsentDraft>) => void] => {
  const [draft, setDraft] = useState<ConsentDraft>(() => ({ givenBy, text: t('consent.words'), lasts: 'year' }));
  return [draft, (change) => setDraft((before) => ({ ...before, ...change }))];
};

export function consentOf({ givenBy, text, lasts }: ConsentDraft): NewConsent {
  const days = LASTS[lasts];
  return { given_by: givenBy.trim(), text: text.trim(), ...(days === null ? {} : { expires_at: new Date(hubNow() + days * DAY_MS).toISOString() }) };
}

export const isWhole = ({ givenBy, text }: ConsentDraft): boolean => givenBy.trim() !== '' && text.trim() !== '';

export function ConsentFields({ draft, change }: { draft: ConsentDraft; change: (change: Partial<ConsentDraft>) => void }) {
  return (
    <>
      <TextField label={t('consent.given_by')} hint={t('consent.given_by_hint')} name="given-by" value={draft.givenBy} required maxLength={64} autocomplete="off" onInput={(event) => change({ givenBy: event.currentTarget.value })} />
      <AreaField label={t('consent.text')} hint={t('consent.text_hint')} name="consent-text" value={draft.text} required maxLength={2000} onInput={(text) => change({ text })} />
      <Choice
        label={t('consent.until')}
        value={draft.lasts}
        options={[['quarter', t('consent.quarter')], ['year', t('consent.year')], ['open', t('consent.open')]]}
        hint={t('consent.until_hint')}
        onChoose={(lasts) => change({ lasts })}
      />
    </>
  );
}
