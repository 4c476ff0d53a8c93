// Deutsche Wörter der Benachrichtigungen.

import type { NotifyCatalogue } from './text.ts';

export const deNotify: NotifyCatalogue = {};
