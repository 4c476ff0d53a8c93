// Faces that are like somebody's on the list: a person looks at both pictures and says whether it is them.

import { useState } from 'preact/hooks';

import { waitingPicture } from '../../api/visits.ts';
import { watchList, watchedPicture, type Waiting, type Watched } from '../../api/watch-list.ts';
import { Confirm } from '../../components/confirm.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { second } from '../../state/clock.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { bestFace, viewsOf } from './best-face.ts';
import { useHeadingFocus } from './use-heading-focus.ts';

export function WaitingFaces({ waiting, people, again }: { waiting: readonly Waiting[]; people: readonly Watched[]; again: () => void }) {
  const heading = useHeadingFocus(waiting.length);
  return (
    <section class={waiting.length > 0 ? 'watch-waiting' : 'card'} aria-labelledby="waiting" data-testid="waiting">
      <h2 id="waiting" ref={heading} tabIndex={-1}>
        {t('waiting.title')} <span class="count tabular">{waiting.length}</span>
      </h2>
      {waiting.length === 0 && <p class="muted">{t('waiting.none')}</p>}
      <ul>
        {waiting.map((one) => (
          <WaitingCard key={`${one.visit} ${one.face}`} waiting={one} person={people.find((person) => person.id === one.watched)} again={again} />
        ))}
      </ul>
    </section>
  );
}

function WaitingCard({ waiting, person, again }: { waiting: Waiting; person: Watched | undefined; again: () => void }) {
  const [isAsked, setAsked] = useState(false);
  const { busy, error, run } = useAction();
  const { name } = waiting;
  const best = person ? bestFace(person.faces) : null;
  const say = (isThem: boolean): Promise<unknown> => watchList.review(waiting.visit, waiting.face, isThem);
  const refuse = async (): Promise<void> => {
    if (!(await run(() => say(false)))) return;
    succeeded(t('waiting.refused', { name }));
    again();
  };
  return (
    <li class="card watch-card" data-testid="waiting-face" data-visit={waiting.visit} data-face={waiting.face}>
      <div class="watch-pair">
        <Picture src={waiting.picture ? waitingPicture(waiting.visit, waiting.face) : null} caption={t('waiting.who_came')} none={t('waiting.forgotten')} />
        <Picture src={best ? watchedPicture(waiting.watched, best.id) : null} caption={t('waiting.on_list')} none={t('waiting.not_kept')} />
      </div>
      <div class="watch-what">
        <p class="watch-like" dir="auto">
          {t('waiting.like', { name })}
        </p>
        <p dir="auto">{waiting.reason}</p>
        <p class="muted" dir="auto">
          {waiting.camera_name ?? t('event.removed_camera')} · <time dateTime={waiting.at}>{moment(Date.parse(waiting.at), second.value)}</time>
        </p>
        <p class="muted tabular">{t('waiting.share', { n: viewsOf(waiting.share) })}</p>
        <p>
          <a class="watch-visit" href={`/visits/${waiting.visit}`}>
            <Icon name="play" size={16} />
            {t('waiting.visit')}
          </a>
        </p>
        <FormError text={error} />
        <div class="watch-say">
          <HubButton onClick={() => setAsked(true)} busy={busy} testid="waiting-is">
            <span dir="auto">{t('waiting.is', { name })}</span>
          </HubButton>
          <HubButton onClick={() => void refuse()} busy={busy} testid="waiting-else">
            {t('waiting.is_else')}
          </HubButton>
        </div>
      </div>
      {isAsked && (
        <Confirm
          title={t('waiting.is_question', { name })}
          confirm={t('waiting.is', { name })}
          kind="primary"
          action={() => say(true)}
          close={() => setAsked(false)}
          done={() => {
            setAsked(false);
            succeeded(t('waiting.confirmed', { name }));
            again();
          }}
        >
          <p>{t('waiting.follows')}</p>
          <ul class="plain-list">
            <li>{t('waiting.follows_incident')}</li>
            <li>{t('waiting.follows_told')}</li>
            <li>{t('waiting.follows_visit', { name })}</li>
          </ul>
          <p>{t('waiting.unsure')}</p>
        </Confirm>
      )}
    </li>
  );
}

/** One of the two; a sign with its reason where there is none. */
function Picture({ src, caption, none }: { src: string | null; caption: string; none: string }) {
  const [isBroken, setBroken] = useState(false);
  return (
    <figure class="watch-picture">
      {src !== null && !isBroken ? (
        <span class="sample-picture">
          <img src={src} alt={caption} decoding="async" onError={() => setBroken(true)} />
        </span>
      ) : (
        <span class="sample-picture watch-none">
          <Icon name="user" size={28} />
          <span class="small">{none}</span>
        </span>
      )}
      <figcaption class="small">{caption}</figcaption>
    </figure>
  );
}
