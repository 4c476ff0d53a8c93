// A sample from a camera of the house: the picture is shown first, so that one sees whose face it is.

import { useEffect, useState } from 'preact/hooks';

import { hub } from '../../api/hub.ts';
import { people as api, type FoundFace, type PersonDetail } from '../../api/people.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FaceBoxes } from '../../components/face-boxes.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { cameras } from '../../state/cameras.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { clockTime } from '../../time/show.ts';
import { Found } from './add-photo.tsx';
import { foundFaces } from './found-faces.ts';
import { refusalWords } from './sample-words.ts';

interface Shot {
  src: string;
  /** When the camera took it, in the hub's words; the same picture is looked at for the sample. */
  at: string | null;
}

async function shoot(camera: string, signal: AbortSignal): Promise<Shot> {
  const response = await hub.snapshot(camera, null, signal);
  return { at: response.headers.get('x-frame-time'), src: URL.createObjectURL(await response.blob()) };
}

export function CameraDialog({ person, close, done }: { person: PersonDetail; close: () => void; done: () => void }) {
  const live = (cameras.value ?? []).filter((camera) => camera.state === 'live');
  const [camera, setCamera] = useState(live[0]?.id ?? '');
  const [shot, setShot] = useState<Shot | null>(null);
  const [round, setRound] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [found, setFound] = useState<FoundFace[]>([]);
  useEffect(() => {
    if (!camera) return undefined;
    const abort = new AbortController();
    setShot(null);
    setFound([]);
    setProblem(null);
    shoot(camera, abort.signal).then(setShot, (error: unknown) => !abort.signal.aborted && setProblem(refusalWords(error)));
    return () => abort.abort();
  }, [camera, round]);
  useEffect(() => () => {
    if (shot) URL.revokeObjectURL(shot.src);
  }, [shot]);
  const send = async (face?: number): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await api.addFromCamera(person.id, { camera, ...(shot?.at ? { at: shot.at } : {}), ...(face === undefined ? {} : { face }) });
      succeeded(t('samples.added', { name: person.name }));
      done();
    } catch (error) {
      setProblem(refusalWords(error));
      if (foundFaces(error).length > 0) setFound(foundFaces(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('samples.add_camera')} onClose={close} testid="camera-dialog" wide>
      <div class="field">
        <label for="sample-camera">{t('events.camera')}</label>
        <select id="sample-camera" class="small-select" value={camera} onChange={(event) => setCamera(event.currentTarget.value)}>
          {live.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </div>
      {live.length === 0 && <p class="note">{t('camera_sample.none')}</p>}
      {shot && (found.length > 0 ? <Found src={shot.src} faces={found} choose={(index) => void send(index)} /> : <FaceBoxes src={shot.src} alt={t('camera_sample.alt')} boxes={[]} />)}
      {shot?.at && <p class="muted small tabular">{clockTime(Date.parse(shot.at))}</p>}
      <FormError text={problem} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          {t('action.cancel')}
        </button>
        <HubButton onClick={() => setRound(round + 1)} busy={busy || !camera}>
          {t('camera_sample.again')}
        </HubButton>
        <HubButton kind="primary" onClick={() => void send()} busy={busy || !shot} testid="camera-use">
          {t('camera_sample.use')}
        </HubButton>
      </div>
    </Dialog>
  );
}
