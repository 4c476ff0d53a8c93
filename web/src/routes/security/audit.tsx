// The audit log: who did what, searched and saved. The filter stands in the address, so that it can be shared.

import { useEffect, useState } from 'preact/hooks';

import { CATEGORIES, OUTCOMES, audit, auditExportAddress, type AuditEntry } from '../../api/audit.ts';
import type { Query } from '../../api/request.ts';
import { TextField } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { partyOf } from '../../components/party.ts';
import { place, replace } from '../../router/router.ts';
import { cameraNamed, cameras } from '../../state/cameras.ts';
import { hubNow } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import { parseTime } from '../../time/parse.ts';
import { dateTime } from '../../time/show.ts';

const PAGE = 100;
const FIELDS = ['category', 'result', 'who', 'camera', 'from', 'to'] as const;
type Filter = Record<(typeof FIELDS)[number], string>;

const readFilter = (query: URLSearchParams): Filter => Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ''])) as Filter;

function addressOf(filter: Filter): string {
  const query = new URLSearchParams(FIELDS.filter((name) => filter[name] !== '').map((name) => [name, filter[name]]));
  return query.size > 0 ? `/security/audit?${query}` : '/security/audit';
}

interface Rows {
  state: 'loading' | 'ready' | 'error';
  entries: AuditEntry[];
  next: number | null;
  error: unknown;
}

/** A page of what fits, and more of it on demand. */
function useEntries(query: Query): Rows & { more: () => void; again: () => void } {
  const [rows, setRows] = useState<Rows>({ state: 'loading', entries: [], next: null, error: null });
  const [round, setRound] = useState(0);
  const key = JSON.stringify(query);
  useEffect(() => {
    let isCurrent = true;
    audit.page({ ...query, limit: PAGE }).then(
      (page) => isCurrent && setRows({ state: 'ready', entries: page.entries, next: page.next ?? null, error: null }),
      (error: unknown) => isCurrent && setRows((before) => ({ ...before, state: 'error', error })),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);
  const more = (): void => {
    audit.page({ ...query, limit: PAGE, before: rows.next }).then(
      (page) => setRows((before) => ({ ...before, entries: [...before.entries, ...page.entries], next: page.next ?? null })),
      (error: unknown) => setRows((before) => ({ ...before, state: 'error', error })),
    );
  };
  return { ...rows, more, again: () => setRound(round + 1) };
}

export function Audit() {
  const filter = readFilter(place.value.query);
  const rows = useEntries(filter);
  const set = (change: Partial<Filter>): void => replace(addressOf({ ...filter, ...change }));
  const isFiltered = addressOf(filter) !== '/security/audit';
  return (
    <section aria-label={t('security.audit')}>
      <Filters filter={filter} set={set} />
      {rows.state === 'loading' && <Loading what={t('security.audit')} />}
      {rows.state === 'error' && <ErrorCard what={t('audit.failed')} error={rows.error} retry={rows.again} />}
      {rows.state === 'ready' && rows.entries.length === 0 && (
        <Empty icon="list" title={isFiltered ? t('audit.none_match') : t('audit.none')} filtered={isFiltered}>
          {isFiltered && (
            <button type="button" class="button" onClick={() => replace('/security/audit')}>
              {t('events.clear')}
            </button>
          )}
        </Empty>
      )}
      {rows.entries.length > 0 && (
        <ul class="rows audit" data-testid="audit">
          {rows.entries.map((entry) => (
            <EntryRow key={entry.seq} entry={entry} set={set} />
          ))}
        </ul>
      )}
      {rows.next !== null && rows.state === 'ready' && (
        <button type="button" class="button button-wide" onClick={rows.more}>
          {t('audit.more')}
        </button>
      )}
    </section>
  );
}

function Filters({ filter, set }: { filter: Filter; set: (change: Partial<Filter>) => void }) {
  const select = (name: 'category' | 'result', options: readonly string[], all: string, words: (option: string) => string) => (
    <select class="small-select" aria-label={t(`audit.${name}`)} value={filter[name]} onChange={(event) => set({ [name]: event.currentTarget.value })}>
      <option value="">{all}</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {words(option)}
        </option>
      ))}
    </select>
  );
  return (
    <div class="card audit-filters" role="search" aria-label={t('events.filter')}>
      <div class="row">
        {select('category', CATEGORIES, t('audit.all_categories'), (option) => tCode('category', option))}
        {select('result', OUTCOMES, t('audit.all_results'), (option) => tCode('result', option))}
        <select class="small-select" aria-label={t('events.camera')} value={filter.camera} onChange={(event) => set({ camera: event.currentTarget.value })}>
          <option value="">{t('events.all_cameras')}</option>
          {(cameras.value ?? []).map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.name}
            </option>
          ))}
        </select>
        <span class="spacer" />
        <a class="button" href={auditExportAddress(filter)} download data-testid="audit-export">
          <Icon name="download" />
          {t('audit.export')}
        </a>
      </div>
      <div class="field-triple">
        <TextField label={t('audit.who')} hint={t('audit.who_hint')} value={filter.who} autocomplete="off" onChange={(event) => set({ who: event.currentTarget.value.trim() })} />
        <TimeFilter label={t('export.from')} value={filter.from} onTime={(from) => set({ from })} />
        <TimeFilter label={t('export.to')} value={filter.to} onTime={(to) => set({ to })} />
      </div>
    </div>
  );
}

