// One device in the list: how it stands, what it says, how it is spoken to, and its switch.

import type { Device } from '../../api/devices.ts';
import { Icon } from '../../components/icon.tsx';
import { isProblem } from '../../state/device-patch.ts';
import { mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { AnswerAge, SpeechBadges, StateBadge } from './badges.tsx';
import { QuickToggle } from './control.tsx';
import { deviceIcon, kindText, mainReading, mainToggle, quantity } from './words.ts';

export function DeviceRow({ device }: { device: Device }) {
  const reading = mainReading(device);
  const toggle = mainToggle(device);
  const isStale = device.state !== 'answering';
  return (
    <li class="list-row device-row" data-testid="device-row" data-device={device.name} data-state={isProblem(device) ? 'problem' : isStale ? 'unknown' : 'ok'}>
      <Icon name={deviceIcon(device)} />
      <div class="grow">
        <p class="row device-title">
          <a class="strong" href={`/devices/${device.id}`} dir="auto">
            {device.name}
          </a>
          <StateBadge device={device} />
          {device.is_simulated && <span class="badge badge-simulated">{t('device.simulated')}</span>}
        </p>
        <p class="muted small">
          <span dir="auto">{kindText(device)}</span> · <AnswerAge device={device} />
        </p>
        {device.reason && (
          <p class="small device-reason" dir="auto">
            {device.reason}
          </p>
        )}
      </div>
      <div class="row device-speech">
        <SpeechBadges speech={device} />
      </div>
      <p class={isStale ? 'device-reading tabular muted' : 'device-reading tabular'}>{reading && quantity(reading.value, reading.unit)}</p>
      <div class="device-switch">{toggle?.kind === 'toggle' && !isStale && mayAs('operator') && <QuickToggle device={device} control={toggle} />}</div>
    </li>
  );
}
