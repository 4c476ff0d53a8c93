// When the person came: the newest visits, and the way to all of them.

import type { PersonDetail } from '../../api/people.ts';
import { visits as api } from '../../api/visits.ts';
import { visitBegan, visitPlace } from '../../components/visit-words.ts';
import { second } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { moment } from '../../time/show.ts';
import { usePeople } from './use-people.ts';

const ROWS = 5;

export function Seen({ person }: { person: PersonDetail }) {
  const [page] = usePeople(() => api.list({ person: person.id }, ROWS), `seen ${person.id}`);
  return (
    <section class="card" aria-labelledby="seen" data-testid="seen">
      <h2 id="seen">{t('seen.title')}</h2>
      <p class={person.visits > 0 ? 'strong' : 'muted'}>{person.visits > 0 ? t('seen.count', { n: person.visits }) : t('people.never_seen')}</p>
      <ul class="face-list">
        {(page.data?.visits ?? []).map((visit) => (
          <li key={visit.id}>
            <a class="grow" href={`/visits/${visit.id}`}>
              {moment(Date.parse(visit.started_at), second.value)}
            </a>
            <span class="muted" dir="auto">
              {visitPlace(visit)} · {visitBegan(visit)}
            </span>
          </li>
        ))}
      </ul>
      {person.visits > ROWS && <a href={`/visits?person=${person.id}`}>{t('seen.all')}</a>}
    </section>
  );
}
