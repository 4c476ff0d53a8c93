// Begins: language and session in parallel, then the page.

import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layers.css';
import './styles/shell.css';
import './styles/media.css';
import './styles/timeline.css';
import './styles/lists.css';
import './styles/settings.css';
import './styles/security.css';
import './styles/account.css';
import './styles/devices.css';
import './styles/measures.css';
import './styles/notifications.css';
import './styles/people.css';
import './styles/visits.css';
import './styles/talk.css';
import './styles/watch-list.css';
import './styles/alarm.css';
import './styles/rules.css';
import './styles/search.css';
import './styles/alerts.css';
import './styles/assistant.css';
import './styles/review.css';

import { effect } from '@preact/signals';
import { render } from 'preact';

import { App } from './app.tsx';
import { startRouter } from './router/router.ts';
import { startAlarm } from './state/alarm.ts';
import { loadCameras, cameras } from './state/cameras.ts';
import { startClock } from './state/clock.ts';
import { startContact, stopContact } from './state/contact.ts';
import { startDevices } from './state/device-feed.ts';
import { startInstall } from './state/install.ts';
import { startIncidents } from './state/incidents.ts';
import { startKeys } from './state/keys.ts';
import { applyPreferences, languageChoice } from './state/preferences.ts';
import { isReady, startSession } from './state/session.ts';
import { startReview } from './state/review.ts';
import { startVisits } from './state/visits.ts';
import { loadLanguage } from './text/text.ts';

const INSTALL_AFTER_MS = 4_000;

applyPreferences();
startRouter();
startClock();
startKeys();
startIncidents();
startDevices();
startVisits();
startAlarm();
startReview();

effect(() => {
  if (isReady.value) {
    void loadCameras();
    startContact();
  } else {
    stopContact();
    cameras.value = null;
  }
});

const root = document.getElementById('app');
const session = startSession();
await loadLanguage(languageChoice.value);
effect(() => {
  void loadLanguage(languageChoice.value);
});
if (root) render(<App />, root);
await session;
// Pictures come first: the worker fetches the whole shell.
setTimeout(() => void startInstall(), INSTALL_AFTER_MS);
