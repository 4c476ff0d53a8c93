// How a device stands, in words with a shape: its state, how the hub speaks to it, and how old its last answer is.

import type { Device, Speech } from '../../api/devices.ts';
import { Icon } from '../../components/icon.tsx';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { age } from '../../time/show.ts';

const CALM = ['answering', 'not_asked_yet'];

export function StateBadge({ device }: { device: Device }) {
  const isCalm = CALM.includes(device.state);
  return (
    <span class={isCalm ? (device.state === 'answering' ? 'badge badge-ok' : 'badge') : 'badge badge-bad'} data-testid="device-state" data-state={device.state}>
      <Icon name={device.state === 'answering' ? 'check' : isCalm ? 'minus' : device.state === 'unreachable' ? 'unplug' : 'triangle-alert'} size={12} />
      {tCode('device_state', device.state)}
    </span>
  );
}

/** The transport, and beside it what is weak about it. */
export function SpeechBadges({ speech }: { speech: Speech }) {
  return (
    <>
      <span class={speech.is_insecure ? 'badge badge-warn' : 'badge'} data-testid="transport">
        <Icon name={speech.is_insecure ? 'lock-open' : 'lock'} size={12} />
        {speech.transport === null ? t('device.transport_unknown') : tCode('transport', speech.transport)}
      </span>
      {speech.weakness && <span class="badge badge-warn">{tCode('weakness', speech.weakness)}</span>}
    </>
  );
}

/** When the device was heard last; an age that grows. */
export function AnswerAge({ device }: { device: Device }) {
  const at = device.answered_at;
  return (
    <span class="tabular" data-testid="answer-age">
      {at === null ? t('device.never') : t('device.answered', { age: age(second.value - Date.parse(at)) })}
    </span>
  );
}
