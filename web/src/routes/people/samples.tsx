// The pictures a face is known by: each with how good it is, and ways to add one. None without consent.

import { useState } from 'preact/hooks';

import { people as api, samplePicture, type Faces, type PersonDetail, type Sample } from '../../api/people.ts';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import type { IconName } from '../../components/icon-names.ts';
import { hubNow } from '../../state/clock.ts';
import { failed, undoable } from '../../state/messages.ts';
import { isAdmin } from '../../state/session.ts';
import { t } from '../../text/text.ts';
import { decimal, shortDay } from '../../time/show.ts';
import { CameraDialog } from './add-from-camera.tsx';
import { PhotoDialog } from './add-photo.tsx';
import { VisitDialog } from './add-from-visit.tsx';
import { hasConsent } from './person-name.ts';

const WAYS = ['photo', 'visit', 'camera'] as const;
type Way = (typeof WAYS)[number];
const ICONS: Record<Way, IconName> = { photo: 'upload', visit: 'bell-ring', camera: 'camera' };

/** Why no sample can be added, or null. */
function obstacle(person: PersonDetail, faces: Faces | null): string | null {
  if (!hasConsent(person)) return t('samples.no_consent');
  if (faces && !faces.available) return t('faces.unavailable', { reason: faces.reason ?? '' });
  return null;
}

export function Samples({ person, faces, again }: { person: PersonDetail; faces: Faces | null; again: () => void }) {
  const [way, setWay] = useState<Way | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const why = obstacle(person, faces);
  const shown = person.sample_list.filter((sample) => !hidden.has(sample.id));
  const hide = (id: string, isHidden: boolean): void => setHidden((before) => new Set(isHidden ? [...before, id] : [...before].filter((one) => one !== id)));
  const remove = (sample: Sample): void => {
    hide(sample.id, true);
    const commit = (): void => {
      api.removeSample(person.id, sample.id).then(again, (error: unknown) => {
        hide(sample.id, false);
        failed(t('samples.not_removed'), error);
      });
    };
    undoable(t('samples.removed'), () => hide(sample.id, false), commit);
  };
  const added = t('samples.added', { name: person.name });
  const done = (): void => {
    setWay(null);
    again();
  };
  return (
    <section class="card" aria-labelledby="samples" data-testid="samples">
      <h2 id="samples">
        {t('samples.title')} <span class="count tabular">{shown.length}</span>
      </h2>
      {shown.length === 0 && <p class="muted">{t('samples.none')}</p>}
      <ul class="sample-grid">
        {shown.map((sample) => (
          <SampleTile key={sample.id} src={sample.picture ? samplePicture(person.id, sample.id) : null} quality={sample.quality} what={whatOf(sample)} remove={isAdmin.value ? () => remove(sample) : null} />
        ))}
      </ul>
      {isAdmin.value && (
        <div class="row" role="group" aria-label={t('samples.add')}>
          {WAYS.map((name) => (
            <HubButton key={name} onClick={() => setWay(name)} busy={why !== null} title={why ?? undefined} testid={`sample-${name}`}>
              <Icon name={ICONS[name]} />
              {t(`samples.add_${name}`)}
            </HubButton>
          ))}
        </div>
      )}
      {why !== null && (
        <p class="hint" data-testid="sample-obstacle">
          {why}
        </p>
      )}
      {way === 'photo' && <PhotoDialog title={t('samples.add_photo')} add={(photo, face) => api.addPhoto(person.id, photo, face)} added={added} close={() => setWay(null)} done={done} />}
      {way === 'camera' && <CameraDialog person={person} close={() => setWay(null)} done={done} />}
      {way === 'visit' && <VisitDialog name={person.name} person={person.id} add={(visit, face) => api.addFromVisit(person.id, visit, face)} added={added} close={() => setWay(null)} done={done} />}
    </section>
  );
}

const whatOf = ({ source, added_at }: Sample): string => t('samples.what', { source: t(`source.${source}`), day: shortDay(Date.parse(added_at) || hubNow()) });

/** A view of a face with how good it is; without a picture only that. */
export function SampleTile({ src, quality, what, remove }: { src: string | null; quality: number; what: string; remove: (() => void) | null }) {
  const [isBroken, setBroken] = useState(false);
  return (
    <li class="sample" data-testid="sample">
      <span class="sample-picture">{src !== null && !isBroken ? <img src={src} alt={what} loading="lazy" decoding="async" onError={() => setBroken(true)} /> : <Icon name="user" size={28} />}</span>
      <span class="small tabular">
        <span class="strong">{decimal(quality, 2)}</span> <span class="muted">{what}</span>
      </span>
      {remove && (
        <button type="button" class="icon-button sample-remove" onClick={remove} aria-label={t('samples.remove', { what })} title={t('samples.remove', { what })}>
          <Icon name="x" size={16} />
        </button>
      )}
    </li>
  );
}
