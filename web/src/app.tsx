// Which page stands at which address. Pages are loaded when they are first wanted.

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { DeniedPage, ErrorCard, Loading } from './components/states.tsx';
import { Shell } from './components/shell.tsx';
import { ALARM_ROLE } from './api/alarm.ts';
import { ASSISTANT_ROLE } from './api/assistant.ts';
import { PEOPLE_ROLE } from './api/people.ts';
import { REVIEW_ROLE } from './api/review.ts';
import { RULES_ROLE } from './api/rules.ts';
import type { Role } from './api/types.ts';
import { Home } from './routes/home/home.tsx';
import { match, path } from './router/router.ts';
import { INCIDENTS_ROLE } from './state/incidents.ts';
import { mayAs, session, sessionState, startSession } from './state/session.ts';
import { loadWords, t, type Part } from './text/text.ts';

type Page = ComponentType<{ params: Record<string, string> }>;

interface Route {
  pattern: string;
  role: Role;
  load: () => Promise<Page>;
}

// The first page and what it shares with the others come with the first request.
const home = (): Promise<Page> => Promise.resolve(Home);
const cameras = { load: () => import('./routes/cameras/cameras.tsx').then((file) => file.Cameras) };
// These also need the words that the others do without.
const withWords = async (file: Promise<Page>, ...parts: Part[]): Promise<Page> => (await Promise.all([file, loadWords('more'), ...parts.map(loadWords)]))[0];
const settings = { load: () => withWords(import('./routes/settings/settings.tsx').then((file) => file.Settings), 'people', 'notify') };
const account = { load: () => withWords(import('./routes/account/account.tsx').then((file) => file.Account)) };
const security = { load: () => withWords(import('./routes/security/security.tsx').then((file) => file.Security)) };
const devicesPage = { load: () => withWords(import('./routes/devices/devices.tsx').then((file) => file.Devices), 'devices') };
const devicePage = { load: () => withWords(import('./routes/devices/device.tsx').then((file) => file.DevicePage), 'devices') };
const addDevice = { load: () => withWords(import('./routes/devices/add.tsx').then((file) => file.AddDevice), 'devices') };
const energyPage = { load: () => withWords(import('./routes/energy/energy.tsx').then((file) => file.EnergyPage), 'devices') };
const climatePage = { load: () => withWords(import('./routes/climate/climate.tsx').then((file) => file.ClimatePage), 'devices') };
const visitsPage = { load: () => withWords(import('./routes/visits/visits.tsx').then((file) => file.Visits), 'people') };
const visitPage = { load: () => withWords(import('./routes/visits/visit.tsx').then((file) => file.VisitPage), 'people') };
const peoplePage = { load: () => withWords(import('./routes/people/people.tsx').then((file) => file.People), 'people') };
const unknownPage = { load: () => withWords(import('./routes/people/unknown.tsx').then((file) => file.UnknownPeople), 'people') };
const watchListPage = { load: () => withWords(import('./routes/watch-list/watch-list.tsx').then((file) => file.WatchListPage), 'people') };
const personPage = { load: () => withWords(import('./routes/people/person.tsx').then((file) => file.PersonPage), 'people') };
const alarmPage = { load: () => withWords(import('./routes/alarm/alarm.tsx').then((file) => file.AlarmPage), 'rules') };
const rulesPage = { load: () => withWords(import('./routes/rules/rules.tsx').then((file) => file.RulesPage), 'devices', 'rules') };
const rulePage = { load: () => withWords(import('./routes/rules/rule.tsx').then((file) => file.RulePage), 'devices', 'rules') };
const draftingPage = { load: () => withWords(import('./routes/rules/drafting.tsx').then((file) => file.DraftingPage), 'rules') };
const searchPage = { load: () => withWords(import('./routes/events/events.tsx').then((file) => file.SearchPage), 'search') };
const alertsPage = { load: () => withWords(import('./routes/alerts/alerts.tsx').then((file) => file.Alerts)) };
const alertPage = { load: () => withWords(import('./routes/alerts/alert.tsx').then((file) => file.AlertPage), 'notify') };
const assistantPage = { load: () => withWords(import('./routes/assistant/assistant.tsx').then((file) => file.AssistantPage), 'assistant') };
const reviewPage = { load: () => withWords(import('./routes/review/review.tsx').then((file) => file.ReviewQueue), 'assistant') };
const exportsPage = { load: () => withWords(import('./routes/exports/exports.tsx').then((file) => file.Exports)) };

