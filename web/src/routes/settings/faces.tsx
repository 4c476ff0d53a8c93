// What is kept of faces, and which cameras look for visits and faces. Everything is off until somebody switches it on.

import { useState } from 'preact/hooks';

import { PRIVACY_LEVELS, faces as api, type FaceSettings, type Faces } from '../../api/people.ts';
import { hub } from '../../api/hub.ts';
import { Choice, Switch, TextField } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { offline } from '../../state/contact.ts';
import { failed, undoable } from '../../state/messages.ts';
import { t } from '../../text/text.ts';

const SHA_SHOWN = 12;

export function FaceSettingsPage() {
  const [faces, again, set] = useFetch(() => api.get(), 'faces');
  return (
    <section class="narrow" aria-label={t('faces.title')}>
      <div class="section-head">
        <p class="muted section-text">{t('faces.text')}</p>
      </div>
      {!faces.data && faces.state === 'loading' && <Loading what={t('faces.title')} shape="form" />}
      {!faces.data && faces.state === 'error' && <ErrorCard what={t('faces.failed')} error={faces.error} retry={again} />}
      {faces.data && (
        <>
          <Availability faces={faces.data} />
          <Kept faces={faces.data} set={set} />
          <Cameras faces={faces.data} again={again} />
        </>
      )}
    </section>
  );
}

function Availability({ faces }: { faces: Faces }) {
  return (
    <p class={faces.available ? 'note row' : 'note note-warn row'} data-testid="faces-available" data-state={faces.available ? 'ok' : 'unavailable'}>
      <Icon name={faces.available ? 'check' : 'eye-off'} size={16} />
      <span class="grow">{faces.available ? t('faces.running') : t('faces.unavailable', { reason: faces.reason ?? '' })}</span>
      {faces.model && <span class="muted small code">{t('faces.model', { sha: faces.model.sha256.slice(0, SHA_SHOWN), detector: faces.model.detector })}</span>}
    </p>
  );
}

function Kept({ faces, set }: { faces: Faces; set: (faces: Faces) => void }) {
  const { settings } = faces;
  const [days, setDays] = useState(String(settings.retention_days));
  const [error, setError] = useState<string | null>(null);
  const put = async (change: Partial<FaceSettings>, what: string): Promise<boolean> => {
    try {
      set(await api.change(change));
      return true;
    } catch (failure) {
      failed(t('faces.not_saved', { what }), failure);
      return false;
    }
  };
  const save = async (change: Partial<FaceSettings>, what: string): Promise<void> => {
    const before = Object.fromEntries(Object.keys(change).map((key) => [key, settings[key as keyof FaceSettings]])) as Partial<FaceSettings>;
    if (await put(change, what)) undoable(t('faces.saved', { what }), () => void put(before, what));
  };
  const saveDays = (): void => {
    const count = Number(days);
    if (!(Number.isInteger(count) && count >= 1 && count <= 365)) setError(t('faces.days_wrong'));
    else if (count !== settings.retention_days) void save({ retention_days: count }, t('faces.days'));
  };
  return (
    <section class="card" aria-labelledby="kept">
      <h2 id="kept">{t('faces.privacy')}</h2>
      <Choice
        label={t('faces.privacy')}
        value={settings.privacy}
        options={PRIVACY_LEVELS.map((level) => [level, t(`faces.${level}`)] as const)}
        hint={t(`faces_hint.${settings.privacy}`)}
        disabled={offline.value}
        onChoose={(privacy) => void save({ privacy }, t('faces.privacy'))}
        testid="faces-privacy"
      />
      <Switch label={t('faces.keep')} hint={t('faces.keep_hint')} on={settings.keep_pictures} disabled={offline.value} onChange={(keep_pictures) => void save({ keep_pictures }, t('faces.keep'))} />
      <TextField
        label={t('faces.days')}
        hint={t('faces.days_hint')}
        error={error}
        name="faces-days"
        inputMode="numeric"
        class="short"
        value={days}
        disabled={!settings.keep_pictures}
        onInput={(event) => {
          setDays(event.currentTarget.value);
          setError(null);
        }}
        onBlur={saveDays}
      />
    </section>
  );
}

type Row = Faces['cameras'][number];

function Cameras({ faces, again }: { faces: Faces; again: () => void }) {
  const put = async (row: Row, change: { faces?: boolean; visits?: boolean }, what: string): Promise<boolean> => {
    try {
      const { settings } = await hub.camera(row.camera);
      await hub.changeCamera(row.camera, { detection: { ...settings.detection, ...change } });
      return true;
    } catch (failure) {
      failed(t('faces.not_saved', { what }), failure);
      return false;
    } finally {
      again();
    }
  };
  const toggle = async (row: Row, part: 'faces' | 'visits', on: boolean): Promise<void> => {
    const what = t(part === 'faces' ? 'faces.faces_of' : 'faces.visits_of', { camera: row.name });
    if (await put(row, { [part]: on }, what)) undoable(t('faces.saved', { what }), () => void put(row, { [part]: !on }, what));
  };
  return (
    <section class="card" aria-labelledby="face-cameras">
      <h2 id="face-cameras">{t('faces.cameras')}</h2>
      <p class="muted">
        {t('faces.visits_hint')} {t('faces.faces_hint')}
      </p>
      {faces.cameras.length === 0 && <p>{t('faces.cameras_none')}</p>}
      <ul class="face-list">
        {faces.cameras.map((row) => (
          <li key={row.camera} class="camera-switches row" data-testid="face-camera" data-camera={row.name}>
            <span class="strong" dir="auto">
              {row.name}
            </span>
            <CameraSwitch text={t('faces.visits_on')} label={t('faces.visits_of', { camera: row.name })} on={row.visits} toggle={(on) => void toggle(row, 'visits', on)} />
            <CameraSwitch text={t('faces.faces_on')} label={t('faces.faces_of', { camera: row.name })} on={row.faces} toggle={(on) => void toggle(row, 'faces', on)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function CameraSwitch({ text, label, on, toggle }: { text: string; label: string; on: boolean; toggle: (on: boolean) => void }) {
  return (
    <label class="row">
      <input type="checkbox" role="switch" class="switch" checked={on} disabled={offline.value} onChange={(event) => toggle(event.currentTarget.checked)} aria-label={`${text}: ${label}`} />
      <span aria-hidden="true">{text}</span>
    </label>
  );
}
