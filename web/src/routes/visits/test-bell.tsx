// Rings the bell of a camera by hand, to see whether everything that should follow does.

import { faces as api, type Faces } from '../../api/people.ts';
import { visits } from '../../api/visits.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { failed, succeeded } from '../../state/messages.ts';
import { mayAs } from '../../state/session.ts';
import { t } from '../../text/text.ts';

/** Cameras whose visits are looked for. */
export const doors = (faces: Faces | null): Faces['cameras'] => (faces?.cameras ?? []).filter((camera) => camera.visits);

async function ring(camera: string, name: string): Promise<void> {
  try {
    await visits.ring(camera);
    succeeded(t('visits.rang', { camera: name }));
  } catch (error) {
    failed(t('visits.not_rung'), error);
  }
}

export function TestBell({ faces }: { faces: Faces | null }) {
  const list = doors(faces);
  if (!mayAs('operator') || list.length === 0) return null;
  return (
    <>
      {list.map(({ camera, name }) => (
        <HubButton key={camera} onClick={() => void ring(camera, name)} testid="test-bell" label={list.length > 1 ? t('visits.test_bell_of', { camera: name }) : undefined}>
          <Icon name="bell-ring" size={16} />
          {list.length > 1 ? t('visits.test_bell_of', { camera: name }) : t('visits.test_bell')}
        </HubButton>
      ))}
    </>
  );
}

export const fetchFaces = (): Promise<Faces> => api.get();