function TimeFilter({ label, value, onTime }: { label: string; value: string; onTime: (time: string) => void }) {
  const shown = value === '' ? '' : dateTime(Date.parse(value));
  const [error, setError] = useState<string | null>(null);
  const read = (text: string): void => {
    const time = text.trim() === '' ? null : parseTime(text, hubNow(), houseZone());
    const isWrong = text.trim() !== '' && time === null && text !== shown;
    setError(isWrong ? t('time.not_understood') : null);
    if (!isWrong && text !== shown) onTime(time === null ? '' : new Date(time).toISOString());
  };
  return <TextField label={label} error={error} value={shown} autocomplete="off" placeholder="-2h" onChange={(event) => read(event.currentTarget.value)} />;
}

function about(entry: AuditEntry): string {
  return Object.entries(entry.what)
    .map(([kind, id]) => (kind === 'camera' ? (cameraNamed(id)?.name ?? t('event.removed_camera')) : `${tCode('thing', kind)} ${id}`))
    .join(', ');
}

const BADGES = { ok: 'badge', denied: 'badge badge-warn', failed: 'badge badge-bad' } as const;

function EntryRow({ entry, set }: { entry: AuditEntry; set: (change: Partial<Filter>) => void }) {
  const at = Date.parse(entry.at);
  const who = partyOf(entry.who.kind, entry.who.name);
  const where = [tCode('origin', entry.from), about(entry)].filter(Boolean).join(' · ');
  const camera = entry.what['camera'];
  return (
    <li class="list-row" data-testid="audit-row" data-state={entry.result}>
      <time class="audit-time small tabular" dateTime={entry.at}>
        {dateTime(at)}
      </time>
      <div class="grow">
        <p dir="auto">
          <button type="button" class="link strong" title={t('audit.only', { who })} onClick={() => set({ who: entry.who.name ?? entry.who.kind })}>
            {who}
          </button>{' · '}
          {tCode('did', entry.action)}
          {entry.more > 0 && <span class="muted"> {t('audit.more_like', { n: entry.more })}</span>}
        </p>
        <p class="muted small" dir="auto">
          {where}
          {entry.detail && ` · ${entry.detail}`}
        </p>
      </div>
      <span class={BADGES[entry.result] ?? 'badge'}>{tCode('result', entry.result)}</span>
      {camera && entry.category === 'data_access' && (
        <a class="icon-button" href={`/timeline?t=${entry.at}&c=${camera}&z=10min`} aria-label={t('audit.moment')} title={t('audit.moment')}>
          <Icon name="history" />
        </a>
      )}
    </li>
  );
}
