// All devices by room: which of them answer, and what needs somebody.

import type { Device } from '../../api/devices.ts';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { byRoom, isProblem } from '../../state/device-patch.ts';
import { devices, devicesError, loadDevices, presence } from '../../state/devices.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { DeviceRow } from './device-row.tsx';
import { NotInHub } from './not-in-hub.tsx';
import { useFreshDevices } from './use-devices.ts';

export function Devices() {
  useFreshDevices();
  if (presence.value.devices === 'missing') return <NotInHub title={t('nav.devices')} icon="house-plug" />;
  return <Page />;
}

function Page() {
  const heading = usePage(t('nav.devices'));
  const list = devices.value;
  const onlyProblems = place.value.query.get('only') === 'problems';
  const answering = (list ?? []).filter((device) => device.state === 'answering').length;
  return (
    <div class="devices">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.devices')}
        </h1>
        <div class="row">
          {list && list.length > 0 && (
            <p class={answering < list.length ? 'strong' : 'muted'} data-testid="answering">
              {t('devices.answering', { n: answering, of: list.length })}
            </p>
          )}
          {isAdmin.value && (
            <a class="button button-primary" href="/devices/add" data-testid="device-add">
              <Icon name="plus" />
              {t('devices.add')}
            </a>
          )}
        </div>
      </header>
      {list === null && !devicesError.value && <Loading what={t('devices.list')} />}
      {list === null && devicesError.value !== null && <ErrorCard what={t('devices.failed')} error={devicesError.value} retry={() => void loadDevices()} />}
      {list?.length === 0 && <NoDevice />}
      {list !== null && list.length > 0 && <Rooms list={list} onlyProblems={onlyProblems} />}
    </div>
  );
}

function NoDevice() {
  return (
    <Empty icon="house-plug" title={t('devices.none')}>
      <p class="muted">{t('devices.none_text')}</p>
    </Empty>
  );
}

function Rooms({ list, onlyProblems }: { list: readonly Device[]; onlyProblems: boolean }) {
  const problems = list.filter(isProblem);
  const shown = onlyProblems ? problems : list;
  const show = (): void => replace(onlyProblems ? '/devices' : '/devices?only=problems');
  return (
    <>
      <div class="section-head">
        <div class="filter-chips" role="group" aria-label={t('events.filter')}>
          <button type="button" class="filter-chip" aria-pressed={onlyProblems} onClick={show} data-testid="only-problems">
            {t('devices.only_problems', { n: problems.length })}
          </button>
        </div>
      </div>
      {shown.length === 0 && (
        <Empty icon="check" title={t('devices.no_problem', { n: list.length })} filtered>
          <button type="button" class="button" onClick={show}>
            {t('events.clear')}
          </button>
        </Empty>
      )}
      {byRoom(shown).map(({ room, devices: inside }) => (
        <section key={room ?? ''} class="room" aria-label={room ?? t('devices.no_room')}>
          <h2 dir="auto">{room ?? t('devices.no_room')}</h2>
          <ul class="rows">
            {inside.map((device) => (
              <DeviceRow key={device.id} device={device} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
