// The settings of one camera. Each group is saved by itself; removal names what is erased.

import { useState } from 'preact/hooks';

import { hub } from '../../api/hub.ts';
import type { CameraChange, CameraDetail, CameraSettings } from '../../api/types.ts';
import { Choice, Switch, TextField } from '../../components/field.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { ApiError } from '../../api/request.ts';
import { failed, reasonOf, succeeded, undoable } from '../../state/messages.ts';
import { t, tCode } from '../../text/text.ts';
import { NotFound } from '../not-found/not-found.tsx';
import { KeptFields } from './kept-fields.tsx';
import { recordModes } from './record-modes.ts';
import { RemoveCamera } from './remove-camera.tsx';
import { ScheduleEditor } from './schedule-editor.tsx';
import { Source } from './source.tsx';

export function CameraSettingsPage({ params }: { params: Record<string, string> }) {
  const id = params['id'] ?? '';
  const [camera, again] = useFetch(() => hub.camera(id), id);
  if (camera.data) return <Loaded detail={camera.data} again={again} />;
  if (camera.state === 'loading') return <Loading what={t('state.camera')} shape="form" />;
  if (camera.error instanceof ApiError && camera.error.status === 404) return <NotFound />;
  return <ErrorCard what={t('settings.failed')} error={camera.error} retry={again} />;
}

export type Save = (change: CameraChange, what: string) => Promise<string | null>;

/** What takes a change back; what the hub never tells (credentials) can't be. */
function inverse(change: CameraChange, settings: CameraSettings): CameraChange | null {
  if (change.username !== undefined || change.password !== undefined) return null;
  const before = Object.fromEntries(Object.keys(change).map((key) => [key, settings[key as keyof CameraSettings]])) as CameraChange;
  return 'sub_url' in before ? { ...before, sub_url: before.sub_url ?? '' } : before;
}

function Loaded({ detail, again }: { detail: CameraDetail; again: () => void }) {
  const { settings, status } = detail;
  const heading = usePage(`${settings.name} – ${t('nav.settings')}`);
  const [isRemoving, setRemoving] = useState(false);
  const restore = (back: CameraChange, what: string): Promise<void> => hub.changeCamera(status.id, back).then(again, (error: unknown) => failed(t('settings.not_saved', { what }), error));
  const save: Save = async (change, what) => {
    try {
      await hub.changeCamera(status.id, change);
      again();
      const back = inverse(change, settings);
      const said = t('settings.saved', { what, camera: settings.name });
      if (back) undoable(said, () => void restore(back, what));
      else succeeded(said);
      return null;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 400)) failed(t('settings.not_saved', { what }), error);
      return reasonOf(error);
    }
  };
  return (
    <div class="settings narrow">
      <header class="page-head">
        <div class="row">
          <a class="icon-button" href={`/cameras/${status.id}`} aria-label={t('settings.back', { camera: settings.name })} title={t('settings.back', { camera: settings.name })}>
            <Icon name="arrow-left" />
          </a>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {settings.name}
          </h1>
        </div>
      </header>
      <Recording detail={detail} save={save} />
      <Source detail={detail} save={save} />
      <Credentials detail={detail} save={save} />
      <section class="card danger-card" aria-labelledby="remove">
        <h2 id="remove">{t('remove.title')}</h2>
        <p>{t('remove.text')}</p>
        <HubButton kind="danger" onClick={() => setRemoving(true)} testid="remove-open">
          <Icon name="trash-2" />
          {t('remove.open')}
        </HubButton>
      </section>
      {isRemoving && <RemoveCamera detail={detail} close={() => setRemoving(false)} />}
    </div>
  );
}

function Recording({ detail, save }: { detail: CameraDetail; save: Save }) {
  const { settings } = detail;
  return (
    <section class="card" aria-labelledby="recording">
      <h2 id="recording">{t('settings.recording')}</h2>
      <Choice
        label={t('add.record')}
        value={settings.record.usual}
        options={recordModes()}
        hint={tCode('record_hint', settings.record.usual)}
        onChoose={(usual) => void save({ record: { ...settings.record, usual } }, t('add.record'))}
        testid="record-mode"
      />
      <ScheduleEditor schedule={settings.record} save={save} />
      <KeptFields retention={settings.retention} save={save} />
      <Switch label={t('settings.eyes')} hint={t('settings.eyes_hint')} on={settings.detection.enabled} onChange={(enabled) => void save({ detection: { ...settings.detection, enabled } }, t('settings.eyes'))} />
      {settings.detection.visits !== undefined && (
        <>
          <Switch label={t('faces.visits_of', { camera: settings.name })} hint={t('faces.visits_hint')} on={settings.detection.visits} onChange={(visits) => void save({ detection: { ...settings.detection, visits } }, t('faces.visits_on'))} />
          <Switch label={t('faces.faces_of', { camera: settings.name })} hint={t('faces.faces_hint')} on={settings.detection.faces === true} onChange={(faces) => void save({ detection: { ...settings.detection, faces } }, t('faces.faces_on'))} />
        </>
      )}
    </section>
  );
}

function Credentials({ detail, save }: { detail: CameraDetail; save: Save }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const problem = await save({ username, password }, t('settings.credentials'));
    if (problem !== null) return;
    setUsername('');
    setPassword('');
  };
  return (
    <section class="card" aria-labelledby="credentials">
      <h2 id="credentials">{t('settings.credentials')}</h2>
      <p class="muted">{detail.has_credentials ? t('settings.has_credentials') : t('settings.no_credentials')}</p>
      <form onSubmit={(event) => void submit(event)}>
        <div class="field-pair">
          <TextField label={t('add.username')} value={username} autocomplete="off" onInput={(event) => setUsername(event.currentTarget.value)} />
          <TextField label={t('add.password')} type="password" value={password} autocomplete="new-password" onInput={(event) => setPassword(event.currentTarget.value)} />
        </div>
        <HubButton type="submit" busy={username === '' && password === ''}>
          {t('settings.replace')}
        </HubButton>
      </form>
    </section>
  );
}
