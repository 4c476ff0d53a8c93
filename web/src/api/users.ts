// Accounts, for those who manage them.

import type { SessionInfo } from './account.ts';
import { json } from './request.ts';
import type { Role } from './types.ts';

/** What can be done with one camera. */
export const CAMERA_ACTIONS = ['live', 'playback', 'export', 'control', 'configure', 'faces'] as const;
export type CameraAction = (typeof CAMERA_ACTIONS)[number];

export interface CameraAccess {
  /** Cameras without an entry do not exist for this account. */
  only_listed: boolean;
  /** For each camera exactly what may be done with it; without an entry the role decides. */
  cameras: Record<string, CameraAction[]>;
}

export interface User {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  disabled_at: string | null;
  expires_at: string | null;
  must_change_password: boolean;
  second_factor: boolean;
  camera_access: CameraAccess;
}

export interface NewUser {
  name: string;
  role: Role;
  /** Without one the hub makes one, which must be changed at the first sign-in. */
  password?: string;
  expires_at?: string;
}

export interface UserChange {
  name?: string;
  role?: Role;
  disabled?: boolean;
  /** `null` means never. */
  expires_at?: string | null;
  camera_access?: CameraAccess;
}

export interface MadeUser {
  user: User;
  /** Only if nobody chose one; not shown again. */
  password: string | null;
}

export const users = {
  list: () => json<{ users: User[] }>('GET', '/users').then((answer) => answer.users),
  get: (id: string) => json<User>('GET', `/users/${id}`),
  add: (user: NewUser) => json<MadeUser>('POST', '/users', { body: user }),
  change: (id: string, change: UserChange) => json<User>('PATCH', `/users/${id}`, { body: change }),
  remove: (id: string) => json<void>('DELETE', `/users/${id}`),
  sessions: (id: string) => json<{ sessions: SessionInfo[] }>('GET', `/users/${id}/sessions`).then((answer) => answer.sessions),
  endSessions: (id: string) => json<{ ended: number }>('DELETE', `/users/${id}/sessions`).then((answer) => answer.ended),
  endSession: (id: string, session: string) => json<void>('DELETE', `/users/${id}/sessions/${session}`),
};
