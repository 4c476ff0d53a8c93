// Search: all facts of the house, growing at the top by themselves; narrowed by filters, by words, or asked about.

import { useEffect, useMemo, useState } from 'preact/hooks';

import { search } from '../../api/search.ts';
import type { EventView } from '../../api/types.ts';
import { ClipPanel } from '../../components/clip-panel.tsx';
import { Icon } from '../../components/icon.tsx';
import { NewRows } from '../../components/new-rows.tsx';
import { focusRow } from '../../components/row-focus.ts';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFeed } from '../../components/use-feed.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { place, replace } from '../../router/router.ts';
import { hubNow } from '../../state/clock.ts';
import { onEvent } from '../../state/contact.ts';
import { describer, findDescriber } from '../../state/describer.ts';
import { isMissing } from '../../state/devices.ts';
import { useKeys } from '../../state/keys.ts';
import { tellsMore, withMore } from '../../state/merge.ts';
import { t } from '../../text/text.ts';
import { Answers } from './answers.tsx';
import { DescribeDialog } from './describe-dialog.tsx';
import { EventDays, More, type DayProperties } from './event-days.tsx';
import { NONE, RANGES, addressOf, readFilter, type Filter } from './filter.ts';
import { Filters } from './filters.tsx';
import { kindsOf } from './groups.ts';
import { InsightStrip } from './insights.tsx';
import { Conversations, SavedSearches } from './kept-searches.tsx';
import { SearchBox } from './search-box.tsx';
import { SimilarPanel } from './similar-panel.tsx';
import { Understood } from './understood.tsx';
import { useQuestions } from './use-questions.ts';
import { useSearch } from './use-search.ts';
import { withoutWords } from './words.ts';
import { WrongDialog } from './wrong-dialog.tsx';

const PAGE = 100;
const RESULTS = 50;

/** What lies beside the list. */
type Beside = { kind: 'clip' | 'similar'; event: EventView } | null;
type Rows = Pick<DayProperties, 'chosen' | 'open' | 'act'>;

export function SearchPage() {
  const heading = usePage(t('nav.search'));
  const filter = readFilter(place.value.query);
  const [beside, setBeside] = useState<Beside>(null);
  // What goes on while it is looked at becomes known, and ends, under one's eyes.
  useEffect(() => onEvent((event) => {
    if (tellsMore(event)) setBeside((now) => (now && event.detail['activity'] === now.event.id ? { ...now, event: withMore(now.event, event) } : now));
  }), []);
  const [wrong, setWrong] = useState<EventView | null>(null);
  const [described, setDescribed] = useState<EventView | null>(null);
  useEffect(() => void findDescriber(), []);
  // A hub of an older version has the list only.
  const [saved, savedAgain] = useFetch(() => search.saved(), 'saved');
  const canSearch = !(saved.state === 'error' && isMissing(saved.error));
  const set = (change: Partial<Filter>): void => replace(addressOf({ ...readFilter(place.peek().query), ...change }));
  const questions = useQuestions(filter.conversation, (conversation) => set({ conversation }));
  const find = (q: string): void => set({ q, conversation: '' });
  const ask = (text: string): void => void questions.ask(text);
  const rows: Rows = {
    chosen: beside?.event.id ?? null,
    open: (event) => setBeside({ kind: 'clip', event }),
    act: (what, event) => {
      if (what === 'wrong') setWrong(event);
      else if (what === 'describe') setDescribed(event);
      else setBeside({ kind: 'similar', event });
    },
  };
  const move = (step: 1 | -1): void => focusRow('.search-main .event-open', '.event-row', step);
  useKeys({ ArrowDown: () => move(1), ArrowUp: () => move(-1) });
  const isAsking = questions.turns.length > 0 || filter.conversation !== '';
  return (
    <div class="events-page">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.search')}
        </h1>
      </header>
      {canSearch && (
        <>
          <SearchBox q={filter.q} busy={questions.busy} find={find} ask={ask} />
          <SavedSearches fetched={saved} again={savedAgain} q={filter.q} find={find} />
        </>
      )}
      <div class={beside ? 'events-grid has-panel' : 'events-grid'}>
        <div class="search-main">
          {isAsking && (
            <>
              <button type="button" class="button button-quiet back-link" onClick={questions.close} data-testid="answers-close">
                <Icon name="arrow-left" size={16} />
                {t('ask.close')}
              </button>
              <Answers turns={questions.turns} expiresAt={questions.expiresAt} busy={questions.busy} ask={ask} find={find} {...rows} />
            </>
          )}
          {!isAsking && filter.q === '' && canSearch && <InsightStrip camera={filter.camera} label={filter.label} />}
          {!isAsking && <Filters filter={filter} set={set} />}
          {!isAsking && (filter.q !== '' && canSearch ? <Found filter={filter} set={set} {...rows} /> : <All filter={filter} set={set} {...rows} />)}
          {canSearch && saved.state !== 'loading' && <Conversations current={filter.conversation} round={questions.turns.length} open={(conversation) => set({ conversation, q: '' })} forgotten={(id) => id === filter.conversation && questions.close()} />}
        </div>
        {beside?.kind === 'clip' && <ClipPanel key={beside.event.id} event={beside.event} onClose={() => setBeside(null)} />}
        {beside?.kind === 'similar' && <SimilarPanel key={beside.event.id} event={beside.event} open={(event) => setBeside({ kind: 'clip', event })} close={() => setBeside(null)} />}
      </div>
      {described && describer.value && <DescribeDialog event={described} model={describer.value} close={() => setDescribed(null)} />}
      {wrong && <WrongDialog event={wrong} close={() => setWrong(null)} />}
    </div>
  );
}

