// How one signs in: password, authenticator app, passkeys.

import { Authenticator } from './authenticator.tsx';
import { Passkeys } from './passkeys.tsx';
import { Password } from './password.tsx';

export function SignInWays() {
  return (
    <>
      <Password />
      <Authenticator />
      <Passkeys />
    </>
  );
}
