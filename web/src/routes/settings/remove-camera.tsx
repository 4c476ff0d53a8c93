// Removes a camera for good: says with numbers what is erased, and afterwards what was.

import { useState } from 'preact/hooks';

import { hub } from '../../api/hub.ts';
import type { CameraDetail } from '../../api/types.ts';
import { Dialog } from '../../components/dialog.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { go } from '../../router/router.ts';
import { loadCameras } from '../../state/cameras.ts';
import { hubNow } from '../../state/clock.ts';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { bytes, moment, whole } from '../../time/show.ts';

export function RemoveCamera({ detail, close }: { detail: CameraDetail; close: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { name } = detail.settings;
  const remove = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const erased = await hub.removeCamera(detail.status.id);
      await loadCameras();
      succeeded(t('remove.done', { camera: name, segments: whole(erased.segments), bytes: bytes(erased.bytes) }));
      go('/settings/cameras');
    } catch (failure) {
      setError(reasonOf(failure));
      setBusy(false);
    }
  };
  const footage = detail.footage;
  return (
    <Dialog title={t('remove.question', { camera: name })} onClose={close} testid="remove-dialog">
      <ul class="plain-list">
        <li>
          {footage.segments > 0
            ? t('remove.footage', { segments: whole(footage.segments), bytes: bytes(footage.bytes), since: footage.from ? moment(Date.parse(footage.from), hubNow()) : '—' })
            : t('remove.footage_none')}
        </li>
        <li>{t('remove.events')}</li>
        <li>{t('remove.credentials')}</li>
      </ul>
      <p class="strong">{t('remove.final')}</p>
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close} autoFocus>
          {t('action.cancel')}
        </button>
        <HubButton kind="danger" onClick={() => void remove()} busy={isBusy} testid="remove-confirm">
          {isBusy ? t('remove.busy') : t('remove.confirm', { camera: name })}
        </HubButton>
      </div>
    </Dialog>
  );
}
