// The price of a kilowatt hour: without it no cost is shown anywhere.

import { useState } from 'preact/hooks';

import { energy as api, type Tariff } from '../../api/energy.ts';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { succeeded } from '../../state/messages.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { money } from './energy-words.ts';

/** A price as it is typed, with a point or a comma; null if it is none. */
function priceOf(typed: string): number | null {
  const text = typed.trim().replace(',', '.');
  return /^\d{1,4}(\.\d{1,5})?$/.test(text) ? Number(text) : null;
}

export function TariffCard({ tariff, set, again }: { tariff: Tariff | null; set: (tariff: Tariff | null) => void; again: () => void }) {
  const [price, setPrice] = useState(tariff ? String(tariff.price_per_kwh) : '');
  const [currency, setCurrency] = useState(tariff?.currency ?? 'EUR');
  const { busy, error, run } = useAction();
  const amount = priceOf(price);
  const code = currency.trim().toUpperCase();
  const isCode = /^[A-Z]{3}$/.test(code);
  const save = async (next: Tariff | null): Promise<void> => {
    if (!(await run(() => api.setTariff(next)))) return;
    set(next);
    again();
    if (next === null) setPrice('');
    succeeded(next === null ? t('tariff.removed') : t('tariff.saved', { price: money(next.price_per_kwh, next.currency) }));
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (amount !== null && isCode) void save({ price_per_kwh: amount, currency: code });
  };
  return (
    <section class="card" aria-labelledby="tariff">
      <h2 id="tariff">{t('tariff.title')}</h2>
      <p class="muted">{tariff ? t('tariff.now', { price: money(tariff.price_per_kwh, tariff.currency) }) : t('tariff.none')}</p>
      {isAdmin.value && (
        <form onSubmit={submit} noValidate data-testid="tariff-form">
          <div class="field-pair">
            <TextField label={t('tariff.price')} inputMode="decimal" value={price} error={price.trim() !== '' && amount === null ? t('tariff.price_wrong') : null} autocomplete="off" onInput={(event) => setPrice(event.currentTarget.value)} />
            <TextField label={t('tariff.currency')} hint={t('tariff.currency_hint')} value={currency} maxLength={3} error={isCode ? null : t('tariff.currency_wrong')} autocomplete="off" onInput={(event) => setCurrency(event.currentTarget.value)} />
          </div>
          <FormError text={error} />
          <div class="row">
            <HubButton type="submit" kind="primary" busy={busy || amount === null || !isCode} testid="tariff-save">
              {t('action.save')}
            </HubButton>
            {tariff && (
              <HubButton busy={busy} onClick={() => void save(null)} testid="tariff-remove">
                {t('tariff.remove')}
              </HubButton>
            )}
          </div>
        </form>
      )}
    </section>
  );
}
