// The frame around every page: rail or bottom bar, header with the state of the house, bands and notes.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { ALARM_ROLE } from '../api/alarm.ts';
import { ASSISTANT_ROLE } from '../api/assistant.ts';
import { PEOPLE_ROLE } from '../api/people.ts';
import { REVIEW_ROLE } from '../api/review.ts';
import { RULES_ROLE } from '../api/rules.ts';
import { openJobs } from '../export/queue.ts';
import { cameras, recording } from '../state/cameras.ts';
import { second } from '../state/clock.ts';
import { lost, offline, retryNow } from '../state/contact.ts';
import { presence, type HubPart } from '../state/devices.ts';
import { assistantView } from '../state/assistant.ts';
import { INCIDENTS_ROLE, openIncidents } from '../state/incidents.ts';
import { useKeys } from '../state/keys.ts';
import { undo } from '../state/messages.ts';
import { housePrivacy } from '../state/privacy.ts';
import { go, path } from '../router/router.ts';
import { reviewWaiting } from '../state/review.ts';
import { wantsSearch } from '../state/search-focus.ts';
import { isAdmin, mayAs, session, signOut, welcome } from '../state/session.ts';
import { unseen } from '../state/visits.ts';
import { t, type Key } from '../text/text.ts';
import { clockTime } from '../time/show.ts';
import { AlarmBand } from './alarm-band.tsx';
import { AlarmChip, AlarmDialog } from './alarm-chip.tsx';
import { ApprovalBand, ASSISTANT_PATH } from './approval-band.tsx';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { PrivacyBand, PrivacyChip, PrivacyDialog } from './house-privacy.tsx';
import type { IconName } from './icon-names.ts';
import { IdleDialog } from './idle-dialog.tsx';
import { KeyList } from './key-list.tsx';
import { Notes } from './notes.tsx';
import { PanicDialog } from './panic.tsx';
import { ProofDialog } from './proof-dialog.tsx';
import { RingBanner } from './ring-banner.tsx';
import { TalkBand } from './talk-band.tsx';
import { WatchersChip } from './watchers-chip.tsx';

interface Entry {
  path: string;
  icon: IconName;
  key: Key;
  shortcut: string;
  role: 'guest' | 'viewer' | 'operator' | 'admin';
  /** Only for hubs that have it. */
  part?: HubPart;
  /** How many things in it wait for somebody, and in which words. */
  count?: () => number;
  waiting?: Key;
}

