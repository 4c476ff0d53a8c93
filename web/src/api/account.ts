// One's own account: password, authenticator app, passkeys, sign-ins. A 401 here is about what was typed, not
// about the session, so the caller answers it.

import { json } from './request.ts';
import type { Session } from './types.ts';
import type { CreationOptions, RegistrationAnswer } from './webauthn.ts';

export interface SecondFactor {
  enabled: boolean;
  /** Recovery codes that are left. */
  recovery_codes: number;
}

/** What an authenticator app needs; not shown again. */
export interface Authenticator {
  secret: string;
  uri: string;
}

export interface Passkey {
  id: string;
  name: string;
  /** The host name for which it works. */
  site: string;
  created_at: string;
  used_at: string | null;
}

export interface SessionInfo {
  id: string;
  created_at: string;
  last_seen_at: string;
  address: string;
  /** As the browser describes itself. */
  agent: string;
  current: boolean;
}

interface RecoveryCodes {
  recovery_codes: string[];
}

const codesOf = (answer: RecoveryCodes): string[] => answer.recovery_codes;

export const account = {
  changePassword: (old: string, next: string) => json<Session>('POST', '/account/password', { body: { old, new: next }, anonymous: true }),
  /** One's password once more, for what a borrowed browser must not do. */
  confirm: (password: string) => json<void>('POST', '/session/confirm', { body: { password }, anonymous: true }),

  secondFactor: () => json<SecondFactor>('GET', '/account/totp'),
  beginAuthenticator: () => json<Authenticator>('POST', '/account/totp'),
  confirmAuthenticator: (code: string) => json<RecoveryCodes>('POST', '/account/totp/confirm', { body: { code }, anonymous: true }).then(codesOf),
  newRecoveryCodes: () => json<RecoveryCodes>('POST', '/account/recovery-codes').then(codesOf),
  removeAuthenticator: () => json<void>('DELETE', '/account/totp'),

  passkeys: () => json<{ passkeys: Passkey[] }>('GET', '/account/passkeys').then((answer) => answer.passkeys),
  beginPasskey: () => json<{ public_key: CreationOptions }>('POST', '/account/passkeys/begin').then((answer) => answer.public_key),
  finishPasskey: (name: string, credential: RegistrationAnswer) => json<Passkey>('POST', '/account/passkeys/finish', { body: { name, credential } }),
  removePasskey: (id: string) => json<void>('DELETE', `/account/passkeys/${id}`),

  sessions: () => json<{ sessions: SessionInfo[] }>('GET', '/account/sessions').then((answer) => answer.sessions),
  endSession: (id: string) => json<void>('DELETE', `/account/sessions/${id}`),
  endOtherSessions: () => json<{ ended: number }>('DELETE', '/account/sessions').then((answer) => answer.ended),
};
