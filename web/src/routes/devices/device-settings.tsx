// Name, room, the camera it belongs to, and whether what it measures is kept.

import { useState } from 'preact/hooks';

import { devices as api, type Device, type DeviceChange } from '../../api/devices.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { cameras } from '../../state/cameras.ts';
import { askAgain, keepDevice } from '../../state/devices.ts';
import { failed, reasonOf, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { CameraSelect, RoomField } from './place-fields.tsx';

/** As many characters as the hub takes. */
export const NAME_MAX = 64;

export function DeviceSettings({ device }: { device: Device }) {
  const [name, setName] = useState(device.name);
  const [room, setRoom] = useState(device.room ?? '');
  const [error, setError] = useState<string | null>(null);
  const change: DeviceChange = {
    ...(name.trim() !== device.name ? { name: name.trim() } : {}),
    ...(room.trim() !== (device.room ?? '') ? { room: room.trim() || null } : {}),
  };
  const save = async (wanted: DeviceChange): Promise<void> => {
    setError(null);
    const before = Object.fromEntries(Object.keys(wanted).map((key) => [key, device[key as keyof Device]])) as DeviceChange;
    try {
      keepDevice(await api.change(device.id, wanted));
      const restore = (): void => void api.change(device.id, before).then(keepDevice, (failure: unknown) => failed(t('device.not_saved', { device: device.name }), failure));
      undoable(t('device.saved', { device: wanted.name ?? device.name }), () => {
        if (before.name !== undefined) setName(before.name);
        if (before.room !== undefined) setRoom(before.room ?? '');
        restore();
      });
    } catch (failure) {
      setError(reasonOf(failure));
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void save(change);
  };
  const isCamera = device.family.endsWith('_camera') || device.family === 'onvif';
  return (
    <section class="card" aria-labelledby="settings">
      <h2 id="settings">{t('device.settings')}</h2>
      <form onSubmit={submit} data-testid="device-form">
        <TextField label={t('add.name')} value={name} maxLength={NAME_MAX} required autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
        <RoomField value={room} onInput={setRoom} />
        <FormError text={error} />
        <HubButton type="submit" kind="primary" busy={Object.keys(change).length === 0 || name.trim() === ''} testid="device-save">
          {t('action.save')}
        </HubButton>
      </form>
      {isCamera && (cameras.value ?? []).length > 0 && <CameraSelect value={device.camera} onChoose={(camera) => void save({ camera })} />}
      {device.readings.length > 0 && <HistorySwitch device={device} />}
    </section>
  );
}

/** Switching on is a choice; switching off erases what was kept, so it asks. */
function HistorySwitch({ device }: { device: Device }) {
  const [isAsking, setAsking] = useState(false);
  const isOn = device.history === 'on';
  const set = async (history: Device['history']): Promise<void> => keepDevice(await api.change(device.id, { history }));
  const change = (): void => {
    if (isOn) setAsking(true);
    else {
      set('on').catch((error: unknown) => {
        failed(t('device.not_saved', { device: device.name }), error);
        // The native switch has moved already; what the hub says puts it back.
        void askAgain(device.id);
      });
    }
  };
  return (
    <>
      <Switch label={t('history.switch')} hint={isOn ? t('history.on_text') : t('history.off_text')} on={isOn} onChange={change} />
      {isAsking && (
        <Confirm title={t('history.question', { device: device.name })} confirm={t('history.erase')} action={() => set('off')} close={() => setAsking(false)} done={() => setAsking(false)}>
          <p>{t('history.question_text')}</p>
        </Confirm>
      )}
    </>
  );
}