/** When the chosen time begins; it stays where it is until another is chosen. */
function useFrom(filter: Filter): string | null {
  return useMemo(() => {
    const back = RANGES[filter.range];
    return back === null ? null : new Date(hubNow() - back).toISOString();
  }, [filter.range]);
}

type ListProperties = Rows & { filter: Filter; set: (change: Partial<Filter>) => void };

function All({ filter, set, ...rows }: ListProperties) {
  const from = useFrom(filter);
  const kinds = kindsOf(filter.group);
  const feed = useFeed(
    { kind: kinds?.join(',') ?? null, camera: filter.camera, label: filter.label, from, limit: PAGE },
    (event) => (!kinds || kinds.includes(event.kind)) && (!filter.camera || event.camera === filter.camera) && (!filter.label || event.label === filter.label),
  );
  const isFiltered = addressOf(filter) !== '/events';
  return (
    <section class="list-card" aria-label={t('nav.events')} {...feed.hold}>
      <NewRows waiting={feed.waiting} show={feed.showWaiting} />
      {feed.state === 'loading' && <Loading what={t('state.events')} />}
      {feed.state === 'error' && <ErrorCard what={t('events.failed')} error={feed.error} retry={feed.retry} />}
      {feed.state === 'ready' && feed.events.length === 0 && (
        <Empty icon="list" title={isFiltered ? t('events.none_match') : t('events.none')} filtered={isFiltered}>
          {isFiltered && <Clear set={set} />}
        </Empty>
      )}
      <EventDays events={feed.events} {...rows} />
      {feed.hasMore && <More load={feed.more} busy={feed.isLoadingMore} />}
    </section>
  );
}

function Found({ filter, set, ...rows }: ListProperties) {
  const from = useFrom(filter);
  const results = useSearch({ q: filter.q, kind: kindsOf(filter.group) ?? [], camera: filter.camera, label: filter.label, from, limit: RESULTS });
  const { page } = results;
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (results.state === 'ready') setSaid(results.page?.next ? t('search.found_more', { n: results.items.length }) : t('search.found', { n: results.items.length }));
  }, [results.state, results.items.length, results.page]);
  return (
    <>
      {page && <Understood understood={page.understood} notUnderstood={page.not_understood} take={(words) => set({ q: withoutWords(filter.q, words) })} />}
      <p class="small muted" role="status" data-testid="found">
        {said} {page?.is_cut && t('search.is_cut')}
      </p>
      <section class="list-card" aria-label={t('search.results')} data-testid="results" data-state={results.state}>
        {results.state === 'loading' && <Loading what={t('search.results')} />}
        {results.state === 'error' && <ErrorCard what={t('search.failed')} error={results.error} retry={results.retry} />}
        {results.state === 'ready' && results.items.length === 0 && (
          <Empty icon="search" title={t('search.none', { q: filter.q })} filtered>
            <p class="muted">{t('search.none_text')}</p>
            <Clear set={set} />
          </Empty>
        )}
        <EventDays events={results.items} {...rows} />
        {page?.next && <More load={results.more} busy={results.isLoadingMore} />}
      </section>
    </>
  );
}

const Clear = ({ set }: { set: (change: Partial<Filter>) => void }) => (
  <button type="button" class="button" onClick={() => set(NONE)}>
    {t('events.clear')}
  </button>
);
