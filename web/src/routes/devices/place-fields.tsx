// Where a device stands, and whose lens it is.

import { useId } from 'preact/hooks';

import { cameras } from '../../state/cameras.ts';
import { devices } from '../../state/devices.ts';
import { t } from '../../text/text.ts';

const ROOM_MAX = 64;

/** A room by its name; those in use are offered. */
export function RoomField({ value, onInput }: { value: string; onInput: (room: string) => void }) {
  const id = useId();
  const rooms = [...new Set((devices.value ?? []).map((device) => device.room).filter((room) => room !== null))].sort((a, b) => a.localeCompare(b));
  return (
    <div class="field">
      <label for={id}>{t('device.room')}</label>
      <input id={id} value={value} maxLength={ROOM_MAX} autocomplete="off" name="device-room" list={`${id}-rooms`} aria-describedby={`${id}-hint`} onInput={(event) => onInput(event.currentTarget.value)} />
      <p class="hint" id={`${id}-hint`}>
        {t('device.room_hint')}
      </p>
      <datalist id={`${id}-rooms`}>
        {rooms.map((room) => (
          <option key={room} value={room} />
        ))}
      </datalist>
    </div>
  );
}

export function CameraSelect({ value, onChoose }: { value: string | null; onChoose: (camera: string | null) => void }) {
  const id = useId();
  return (
    <div class="field device-camera">
      <label for={id}>{t('device.camera')}</label>
      <select id={id} value={value ?? ''} onChange={(event) => onChoose(event.currentTarget.value || null)} aria-describedby={`${id}-hint`}>
        <option value="">{t('device.no_camera')}</option>
        {(cameras.value ?? []).map((camera) => (
          <option key={camera.id} value={camera.id} dir="auto">
            {camera.name}
          </option>
        ))}
      </select>
      <p class="hint" id={`${id}-hint`}>
        {t('device.camera_hint')}
      </p>
    </div>
  );
}
