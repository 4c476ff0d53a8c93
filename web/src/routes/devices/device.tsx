// One device: what needs somebody first, then its controls and readings, what it does by itself, and how it is kept.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { devices as api, type Device, type DeviceState } from '../../api/devices.ts';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { usePage } from '../../components/use-page.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { second } from '../../state/clock.ts';
import { deviceOf, devices, isMissing, keepDevice, presence } from '../../state/devices.ts';
import { isAdmin, mayAs } from '../../state/session.ts';
import { t, tCode } from '../../text/text.ts';
import { age, moment } from '../../time/show.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { SpeechBadges, StateBadge } from './badges.tsx';
import { ControlRow } from './control.tsx';
import { DeviceSettings } from './device-settings.tsx';
import { Limits } from './limits.tsx';
import { NeedsYou } from './needs-you.tsx';
import { NotInHub } from './not-in-hub.tsx';
import { Schedules } from './schedules.tsx';
import { Trust } from './trust.tsx';
import { useFreshDevices } from './use-devices.ts';
import { kindText, quantity, readingName } from './words.ts';

// A value that is older than this is told with its age in any case.
const OLD_MS = 15 * 60_000;

// Whoever answers now may not be the device, or does not let the hub in.
const HELD: readonly DeviceState[] = ['certificate_changed', 'wrong_password', 'locked_out', 'unsupported'];

// A direction and a hand that holds on belong to these; a button alone cannot say them.
const STEERING = ['move', 'stop'];

export function DevicePage({ params }: { params: Record<string, string> }) {
  useFreshDevices();
  const id = params['id'] ?? '';
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    setError(null);
    api.get(id).then(keepDevice, setError);
  }, [id, round]);
  const device = deviceOf(id);
  if (presence.value.devices === 'missing') return <NotInHub title={t('nav.devices')} icon="house-plug" />;
  if (device) return <Loaded device={device} />;
  if (error && isMissing(error)) return presence.value.devices === 'asking' ? <Loading what={t('devices.list')} shape="form" /> : <NotFound />;
  if (error) return <ErrorCard what={t('device.failed')} error={error} retry={() => setRound(round + 1)} />;
  return devices.value === null ? <Loading what={t('devices.list')} shape="form" /> : <Loading what={t('device.this')} shape="form" />;
}

function Loaded({ device }: { device: Device }) {
  const heading = usePage(`${device.name} – ${t('nav.devices')}`);
  const mayControl = mayAs('operator');
  return (
    <div class="device-page" data-testid="device" data-state={device.state}>
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href="/devices" aria-label={t('device.back')} title={t('device.back')}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {device.name}
          </h1>
        </div>
        <div class="row">
          <StateBadge device={device} />
          <SpeechBadges speech={device} />
          {device.is_simulated && <span class="badge badge-simulated">{t('device.simulated')}</span>}
        </div>
      </header>
      <NeedsYou device={device} />
      <div class="device-grid">
        <div>
          {mayControl && <Controls device={device} />}
          <Readings device={device} />
          {mayControl && <Schedules device={device} />}
          {mayControl && <Limits device={device} />}
        </div>
        <div>
          <State device={device} />
          {isAdmin.value && <DeviceSettings key={device.id} device={device} />}
          {isAdmin.value && <Trust device={device} />}
        </div>
      </div>
    </div>
  );
}

function Controls({ device }: { device: Device }) {
  const isHeld = HELD.includes(device.state);
  const controls = device.controls.filter((control) => !STEERING.includes(control.key));
  return (
    <section class="card" aria-labelledby="controls">
      <h2 id="controls">{t('device.controls')}</h2>
      {device.state !== 'answering' && <p class="muted">{isHeld ? t('device.controls_held') : t('device.controls_old')}</p>}
      {controls.length === 0 && <p class="muted">{t('device.no_control')}</p>}
      <fieldset disabled={isHeld} aria-labelledby="controls">
        {controls.map((control) => (
          <ControlRow key={control.key} device={device} control={control} />
        ))}
      </fieldset>
    </section>
  );
}

function Readings({ device }: { device: Device }) {
  const now = second.value;
  return (
    <section class="card" aria-labelledby="readings">
      <h2 id="readings">{t('device.readings')}</h2>
      {device.readings.length === 0 && <p class="muted">{t('device.no_reading')}</p>}
      <dl class="fact-list">
        {device.readings.map((reading) => {
          const old = reading.as_of === null ? null : now - Date.parse(reading.as_of);
          const isStale = device.state !== 'answering' || (old !== null && old > OLD_MS);
          return (
            <div key={reading.key} data-testid="reading" data-key={reading.key} data-state={isStale ? 'stale' : 'ok'}>
              <dt>{readingName(reading.key)}</dt>
              <dd class={isStale ? 'tabular muted' : 'tabular'}>
                <span class="strong">{quantity(reading.value, reading.unit)}</span>{' '}
                <span class="muted small">{reading.value === null ? (device.state === 'answering' ? t('control.not_said') : tCode('device_state', device.state)) : old === null ? '' : t('facts.age', { age: age(old) })}</span>
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function State({ device }: { device: Device }) {
  const camera = device.camera ? cameraNamed(device.camera) : undefined;
  const now = second.value;
  return (
    <section class="card" aria-labelledby="state">
      <h2 id="state">{t('facts.title')}</h2>
      <dl class="fact-list">
        <Fact name={t('device.last_answer')}>
          {device.answered_at === null ? t('device.never') : t('facts.age', { age: age(now - Date.parse(device.answered_at)) })}
        </Fact>
        <Fact name={t('device.state_since')}>{moment(Date.parse(device.since), now)}</Fact>
        <Fact name={t('device.kind')}>{kindText(device)}</Fact>
        <Fact name={t('device.firmware')}>{device.firmware ?? t('device.unknown')}</Fact>
        <Fact name={t('device.address')}>{device.address}</Fact>
        <Fact name={t('device.room')}>{device.room ?? t('devices.no_room')}</Fact>
        {device.camera && <Fact name={t('device.camera')}>{camera ? <a href={`/cameras/${camera.id}`}>{camera.name}</a> : t('event.removed_camera')}</Fact>}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}
