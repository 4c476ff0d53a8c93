// How long a camera's footage, its events and their pictures are kept, each as a field that is saved when it is left.

import { useEffect, useState } from 'preact/hooks';

import type { CameraSettings } from '../../api/types.ts';
import { TextField } from '../../components/field.tsx';
import { t } from '../../text/text.ts';
import type { Save } from './camera-settings.tsx';
import { DAYS_MAX, DAYS_MIN, keptKinds, readDays, type KeptKind } from './kept-days.ts';

type Retention = CameraSettings['retention'];

export function KeptFields({ retention, save }: { retention: Retention; save: Save }) {
  return (
    <>
      <h3 class="kept-title">{t('kept.title')}</h3>
      <div class="field-pair">
        {keptKinds(retention).map((kind) => (
          <DaysField key={kind} kind={kind} retention={retention} save={save} />
        ))}
      </div>
    </>
  );
}

function DaysField({ kind, retention, save }: { kind: KeptKind; retention: Retention; save: Save }) {
  const stored = retention[kind] ?? null;
  const [typed, setTyped] = useState(String(stored ?? ''));
  const [error, setError] = useState<string | null>(null);
  // Somebody else may change it, and an undo does.
  useEffect(() => setTyped(String(stored ?? '')), [stored]);
  const leave = async (): Promise<void> => {
    const days = readDays(typed, kind);
    if (days === 'wrong') setError(t('kept.wrong', { min: DAYS_MIN[kind], max: DAYS_MAX }));
    else if (days !== stored) setError(await save({ retention: { ...retention, [kind]: days } }, t(`kept.${kind}`)));
  };
  const type = (text: string): void => {
    setTyped(text);
    setError(null);
  };
  return <TextField label={t(`kept.${kind}`)} hint={t(`kept_hint.${kind}`)} error={error} name={kind} inputMode="numeric" class="short" autocomplete="off" value={typed} onInput={(event) => type(event.currentTarget.value)} onBlur={() => void leave()} />;
}
