// Footage that is protected from erasure.

import { json } from './request.ts';

export interface Hold {
  id: string;
  camera: string;
  from: string;
  to: string;
  reason: string;
  /** When the protection itself ends; without it, when somebody ends it. */
  until?: string | null;
}

export const holds = {
  list: () => json<{ holds: Hold[] }>('GET', '/holds').then((answer) => answer.holds),
  remove: (id: string) => json<void>('DELETE', `/holds/${id}`, { keepalive: true }),
};
