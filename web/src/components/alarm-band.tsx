// While the alarm is going off, or somebody has time to disarm: a band on every page with what can be done.

import { ARM_ROLE, alarm as api, type AlarmView } from '../api/alarm.ts';
import { alarm, alarmCause, keepAlarm } from '../state/alarm.ts';
import { cameras } from '../state/cameras.ts';
import { second } from '../state/clock.ts';
import { INCIDENTS_ROLE } from '../state/incidents.ts';
import { mayAs } from '../state/session.ts';
import { t } from '../text/text.ts';
import { moment } from '../time/show.ts';
import { CancelArming, openModes } from './alarm-chip.tsx';
import { FormError } from './form-error.tsx';
import { HubButton } from './hub-button.tsx';
import { Icon } from './icon.tsx';
import { alarmWords, leftOf } from './mode-words.ts';
import { useAction } from './use-action.ts';

export function AlarmBand() {
  const view = alarm.value;
  // The element is there from the start: what is put into it is announced.
  return (
    <div class="alarm-region" role="alert" data-testid="alarm-region">
      {view?.state === 'triggered' && <Triggered view={view} />}
      {view?.state === 'entering' && <Entering until={view.until} />}
      {view?.state === 'arming' && <Arming words={alarmWords(view, second.value)} />}
    </div>
  );
}

/** Where to look: the hub names the camera that saw it. */
const cameraOf = (by: string): string | null => cameras.value?.find((camera) => camera.name === by)?.id ?? null;

function Triggered({ view }: { view: Extract<AlarmView, { state: 'triggered' }> }) {
  const { busy, error, run } = useAction();
  const cause = alarmCause.value;
  const by = typeof cause?.detail['by'] === 'string' ? cause.detail['by'] : null;
  const camera = by === null ? null : cameraOf(by);
  const mayAct = mayAs(ARM_ROLE);
  return (
    <section class="band alarm-band" aria-label={t('alarm.band')} data-testid="alarm-band" data-state={view.is_acknowledged ? 'acknowledged' : 'triggered'}>
      <Icon name="siren" size={24} />
      <p>
        <strong>{t('alarm.triggered')}</strong>
        {by !== null && <span dir="auto"> {t('alarm.by', { name: by })}</span>}
        {cause && <span class="tabular"> {t('alarm.at', { time: moment(Date.parse(cause.at), second.peek()) })}</span>}
        {view.is_acknowledged && <span> {t('alarm.acknowledged')}</span>}
        {view.siren_until !== null && (
          <span class="tabular" aria-hidden="true">
            {' '}
            {t('alarm.siren_left', { left: leftOf(view.siren_until, second.value) })}
          </span>
        )}
      </p>
      <FormError text={error} />
      <div class="row">
        {camera !== null && (
          <a class="button" href={`/cameras/${camera}`}>
            {t('alarm.look')}
          </a>
        )}
        {mayAs(INCIDENTS_ROLE) && (
          <a class="button" href="/alerts">
            {t('alarm.incident')}
          </a>
        )}
        {mayAct && !view.is_acknowledged && (
          <HubButton busy={busy} onClick={() => void run(async () => keepAlarm(await api.acknowledge()))} testid="alarm-acknowledge">
            {t('alarm.acknowledge')}
          </HubButton>
        )}
        {mayAct && (
          <HubButton onClick={openModes} testid="alarm-false">
            {t('alarm.false_alarm')}
          </HubButton>
        )}
      </div>
    </section>
  );
}

/** On a phone only: elsewhere the header says it. */
function Arming({ words }: { words: string }) {
  return (
    <section class="band alarm-entering arming-band" aria-label={t('alarm.band')} data-testid="arming-band">
      <Icon name="clock" />
      <p class="tabular" aria-hidden="true">
        {words}
      </p>
      {mayAs(ARM_ROLE) && <CancelArming />}
    </section>
  );
}

function Entering({ until }: { until: string }) {
  return (
    <section class="band alarm-entering" aria-label={t('alarm.band')} data-testid="alarm-entering">
      <Icon name="clock" />
      <p>
        <span>{t('alarm.came_in')}</span>{' '}
        <span class="tabular" aria-hidden="true">
          {leftOf(until, second.value)}
        </span>
      </p>
      {mayAs(ARM_ROLE) && (
        <HubButton kind="primary" onClick={openModes} testid="entering-disarm">
          {t('alarm.disarm')}
        </HubButton>
      )}
    </section>
  );
}