const ENTRIES: readonly Entry[] = [
  { path: '/', icon: 'house', key: 'nav.home', shortcut: 'g h', role: 'guest' },
  { path: '/cameras', icon: 'cctv', key: 'nav.cameras', shortcut: 'g c', role: 'guest' },
  { path: '/timeline', icon: 'history', key: 'nav.timeline', shortcut: 'g t', role: 'viewer' },
  { path: '/visits', icon: 'bell-ring', key: 'nav.visits', shortcut: 'g v', role: 'viewer', part: 'visits', count: () => unseen.value ?? 0, waiting: 'nav.unseen' },
  { path: '/people', icon: 'users', key: 'nav.people', shortcut: 'g p', role: PEOPLE_ROLE, part: 'visits' },
  { path: '/devices', icon: 'house-plug', key: 'nav.devices', shortcut: 'g d', role: 'operator', part: 'devices' },
  { path: '/energy', icon: 'zap', key: 'nav.energy', shortcut: 'g w', role: 'viewer', part: 'energy' },
  { path: '/climate', icon: 'thermometer', key: 'nav.climate', shortcut: 'g m', role: 'viewer', part: 'climate' },
  { path: '/alarm', icon: 'siren', key: 'nav.alarm', shortcut: 'g l', role: ALARM_ROLE, part: 'alarm' },
  { path: '/rules', icon: 'list-checks', key: 'nav.rules', shortcut: 'g r', role: RULES_ROLE, part: 'alarm' },
  { path: '/exports', icon: 'download', key: 'nav.exports', shortcut: 'g x', role: 'operator' },
];
// On a phone as many stand in the bar; the rest is behind More.
const BAR = 4;
// In the header; on a phone, where it is full, behind More.
const HEAD: readonly Entry[] = [
  { path: '/alerts', icon: 'shield-alert', key: 'nav.alerts', shortcut: 'g i', role: INCIDENTS_ROLE, count: () => openIncidents.value ?? 0, waiting: 'nav.open' },
  { path: '/events', icon: 'search', key: 'nav.search', shortcut: '/', role: 'viewer' },
];
const ASSISTANT_ENTRY: Entry = { path: ASSISTANT_PATH, icon: 'bot', key: 'nav.assistant', shortcut: 'g b', role: ASSISTANT_ROLE, part: 'assistant', count: () => assistantView.value?.approvals.length ?? 0, waiting: 'nav.asks' };
const REVIEW_ENTRY: Entry = { path: '/review', icon: 'square-dashed', key: 'nav.review', shortcut: 'g k', role: REVIEW_ROLE, part: 'review', count: () => reviewWaiting.value ?? 0, waiting: 'nav.to_review' };
const FOOT: readonly Entry[] = [
  { path: '/security', icon: 'shield-check', key: 'nav.security', shortcut: 'g u', role: 'admin' },
  ASSISTANT_ENTRY,
  REVIEW_ENTRY,
  { path: '/settings', icon: 'settings', key: 'nav.settings', shortcut: 'g s', role: 'guest' },
  { path: '/help', icon: 'circle-help', key: 'nav.help', shortcut: '?', role: 'guest' },
];

/** Whether this account sees the entry, and this hub has it. Energy and climate come with devices, unless they said no. */
function isMine({ role, part }: Entry): boolean {
  if (!mayAs(role)) return false;
  if (part === 'visits' || part === 'alarm') return presence.value[part] === 'there';
  // Whoever may have them is told late whether the hub does; a menu that grows then would move under the pointer.
  if (part === 'assistant' || part === 'review') return presence.value[part] === 'there' || presence.value[part] === 'asking';
  return part === undefined || (presence.value.devices === 'there' && presence.value[part] !== 'missing');
}

const isHere = (entry: Entry): boolean => (entry.path === '/' ? path.value === '/' : path.value === entry.path || path.value.startsWith(`${entry.path}/`));

function NavLink({ entry }: { entry: Entry }) {
  const count = entry.count?.() ?? 0;
  return (
    <a class="nav-link" href={entry.path} aria-current={isHere(entry) ? 'page' : undefined} title={`${t(entry.key)} (${entry.shortcut})`}>
      <Icon name={entry.icon} />
      <span>{t(entry.key)}</span>
      {count > 0 && (
        <b class="nav-count" data-testid="nav-count">
          {count}
          <i class="visually-hidden"> {t(entry.waiting ?? 'nav.unseen', { n: count })}</i>
        </b>
      )}
    </a>
  );
}

function Rail() {
  return (
    <nav class="rail" aria-label={t('nav.main')}>
      <a class="brand" href="/" aria-label="Hearthwatch">
        <Icon name="radio" size={22} />
        <span>Hearthwatch</span>
      </a>
      {ENTRIES.filter(isMine).map((entry) => (
        <NavLink key={entry.path} entry={entry} />
      ))}
      <hr />
      {FOOT.filter(isMine).map((entry) => (
        <NavLink key={entry.path} entry={entry} />
      ))}
    </nav>
  );
}

const closeMenu = (event: Event): void => (event.currentTarget as Element).closest<HTMLElement>('[popover]')?.hidePopover();

