// The privacy of the whole house: its switch in the header, what each camera answered, and a band while it is on.

import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';

import { privacy as api, type HousePrivacy } from '../api/privacy.ts';
import { cameraNamed } from '../state/cameras.ts';
import { hubNow, second } from '../state/clock.ts';
import { useKeys } from '../state/keys.ts';
import { housePrivacy } from '../state/privacy.ts';
import { mayAs } from '../state/session.ts';
import { UNTIL, endOf, type Until } from '../state/until.ts';
import { t } from '../text/text.ts';
import { houseZone } from '../time/house-zone.ts';
import { age, moment } from '../time/show.ts';
import { Dialog } from './dialog.tsx';
import { Choice } from './field.tsx';
import { FormError } from './form-error.tsx';
import { HubButton } from './hub-button.tsx';
import { Icon } from './icon.tsx';
import { useAction } from './use-action.ts';

/** The dialog stands outside of the header, which opens it. */
const isOpen = signal(false);
const open = (): void => {
  isOpen.value = true;
};
const close = (): void => {
  isOpen.value = false;
};

const nameOf = (camera: string): string => cameraNamed(camera)?.name ?? t('event.removed_camera');

/** Switches the house, and keeps what the hub says came of it. */
async function setHouse(isOn: boolean, until: number | null): Promise<void> {
  housePrivacy.value = await api.set(isOn, until);
}

export function PrivacyChip() {
  const now = housePrivacy.value;
  const isMine = now !== null && mayAs('operator');
  useKeys(isMine ? { P: open } : {});
  if (!isMine) return null;
  const text = now.is_on ? t('privacy.chip_on') : t('privacy.chip_off');
  return (
    <button type="button" class={now.is_on ? 'chip chip-privacy' : 'chip'} aria-label={text} aria-haspopup="dialog" title={`${text} (Shift+P)`} onClick={open} data-testid="chip-privacy" data-state={now.is_on ? 'on' : 'off'}>
      <Icon name="camera-off" size={16} />
      <span class="chip-long">{text}</span>
    </button>
  );
}

export function PrivacyDialog() {
  return isOpen.value && housePrivacy.value && mayAs('operator') ? <Question house={housePrivacy.value} /> : null;
}

function Question({ house }: { house: HousePrivacy }) {
  const [until, setUntil] = useState<Until>('ended');
  const { busy, error, run } = useAction();
  const now = second.value;
  const words = (choice: Until): string => {
    const end = endOf(choice, now, houseZone());
    return choice === 'evening' && end !== null ? t('privacy.until.evening', { time: moment(end, now) }) : t(`privacy.until.${choice}`);
  };
  return (
    <Dialog title={t('privacy.title')} onClose={close} testid="privacy-dialog">
      {house.is_on ? (
        <>
          <p>{stateText(house)}</p>
          <Results house={house} />
        </>
      ) : (
        <>
          <p>{t('privacy.text')}</p>
          <Choice label={t('privacy.how_long')} value={until} options={UNTIL.map((choice) => [choice, words(choice)])} onChoose={setUntil} testid="privacy-until" />
          <StillClosed house={house} />
        </>
      )}
      <p class="muted" role="status">
        {busy && t('privacy.asking', { n: house.cameras.length })}
      </p>
      <FormError text={error} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          {house.is_on ? t('action.close') : t('action.cancel')}
        </button>
        {house.is_on ? (
          <HubButton kind="primary" busy={busy} onClick={() => void run(() => setHouse(false, null))} testid="privacy-end">
            {t('privacy.end')}
          </HubButton>
        ) : (
          <HubButton kind="primary" busy={busy} onClick={() => void run(() => setHouse(true, endOf(until, hubNow(), houseZone())))} testid="privacy-on">
            {t('privacy.switch_on')}
          </HubButton>
        )}
      </div>
    </Dialog>
  );
}

function stateText(house: HousePrivacy): string {
  const closed = house.cameras.filter((row) => row.result === 'closed').length;
  const until = house.until === null ? t('privacy.open_end') : t('privacy.ends', { time: moment(Date.parse(house.until), second.value) });
  return `${t('privacy.closed', { n: closed, of: house.cameras.length })} ${until}`;
}

function Results({ house }: { house: HousePrivacy }) {
  return (
    <>
      <ul class="rows" data-testid="privacy-results">
        {house.cameras.map((row) => (
          <li key={row.camera} class="list-row" data-camera={row.camera} data-state={row.result}>
            <Icon name={row.result === 'closed' ? 'camera-off' : 'triangle-alert'} />
            <div class="grow">
              <p class="strong" dir="auto">
                {nameOf(row.camera)}
              </p>
              <p class={row.result === 'closed' ? 'muted small' : 'small bad-text'}>
                {row.result === 'closed' ? t(`privacy.closed_by.${row.how}`) : row.result === 'failed' ? t(`privacy.failed.${row.how}`) : t('privacy.open')}
                {row.reason && <span dir="auto"> {row.reason}</span>}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {house.by !== null && house.since !== null && <p class="muted small">{t('privacy.by', { name: house.by, age: age(second.value - Date.parse(house.since)) })}</p>}
    </>
  );
}

/** Cameras that did not open again when the privacy ended. */
function StillClosed({ house }: { house: HousePrivacy }) {
  const rest = house.cameras.filter((row) => row.result !== 'open');
  if (rest.length === 0) return null;
  return (
    <ul class="plain-list">
      {rest.map((row) => (
        <li key={row.camera} dir="auto">
          {t('privacy.not_open', { camera: nameOf(row.camera), reason: row.reason ?? t('reason.unknown') })}
        </li>
      ))}
    </ul>
  );
}

export function PrivacyBand() {
  const house = housePrivacy.value;
  const { busy, error, run } = useAction();
  if (!house?.is_on) return null;
  const failed = house.cameras.filter((row) => row.result !== 'closed');
  return (
    <section class="band band-privacy" aria-label={t('privacy.title')} data-testid="privacy-band">
      <Icon name="camera-off" />
      <p>
        <span>{t('privacy.band')}</span> <span>{stateText(house)}</span>
        {failed.map((row) => (
          <span key={row.camera} class="band-failed" dir="auto">
            {' '}
            {t('privacy.not_closed', { camera: nameOf(row.camera), reason: row.reason ?? t('reason.unknown') })}
          </span>
        ))}
      </p>
      <FormError text={error} />
      {mayAs('operator') && (
        <HubButton busy={busy} onClick={() => void run(() => setHouse(false, null))} testid="band-end">
          {t('privacy.end')}
        </HubButton>
      )}
    </section>
  );
}
