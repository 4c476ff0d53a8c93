// What is kept for the queue, which is off until an administrator wants it, and the way out of the house for it.

import { useEffect, useState } from 'preact/hooks';

import { KEEP_DAYS_MAX, PER_DAY_MAX, review, reviewExport, type ReviewSettings } from '../../api/review.ts';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { succeeded } from '../../state/messages.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';

export function SettingsCard({ changed }: { changed: () => void }) {
  const [settings, again, set] = useFetch(() => review.settings(), 'review settings');
  return (
    <section class="card" aria-labelledby="review-settings" data-testid="review-settings">
      <h2 id="review-settings">{t('review.kept')}</h2>
      <p>{t('review.kept_text')}</p>
      {!settings.data && settings.state === 'loading' && <Loading what={t('review.kept')} />}
      {settings.state === 'error' && <ErrorCard what={t('review.settings_failed')} error={settings.error} retry={again} />}
      {settings.data && <Form settings={settings.data} saved={(next) => { set(next); changed(); }} />}
    </section>
  );
}

const NUMBERS = ['below', 'per_day', 'days'] as const;
type Texts = Record<(typeof NUMBERS)[number], string>;
const LIMITS: Record<keyof Texts, readonly [number, number]> = { below: [1, 99], per_day: [1, PER_DAY_MAX], days: [1, KEEP_DAYS_MAX] };

const textsOf = (settings: ReviewSettings): Texts => ({ below: String(Math.round(settings.below_score * 100)), per_day: String(settings.per_day_max), days: String(settings.keep_days) });

/** The whole number within its limits, or null. */
function numberOf(key: keyof Texts, text: string): number | null {
  const [low, high] = LIMITS[key];
  const value = Number(text);
  return /^\d+$/.test(text.trim()) && value >= low && value <= high ? value : null;
}

function Form({ settings, saved }: { settings: ReviewSettings; saved: (settings: ReviewSettings) => void }) {
  const [isOn, setOn] = useState(settings.is_on);
  const [texts, setTexts] = useState(textsOf(settings));
  useEffect(() => {
    setOn(settings.is_on);
    setTexts(textsOf(settings));
  }, [settings]);
  const { busy, error, run } = useAction();
  const numbers = NUMBERS.map((key) => numberOf(key, texts[key]));
  const [below, perDay, days] = numbers;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (below == null || perDay == null || days == null) return;
    void run(async () => {
      saved(await review.setSettings({ is_on: isOn, below_score: below / 100, per_day_max: perDay, keep_days: days }));
      succeeded(t('review.settings_saved'));
    });
  };
  const isReadOnly = !isAdmin.value;
  return (
    <form onSubmit={submit}>
      <Switch label={t('review.on')} hint={t('review.on_hint')} on={isOn} onChange={setOn} disabled={isReadOnly} />
      <div class="field-pair">
        {NUMBERS.map((key, index) => (
          <TextField key={key} label={t(`review.${key}`)} name={`review-${key}`} inputMode="numeric" disabled={isReadOnly} value={texts[key]} error={numbers[index] === null ? t('review.number_wrong', { low: LIMITS[key][0], high: LIMITS[key][1] }) : null} onInput={(event) => setTexts({ ...texts, [key]: event.currentTarget.value })} />
        ))}
      </div>
      <FormError text={error} />
      {isReadOnly ? (
        <p class="hint">{t('review.admin_only')}</p>
      ) : (
        <HubButton type="submit" busy={busy || numbers.includes(null)} testid="review-settings-save">
          {t('action.save')}
        </HubButton>
      )}
    </form>
  );
}

export function ExportCard({ done }: { done: number }) {
  return (
    <section class="card" aria-labelledby="review-export">
      <h2 id="review-export">{t('review.export')}</h2>
      <p class="muted">{t('review.export_text')}</p>
      {done === 0 ? (
        <p class="hint">{t('review.export_none')}</p>
      ) : (
        <div class="row">
          {(['coco', 'yolo'] as const).map((format) => (
            <a key={format} class="button" href={reviewExport(format)} download data-testid={`export-${format}`}>
              <Icon name="download" size={16} />
              {t(`review.${format}`, { n: done })}
            </a>
          ))}
        </div>
      )}
    </section>
  );
}