function BottomBar() {
  const mine = [...ENTRIES, ...HEAD, ...FOOT].filter(isMine);
  const rest = mine.slice(BAR);
  return (
    <nav class="bottom-bar" aria-label={t('nav.main')}>
      {mine.slice(0, BAR).map((entry) => (
        <NavLink key={entry.path} entry={entry} />
      ))}
      <button type="button" class="nav-link" popovertarget="more" aria-current={rest.some(isHere) ? 'true' : undefined}>
        <Icon name="ellipsis" />
        <span>{t('nav.more')}</span>
      </button>
      <div id="more" popover="auto" class="menu menu-sheet">
        {rest.map((entry) => (
          <a key={entry.path} class="menu-item" href={entry.path} aria-current={isHere(entry) ? 'page' : undefined} onClick={closeMenu}>
            <Icon name={entry.icon} />
            {t(entry.key)}
          </a>
        ))}
      </div>
    </nav>
  );
}

function RecordingChip() {
  if (cameras.value === null || cameras.value.length === 0) return null;
  const { done, of } = recording.value;
  // Nothing should record while every camera is closed; the chip beside says why.
  if (of === 0 && housePrivacy.value?.is_on) return null;
  const isWhole = done === of;
  return (
    <a class={isWhole ? 'chip' : 'chip chip-bad'} href="/cameras" data-testid="chip-recording" data-state={offline.value ? 'stale' : isWhole ? 'ok' : 'bad'}>
      {isWhole ? <span class="dot" /> : <Icon name="triangle-alert" size={16} />}
      <span class="chip-long">{t('header.recording', { done, of })}</span>
      <span class="chip-short" aria-hidden="true">
        {done}/{of}
      </span>
    </a>
  );
}

function Account() {
  const name = session.value?.user.name ?? '';
  return (
    <>
      <button type="button" class="chip" popovertarget="account" aria-label={t('header.account', { name })}>
        <Icon name="circle-user" size={16} />
        <span class="chip-long" dir="auto">
          {name}
        </span>
      </button>
      <div id="account" popover="auto" class="menu">
        <p class="menu-head">
          <span class="strong" dir="auto">
            {name}
          </span>
          <span class="muted">{t(`role.${session.value?.user.role ?? 'guest'}`)}</span>
        </p>
        <a class="menu-item" href="/account" onClick={closeMenu}>
          <Icon name="key-round" size={16} />
          {t('nav.account')}
        </a>
        <a class="menu-item" href="/settings/appearance" onClick={closeMenu}>
          <Icon name="settings" size={16} />
          {t('nav.settings')}
        </a>
        <a class="menu-item" href="/help" onClick={closeMenu}>
          <Icon name="circle-help" size={16} />
          {t('nav.help')}
        </a>
        <button type="button" class="menu-item" onClick={() => void signOut()}>
          <Icon name="log-out" size={16} />
          {t('header.sign_out')}
        </button>
      </div>
    </>
  );
}

/** Exports that run, alerts that wait, and the way to search. */
function WorkChips() {
  const [jobs, open] = [openJobs.value, openIncidents.value ?? 0];
  return (
    <>
      {jobs > 0 && (
        <a class="chip" href="/exports" data-testid="chip-jobs" aria-label={t('header.jobs', { n: jobs })}>
          <Icon name="download" size={16} />
          <span class="chip-long">{t('header.jobs', { n: jobs })}</span>
          <span class="chip-short">{jobs}</span>
        </a>
      )}
      {mayAs(INCIDENTS_ROLE) && (
        <a class={open > 0 ? 'chip chip-bad' : 'chip'} href="/alerts" data-testid="chip-alerts" aria-label={open > 0 ? t('header.alerts', { n: open }) : t('nav.alerts')} title={`${t('nav.alerts')} (g i)`} aria-current={path.value.startsWith('/alerts') ? 'page' : undefined}>
          <Icon name="shield-alert" size={16} />
          <span class="chip-long">{open > 0 ? t('header.alerts', { n: open }) : t('nav.alerts')}</span>
          {open > 0 && <span class="chip-short">{open}</span>}
        </a>
      )}
      {mayAs('viewer') && (
        <a class="chip chip-search" href="/events" data-testid="chip-search" aria-label={t('nav.search')} title={`${t('nav.search')} (/)`} aria-current={path.value === '/events' ? 'page' : undefined}>
          <Icon name="search" size={16} />
          <span class="chip-long">{t('nav.search')}</span>
        </a>
      )}
    </>
  );
}

