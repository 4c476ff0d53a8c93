// How one signs in: password, authenticator app, passkeys, the house's provider.

import { Authenticator } from './authenticator.tsx';
import { Passkeys } from './passkeys.tsx';
import { Password } from './password.tsx';
import { ProviderLink } from './provider-link.tsx';

export function SignInWays() {
  return (
    <>
      <Password />
      <Authenticator />
      <Passkeys />
      <ProviderLink />
    </>
  );
}