const ROUTES: readonly Route[] = [
  { pattern: '/', role: 'guest', load: home },
  { pattern: '/cameras', role: 'guest', ...cameras },
  { pattern: '/cameras/:id', role: 'guest', load: () => import('./routes/camera/camera.tsx').then((file) => file.Camera) },
  { pattern: '/cameras/:id/settings', role: 'admin', load: () => withWords(import('./routes/settings/camera-settings.tsx').then((file) => file.CameraSettingsPage), 'people') },
  { pattern: '/timeline', role: 'viewer', load: () => import('./routes/timeline/timeline.tsx').then((file) => file.TimelinePage) },
  { pattern: '/events', role: 'viewer', ...searchPage },
  { pattern: '/alerts', role: INCIDENTS_ROLE, ...alertsPage },
  { pattern: '/alerts/:id', role: INCIDENTS_ROLE, ...alertPage },
  { pattern: '/assistant', role: ASSISTANT_ROLE, ...assistantPage },
  { pattern: '/review', role: REVIEW_ROLE, ...reviewPage },
  { pattern: '/visits', role: 'viewer', ...visitsPage },
  { pattern: '/visits/:id', role: 'viewer', ...visitPage },
  { pattern: '/people', role: PEOPLE_ROLE, ...peoplePage },
  { pattern: '/people/unknown', role: PEOPLE_ROLE, ...unknownPage },
  { pattern: '/people/watch-list', role: PEOPLE_ROLE, ...watchListPage },
  { pattern: '/people/:id', role: PEOPLE_ROLE, ...personPage },
  { pattern: '/devices', role: 'operator', ...devicesPage },
  { pattern: '/devices/add', role: 'admin', ...addDevice },
  { pattern: '/devices/:id', role: 'operator', ...devicePage },
  { pattern: '/energy', role: 'viewer', ...energyPage },
  { pattern: '/climate', role: 'viewer', ...climatePage },
  { pattern: '/alarm', role: ALARM_ROLE, ...alarmPage },
  { pattern: '/alarm/:section', role: ALARM_ROLE, ...alarmPage },
  { pattern: '/rules', role: RULES_ROLE, ...rulesPage },
  { pattern: '/rules/drafting', role: RULES_ROLE, ...draftingPage },
  { pattern: '/rules/:id', role: RULES_ROLE, ...rulePage },
  { pattern: '/exports', role: 'operator', ...exportsPage },
  { pattern: '/account', role: 'guest', ...account },
  { pattern: '/account/:section', role: 'guest', ...account },
  { pattern: '/settings', role: 'guest', ...settings },
  { pattern: '/settings/:section', role: 'guest', ...settings },
  { pattern: '/settings/users/:id', role: 'admin', load: () => withWords(import('./routes/users/user-page.tsx').then((file) => file.UserPage)) },
  { pattern: '/security', role: 'admin', ...security },
  { pattern: '/security/:section', role: 'admin', ...security },
  { pattern: '/help', role: 'guest', load: () => import('./routes/help/help.tsx').then((file) => file.Help) },
];
const NOT_FOUND: Omit<Route, 'pattern'> = { role: 'guest', load: () => import('./routes/not-found/not-found.tsx').then((file) => file.NotFound) };
const ENTRY: Record<string, () => Promise<Page>> = {
  '/signin': () => import('./routes/entry/sign-in.tsx').then((file) => file.SignIn),
  '/signin/return': () => import('./routes/entry/provider-return.tsx').then((file) => file.ProviderReturn),
  '/claim': () => import('./routes/entry/claim.tsx').then((file) => file.Claim),
};

const newPassword = (): Promise<Page> => import('./routes/entry/new-password.tsx').then((file) => file.NewPassword);

const loaded = new Map<() => Promise<Page>, Page>([[home, Home]]);

function Lazy({ load, params }: { load: () => Promise<Page>; params: Record<string, string> }) {
  const [, render] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const Page = loaded.get(load);
  const fetchPage = (): void => {
    setError(null);
    load().then(
      (page) => {
        loaded.set(load, page);
        render((count) => count + 1);
      },
      (failure: unknown) => setError(failure ?? true),
    );
  };
  useEffect(() => {
    if (!loaded.has(load)) fetchPage();
  }, [load]);
  if (Page) return <Page params={params} key={JSON.stringify(params)} />;
  // An old page after an update of the hub: its parts are gone, so the new one is fetched.
  if (error) return <ErrorCard what={t('error.page')} error={error} retry={() => location.reload()} />;
  return <Loading what={t('state.page')} />;
}

export function App() {
  const place = path.value;
  if (sessionState.value === 'failed') {
    return (
      <main class="alone">
        <ErrorCard what={t('error.no_hub')} error={null} retry={() => void startSession()} />
      </main>
    );
  }
  const entry = ENTRY[place];
  if (entry && sessionState.value !== 'asking') return <Lazy load={entry} params={{}} />;
  if (sessionState.value !== 'in') {
    return (
      <main class="alone">
        <Loading what={t('state.hub')} />
      </main>
    );
  }
  if (session.value?.must_change_password) return <Lazy load={newPassword} params={{}} />;
  const found = ROUTES.map((route) => ({ route, params: match(route.pattern, place) })).find((row) => row.params !== null);
  const route = found?.route ?? NOT_FOUND;
  return (
    <Shell>
      {mayAs(route.role) ? (
        <Lazy load={route.load} params={found?.params ?? {}} />
      ) : (
        <DeniedPage role={t(`role.${route.role}`)} />
      )}
    </Shell>
  );
}
