// The cameras as a list, and a new one by its address.

import { useState } from 'preact/hooks';

import { hub } from '../../api/hub.ts';
import { ApiError } from '../../api/request.ts';
import type { AddedCamera, CameraStatus, RecordMode } from '../../api/types.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, TextField } from '../../components/field.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { RecordBadge } from '../../components/record-badge.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { go, place, replace } from '../../router/router.ts';
import { cameras, camerasFailed, keepOffer, loadCameras } from '../../state/cameras.ts';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { t, tCode } from '../../text/text.ts';
import { OfferStep } from './in-the-clear.tsx';
import { recordModes } from './record-modes.ts';

export function CameraList() {
  const isAdding = place.value.query.has('add');
  const list = [...(cameras.value ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <section aria-label={t('nav.cameras')}>
      <div class="section-head">
        <p class="muted">{t('settings.cameras_text')}</p>
        <button type="button" class="button button-primary" onClick={() => replace('/settings/cameras?add')} data-testid="add-camera">
          <Icon name="plus" />
          {t('cameras.add')}
        </button>
      </div>
      {cameras.value === null && !camerasFailed.value && <Loading what={t('state.cameras')} />}
      {camerasFailed.value && <ErrorCard what={t('home.failed')} error={null} retry={() => void loadCameras()} />}
      {cameras.value !== null && list.length === 0 && <Empty icon="cctv" title={t('home.no_camera')} />}
      <ul class="rows">
        {list.map((camera) => (
          <CameraRow key={camera.id} camera={camera} />
        ))}
      </ul>
      {isAdding && <AddCamera close={() => replace('/settings/cameras')} />}
    </section>
  );
}

function CameraRow({ camera }: { camera: CameraStatus }) {
  return (
    <li class="settings-row" data-testid="camera-row">
      <a href={`/cameras/${camera.id}/settings`}>
        <Icon name="cctv" />
        <span class="grow">
          <span class="strong" dir="auto">
            {camera.name}
          </span>
          <span class="muted">
            {tCode('camera_state', camera.state)}
            {camera.reason && ` · ${tCode('reason', camera.reason)}`}
            {camera.width && ` · ${camera.width} × ${camera.height ?? ''}`}
          </span>
        </span>
        <RecordBadge camera={camera} />
        <Icon name="chevron-right" />
      </a>
    </li>
  );
}

/** Which field an error of the hub belongs to. */
function fieldOf(error: ApiError): 'url' | 'name' | 'form' {
  if (/url|source|scheme|host|port|path/.test(error.code)) return 'url';
  if (/name/.test(error.code)) return 'name';
  return 'form';
}

interface Failure {
  field: 'url' | 'name' | 'form';
  text: string;
}

function AddCamera({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [record, setRecord] = useState<RecordMode>('continuous');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [offer, setOffer] = useState<{ camera: AddedCamera; url: string } | null>(null);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const camera = await hub.addCamera({ name: name.trim(), url: url.trim(), record, ...(username ? { username } : {}), ...(password ? { password } : {}) });
      await loadCameras();
      succeeded(t('add.done', { camera: camera.name }));
      if (camera.rtsps_url) {
        keepOffer(camera.id, camera.rtsps_url);
        setOffer({ camera, url: camera.rtsps_url });
      } else go(`/cameras/${camera.id}`);
    } catch (error) {
      setFailure({ field: error instanceof ApiError ? fieldOf(error) : 'form', text: reasonOf(error) });
    } finally {
      setBusy(false);
    }
  };
  if (offer) {
    return (
      <Dialog title={t('clear.title')} onClose={close} testid="offer-dialog">
        <OfferStep {...offer} />
      </Dialog>
    );
  }
  const errorAt = (field: Failure['field']): string | null => (failure?.field === field ? failure.text : null);
  return (
    <Dialog title={t('cameras.add')} onClose={close} testid="add-dialog">
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t('add.name')} value={name} onInput={(event) => setName(event.currentTarget.value)} error={errorAt('name')} maxLength={64} required autoFocus autocomplete="off" name="camera-name" />
        <TextField label={t('add.url')} hint={t('add.url_hint')} value={url} onInput={(event) => setUrl(event.currentTarget.value)} error={errorAt('url')} required autocomplete="off" spellcheck={false} inputMode="url" placeholder="rtsp://192.168.1.20/stream1" name="camera-url" />
        <div class="field-pair">
          <TextField label={t('add.username')} value={username} onInput={(event) => setUsername(event.currentTarget.value)} autocomplete="off" name="camera-user" />
          <TextField label={t('add.password')} type="password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} autocomplete="new-password" name="camera-password" />
        </div>
        <p class="hint">{t('add.vault')}</p>
        <Choice label={t('add.record')} value={record} options={recordModes()} onChoose={setRecord} hint={tCode('record_hint', record)} />
        {failure?.field === 'form' && (
          <p class="field-error" role="alert">
            {failure.text}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={isBusy} testid="add-submit">
            {isBusy ? t('add.busy') : t('add.submit')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
