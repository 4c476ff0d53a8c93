// The promises that can be checked while the hub runs, with what to do about those that are broken.

import { useState } from 'preact/hooks';

import { security, type Check } from '../../api/security.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { hubNow } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { clockTime } from '../../time/show.ts';
import { CheckRow, worstFirst } from './check-row.tsx';

const OUTCOMES: readonly Check['outcome'][] = ['failed', 'skipped', 'ok'];

export function Promises() {
  const [report, again] = useFetch(async () => ({ report: await security.doctor(), at: hubNow() }), 'doctor');
  const [only, setOnly] = useState<Check['outcome'] | null>(null);
  const checks = report.data?.report.checks ?? [];
  const count = (outcome: Check['outcome']): number => checks.filter((check) => check.outcome === outcome).length;
  const shown = worstFirst(checks).filter((check) => only === null || check.outcome === only);
  return (
    <section class="narrow" aria-label={t('security.promises')}>
      <div class="section-head">
        <p class="muted section-text">{t('promises.text')}</p>
        <HubButton onClick={again} busy={report.state === 'loading'}>
          <Icon name="rotate-cw" />
          {t('promises.check')}
        </HubButton>
      </div>
      {!report.data && report.state === 'loading' && <Loading what={t('promises.checks')} />}
      {report.state === 'error' && <ErrorCard what={t('promises.failed')} error={report.error} retry={again} />}
      {report.data && (
        <>
          <div class="section-head">
            <div class="filter-chips" role="group" aria-label={t('events.filter')}>
              {OUTCOMES.map((outcome) => (
                <button key={outcome} type="button" class="filter-chip" aria-pressed={only === outcome} onClick={() => setOnly(only === outcome ? null : outcome)}>
                  {t(`outcome.${outcome}`)} {count(outcome)}
                </button>
              ))}
            </div>
            <span class="muted small tabular">{t('promises.at', { time: clockTime(report.data.at) })}</span>
          </div>
          {shown.length === 0 ? (
            <Empty icon="shield-check" title={t('promises.none')} filtered />
          ) : (
            <ul class="rows" data-testid="checks">
              {shown.map((check) => (
                <CheckRow key={check.id} check={check} />
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}
