// The wall: all cameras live, as many columns as wanted.

import { CameraTile } from '../../components/camera-tile.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { usePage } from '../../components/use-page.ts';
import { go } from '../../router/router.ts';
import { cameras, camerasFailed, loadCameras } from '../../state/cameras.ts';
import { useKeys } from '../../state/keys.ts';
import { columns, type Columns } from '../../state/preferences.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';

const CHOICES: readonly Columns[] = ['auto', '1', '2', '3', '4'];

export function Cameras() {
  const heading = usePage(t('nav.cameras'));
  const list = [...(cameras.value ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  const open = (number: number): void => {
    const camera = list[number - 1];
    if (camera) go(`/cameras/${camera.id}`);
  };
  useKeys(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [String(index + 1), () => open(index + 1)])));
  return (
    <div class="cameras">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.cameras')} {cameras.value && <span class="count">{list.length}</span>}
        </h1>
        <div class="row">
          {list.length > 1 && (
            <fieldset class="segments" aria-label={t('cameras.columns')}>
              {CHOICES.map((choice) => (
                <label key={choice} class="segment">
                  <input type="radio" name="columns" checked={columns.value === choice} onChange={() => { columns.value = choice; }} />
                  <span>{choice === 'auto' ? t('cameras.auto') : choice}</span>
                </label>
              ))}
            </fieldset>
          )}
          {isAdmin.value && (
            <a class="button" href="/settings/cameras?add">
              <Icon name="plus" />
              {t('cameras.add')}
            </a>
          )}
        </div>
      </header>
      {cameras.value === null && !camerasFailed.value && <Loading what={t('state.cameras')} shape="tiles" />}
      {camerasFailed.value && <ErrorCard what={t('home.failed')} error={null} retry={() => void loadCameras()} />}
      {cameras.value !== null && list.length === 0 && (
        <Empty icon="cctv" title={t('home.no_camera')}>
          <p class="muted">{t('home.no_camera_text')}</p>
        </Empty>
      )}
      <div class="tiles wall" data-columns={columns.value}>
        {list.map((camera, index) => (
          <CameraTile key={camera.id} camera={camera} number={index + 1} />
        ))}
      </div>
    </div>
  );
}
