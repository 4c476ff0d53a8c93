// Everybody on the list: why, until when, who put them there, and the views of their face.

import { useState } from 'preact/hooks';

import { watchList as api, watchedPicture, type Watched, type WatchedFace, type WatchedSource } from '../../api/watch-list.ts';
import { Confirm } from '../../components/confirm.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { hubNow } from '../../state/clock.ts';
import { failed, succeeded, undoable } from '../../state/messages.ts';
import { t, tCode } from '../../text/text.ts';
import { fullDay, shortDay } from '../../time/show.ts';
import { PhotoDialog } from '../people/add-photo.tsx';
import { VisitDialog } from '../people/add-from-visit.tsx';
import { SampleTile } from '../people/samples.tsx';
import { entryLink } from './entry-link.ts';
import { useHeadingFocus } from './use-heading-focus.ts';
import { WatchedDialog } from './watched-dialog.tsx';

export function WatchedPeople({ people, again }: { people: readonly Watched[]; again: () => void }) {
  const [isAdding, setAdding] = useState(false);
  const heading = useHeadingFocus(people.length);
  return (
    <section class="watch-people" aria-labelledby="watched" data-testid="watched">
      <div class="section-head">
        <h2 id="watched" ref={heading} tabIndex={-1}>
          {t('watched.title')} <span class="count tabular">{people.length}</span>
        </h2>
        <HubButton kind="primary" onClick={() => setAdding(true)} testid="watched-add">
          <Icon name="plus" />
          {t('watched.add')}
        </HubButton>
      </div>
      {people.length === 0 && <p class="card muted">{t('watched.none')}</p>}
      <ul>
        {people.map((person) => (
          <WatchedCard key={person.id} person={person} again={again} />
        ))}
      </ul>
      {isAdding && <WatchedDialog person={null} close={() => setAdding(false)} done={again} />}
    </section>
  );
}

const DIALOGS = ['photo', 'visit', 'change', 'remove'] as const;
type Which = (typeof DIALOGS)[number];

function WatchedCard({ person, again }: { person: Watched; again: () => void }) {
  const [dialog, setDialog] = useState<Which | null>(null);
  const { id, name, source } = person;
  const isOwn = source.kind === 'house';
  const close = (): void => setDialog(null);
  const done = (): void => {
    close();
    again();
  };
  const added = t('watched.face_added', { name });
  return (
    <li class="card watched-card" data-testid="watched-person" data-watched={id} data-source={source.kind}>
      <div class="section-head">
        <h3 dir="auto">{name}</h3>
        <span class={isOwn ? 'badge' : 'badge badge-person'}>{t(`watched_by.${source.kind}`)}</span>
      </div>
      <p dir="auto" class="watched-reason">
        {person.reason}
      </p>
      <p class="muted small">
        {t('watched.until', { day: fullDay(Date.parse(person.ends_at)) })} <span dir="auto">{sourceWords(person)}</span>
        {person.rejections > 0 && ` ${t('watched.rejections', { n: person.rejections })}`}
      </p>
      <Entry source={source} name={name} />
      <Faces person={person} again={again} />
      <div class="row">
        {isOwn && (
          <>
            <HubButton onClick={() => setDialog('photo')} label={t('watched.photo_of', { name })} testid="watched-photo">
              <Icon name="upload" />
              {t('samples.add_photo')}
            </HubButton>
            <HubButton onClick={() => setDialog('visit')} label={t('watched.visit_of', { name })} testid="watched-visit">
              <Icon name="bell-ring" />
              {t('samples.add_visit')}
            </HubButton>
            <HubButton onClick={() => setDialog('change')} label={t('watched.change_of', { name })} testid="watched-change">
              {t('watched.change')}
            </HubButton>
          </>
        )}
        <HubButton onClick={() => setDialog('remove')} label={t('watched.remove_label', { name })} testid="watched-remove">
          <Icon name="trash-2" />
          {t('watched.remove')}
        </HubButton>
      </div>
      {dialog === 'photo' && <PhotoDialog title={t('watched.photo_of', { name })} add={(photo, face) => api.addPhoto(id, photo, face)} added={added} close={close} done={done} />}
      {dialog === 'visit' && <VisitDialog name={name} person={null} add={(visit, face) => api.addFromVisit(id, visit, face)} added={added} close={close} done={done} />}
      {dialog === 'change' && <WatchedDialog person={person} close={close} done={again} />}
      {dialog === 'remove' && (
        <Confirm
          title={t('watched.remove_question', { name })}
          confirm={t('watched.remove_of', { name })}
          action={() => api.remove(id)}
          close={close}
          done={() => {
            succeeded(t('watched.removed', { name }));
            done();
          }}
        >
          <p>{t('watched.remove_text', { n: person.faces.length })}</p>
          {!isOwn && <p>{t('watched.remove_published')}</p>}
        </Confirm>
      )}
    </li>
  );
}

/** Who put them there. */
function sourceWords({ source, added_at: added }: Watched): string {
  const day = fullDay(Date.parse(added));
  return source.kind === 'house' ? t('watched.added', { who: source.added_by, day }) : t('watched.taken', { heading: tCode('watch_class', source.class), day });
}

/** Where a published entry stands. */
function Entry({ source, name }: { source: WatchedSource; name: string }) {
  const link = source.kind === 'published' ? entryLink(source.url) : null;
  if (link === null) return null;
  return (
    <p class="small">
      <a href={link} target="_blank" rel="noopener noreferrer" aria-label={t('watched.entry_of', { name })} data-testid="watched-entry">
        {t('watched.entry')}
      </a>
    </p>
  );
}

function Faces({ person, again }: { person: Watched; again: () => void }) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = person.faces.filter((face) => !hidden.has(face.id));
  const hide = (id: string, isHidden: boolean): void => setHidden((before) => new Set(isHidden ? [...before, id] : [...before].filter((one) => one !== id)));
  const remove = (face: WatchedFace): void => {
    hide(face.id, true);
    const commit = (): void => {
      api.removeFace(person.id, face.id).then(again, (error: unknown) => {
        hide(face.id, false);
        failed(t('watched.face_not_removed'), error);
      });
    };
    undoable(t('watched.face_removed'), () => hide(face.id, false), commit);
  };
  const what = (face: WatchedFace): string => shortDay(Date.parse(face.added_at) || hubNow());
  // What a published list shows goes only with the person.
  const mayRemove = person.source.kind === 'house';
  if (shown.length === 0) return <p class="note note-warn">{t('watched.no_face')}</p>;
  return (
    <ul class="sample-grid">
      {shown.map((face) => (
        <SampleTile key={face.id} src={face.picture ? watchedPicture(person.id, face.id) : null} quality={face.quality} what={what(face)} remove={mayRemove ? () => remove(face) : null} />
      ))}
    </ul>
  );
}
