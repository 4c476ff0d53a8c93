// A face from a photo. If several are in it, the right one is chosen on the picture itself.

import { useEffect, useState } from 'preact/hooks';

import type { FoundFace } from '../../api/people.ts';
import { ApiError } from '../../api/request.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FaceBoxes } from '../../components/face-boxes.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { decimal } from '../../time/show.ts';
import { foundFaces } from './found-faces.ts';
import { flawWords, refusalWords } from './sample-words.ts';

/** The hub takes no more. */
const BYTES_MAX = 16 * 1024 * 1024;
const TYPES = ['image/jpeg', 'image/png'];

interface Properties {
  title: string;
  /** Takes one face of the photo; without its number the only one. */
  add: (photo: Blob, face: number | null) => Promise<unknown>;
  /** What is said when it was taken. */
  added: string;
  close: () => void;
  done: () => void;
}

function problemOf(file: File): string | null {
  if (!TYPES.includes(file.type)) return t('photo.wrong_type');
  return file.size > BYTES_MAX ? t('photo.too_big') : null;
}

/** The faces of a refusal on the picture; those that will do can be chosen if there are several. */
export function Found({ src, faces, choose }: { src: string; faces: readonly FoundFace[]; choose: (index: number) => void }) {
  const words = (face: FoundFace): string => (face.flaws.length > 0 ? flawWords(face.flaws) : t('photo.this_one', { n: face.index + 1, quality: decimal(face.quality, 2) }));
  return <FaceBoxes src={src} alt={t('photo.alt')} boxes={faces.map((face) => ({ index: face.index, area: face.area, text: words(face) }))} onChoose={faces.length > 1 ? choose : undefined} />;
}

export function PhotoDialog({ title, add, added, close, done }: Properties) {
  const [file, setFile] = useState<File | null>(null);
  const [src, setSrc] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [found, setFound] = useState<FoundFace[]>([]);
  useEffect(() => {
    if (!file) return undefined;
    const address = URL.createObjectURL(file);
    setSrc(address);
    return () => URL.revokeObjectURL(address);
  }, [file]);
  const send = async (photo: File, face: number | null): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await add(photo, face);
      succeeded(added);
      done();
    } catch (error) {
      setProblem(refusalWords(error));
      // A choice that was refused keeps the boxes, so that another can be tried.
      if (error instanceof ApiError && (face === null || foundFaces(error).length > 0)) setFound(foundFaces(error));
    } finally {
      setBusy(false);
    }
  };
  const choose = (list: FileList | null): void => {
    const next = list?.[0];
    if (!next) return;
    setFound([]);
    const wrong = problemOf(next);
    setProblem(wrong);
    setFile(wrong === null ? next : null);
    if (wrong === null) void send(next, null);
    else setSrc(null);
  };
  return (
    <Dialog title={title} onClose={close} testid="photo-dialog" wide={src !== null}>
      <p class="muted">{t('photo.text')}</p>
      <label class="button file-button">
        {t('photo.choose')}
        <input type="file" accept={TYPES.join(',')} onChange={(event) => choose(event.currentTarget.files)} data-testid="photo-file" />
      </label>
      {busy && <p role="status">{t('photo.looking')}</p>}
      <FormError text={problem} />
      {src && file && (found.length > 0 ? <Found src={src} faces={found} choose={(index) => void send(file, index)} /> : <FaceBoxes src={src} alt={t('photo.alt')} boxes={[]} />)}
      <div class="dialog-actions">
        <HubButton onClick={close}>{t('action.cancel')}</HubButton>
      </div>
    </Dialog>
  );
}
