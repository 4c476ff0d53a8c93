// Name, room, the camera it belongs to, and whether what it measures is kept.

import { useState } from 'preact/hooks';

import { devices as api, type Device, type DeviceChange } from '../../api/devices.ts';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { cameras } from '../../state/cameras.ts';
import { keepDevice } from '../../state/devices.ts';
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
      {device.readings.length > 0 && <Switch label={t('history.switch')} hint={device.history === 'on' ? t('history.on_text') : t('history.off_text')} on={device.history === 'on'} onChange={(on) => void save({ history: on ? 'on' : 'off' })} />}
    </section>
  );
}
