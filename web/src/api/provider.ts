// Sign-in at the house's OpenID Connect provider: asked, answered, linked to one's account, and set.

import { json } from './request.ts';
import type { Session } from './types.ts';

export interface Provider {
  name: string;
  issuer: string;
  client_id: string;
  has_secret: boolean;
  certificate_sha256: string | null;
}

export interface NewProvider {
  name: string;
  issuer: string;
  client_id: string;
  client_secret?: string;
  certificate_sha256?: string;
}

export interface ProviderSetting {
  provider: Provider | null;
  /** What the provider must allow as redirect address. */
  redirect_uri: string;
}

export interface Link {
  /** What the provider called the person when they linked it. */
  label: string | null;
  linked_at: string;
}

export interface ProviderAnswer {
  state: string;
  code: string;
}

const addressOf = (question: { address: string }): string => question.address;

export const provider = {
  beginSignIn: () => json<{ address: string }>('POST', '/session/provider/begin', { anonymous: true }).then(addressOf),
  finishSignIn: (body: ProviderAnswer) => json<Session>('POST', '/session/provider/finish', { body, anonymous: true }),
  link: () => json<{ link: Link | null }>('GET', '/account/provider').then((answer) => answer.link),
  beginLink: () => json<{ address: string }>('POST', '/account/provider/begin').then(addressOf),
  finishLink: (body: ProviderAnswer) => json<Link>('POST', '/account/provider/finish', { body, anonymous: true }),
  unlink: () => json<void>('DELETE', '/account/provider'),
  setting: () => json<ProviderSetting>('GET', '/sign-in-provider'),
  set: (body: NewProvider) => json<Provider>('PUT', '/sign-in-provider', { body }),
  remove: () => json<void>('DELETE', '/sign-in-provider'),
};
