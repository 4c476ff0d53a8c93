// One plug: its power now, its use today, and whether its history is kept.

import { devices as api } from '../../api/devices.ts';
import type { PlugEnergy, Tariff } from '../../api/energy.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { second } from '../../state/clock.ts';
import { deviceOf, keepDevice } from '../../state/devices.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { t, tCode } from '../../text/text.ts';
import { age } from '../../time/show.ts';
import { QuickToggle } from '../devices/control.tsx';
import { UNKNOWN, mainToggle, quantity } from '../devices/words.ts';
import { money } from './energy-words.ts';
import { powerOf } from './power.ts';

export function PlugRow({ plug, tariff, again }: { plug: PlugEnergy; tariff: Tariff | null; again: () => void }) {
  const device = deviceOf(plug.device);
  const { watts, asOf } = powerOf(plug);
  const { busy, error, run } = useAction();
  const name = device?.name ?? t('energy.removed');
  const toggle = device && device.state === 'answering' ? mainToggle(device) : null;
  const keep = async (): Promise<void> => {
    if (await run(async () => keepDevice(await api.change(plug.device, { history: 'on' })))) again();
  };
  const why = watts !== null ? (asOf ? t('facts.age', { age: age(second.value - Date.parse(asOf)) }) : '') : device && device.state !== 'answering' ? `${tCode('device_state', device.state)}${asOf ? `, ${t('device.answered', { age: age(second.value - Date.parse(asOf)) })}` : ''}` : t('control.not_said');
  return (
    <li class="list-row plug-row" data-testid="plug-row" data-device={name} data-state={watts === null ? 'unknown' : 'ok'}>
      <Icon name="plug" />
      <div class="grow">
        <p class="strong" dir="auto">
          {mayAs('operator') && device ? <a href={`/devices/${device.id}`}>{name}</a> : name}
        </p>
        <p class="muted small">{why}</p>
        {error && <p class="small bad-text">{error}</p>}
      </div>
      <p class="plug-figure tabular">
        <span class="strong">{quantity(watts, 'watt')}</span>
      </p>
      <p class="plug-figure tabular">
        {quantity(plug.today_wh, 'watt_hour')} <span class="muted small">{t('energy.today_short')}</span>
      </p>
      <p class="plug-figure tabular">{tariff && (plug.cost === null ? UNKNOWN : money(plug.cost, tariff.currency))}</p>
      <div class="plug-history">
        {plug.history === 'off' && (
          <>
            <span class="badge">{t('history.off')}</span>
            {isAdmin.value && (
              <HubButton busy={busy} onClick={() => void keep()} label={t('history.switch_on_of', { device: name })} testid="history-on">
                {t('history.switch_on')}
              </HubButton>
            )}
          </>
        )}
      </div>
      <div class="device-switch">{toggle?.kind === 'toggle' && device && mayAs('operator') && <QuickToggle device={device} control={toggle} />}</div>
    </li>
  );
}