function Header() {
  return (
    <header class="header">
      <p class="house" dir="auto">
        {welcome.value?.house_name ?? ''}
      </p>
      <div class="chips">
        <AlarmChip />
        <PrivacyChip />
        <WatchersChip />
        <RecordingChip />
        <WorkChips />
        <Account />
      </div>
    </header>
  );
}

export function OfflineBand() {
  if (!offline.value || !lost.value) return null;
  const wait = Math.max(0, Math.ceil((lost.value.retryAt - second.value) / 1000));
  return (
    <div class="band band-bad" role="status" data-testid="offline-band">
      <Icon name="unplug" />
      <p>
        <span>{t('offline.since', { time: clockTime(lost.value.since) })}</span> <span aria-hidden="true">{t('offline.retry', { n: wait })}</span>
      </p>
      <button type="button" class="button" onClick={retryNow}>
        {t('offline.now')}
      </button>
    </div>
  );
}

function toSearch(): void {
  if (!mayAs('viewer')) return;
  wantsSearch.value = true;
  go('/events');
}

export function Shell({ children }: { children: ComponentChildren }) {
  const [showKeys, setShowKeys] = useState(false);
  useKeys({
    'g h': () => go('/'),
    'g c': () => go('/cameras'),
    'g t': () => mayAs('viewer') && go('/timeline'),
    'g e': () => mayAs('viewer') && go('/events'),
    '/': toSearch,
    'g i': () => mayAs(INCIDENTS_ROLE) && go('/alerts'),
    'g b': () => isMine(ASSISTANT_ENTRY) && go(ASSISTANT_PATH),
    'g k': () => isMine(REVIEW_ENTRY) && go('/review'),
    'g v': () => mayAs('viewer') && presence.value.visits === 'there' && go('/visits'),
    'g p': () => mayAs(PEOPLE_ROLE) && presence.value.visits === 'there' && go('/people'),
    'g d': () => mayAs('operator') && presence.value.devices === 'there' && go('/devices'),
    'g w': () => mayAs('viewer') && presence.value.devices === 'there' && go('/energy'),
    'g m': () => mayAs('viewer') && presence.value.devices === 'there' && go('/climate'),
    'g l': () => mayAs(ALARM_ROLE) && presence.value.alarm === 'there' && go('/alarm'),
    'g r': () => mayAs(RULES_ROLE) && presence.value.alarm === 'there' && go('/rules'),
    'g x': () => mayAs('operator') && go('/exports'),
    'g u': () => isAdmin.value && go('/security'),
    'g a': () => go('/account'),
    u: () => undo(),
    'g s': () => go(isAdmin.value ? '/settings/cameras' : '/settings/appearance'),
    '?': () => setShowKeys(true),
  });
  return (
    <div class="shell" data-contact={offline.value ? 'lost' : 'ok'}>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>
        {t('nav.skip')}
      </a>
      <Rail />
      <div class="body">
        {welcome.value?.simulated && (
          <section class="simulated" aria-label={t('header.simulated')} data-testid="simulated">
            {t('header.simulated')}
          </section>
        )}
        <Header />
        <OfflineBand />
        <AlarmBand />
        <ApprovalBand />
        <PrivacyBand />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
        <TalkBand />
      </div>
      <BottomBar />
      <RingBanner />
      <Notes />
      <IdleDialog />
      <PrivacyDialog />
      <AlarmDialog />
      <PanicDialog />
      <ProofDialog />
      {showKeys && (
        <Dialog title={t('help.keys')} onClose={() => setShowKeys(false)} wide>
          <KeyList />
        </Dialog>
      )}
    </div>
  );
}
