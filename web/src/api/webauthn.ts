// Passkeys between the hub's JSON and the browser (WebAuthn Level 3, 5.1): written out here because not every
// browser that has passkeys reads JSON by itself.

import { ApiError, json } from './request.ts';
import type { Session } from './types.ts';

interface CredentialName {
  type: 'public-key';
  id: string;
}

/** Options to make a passkey, bytes as base64url. */
export interface CreationOptions {
  rp: { id: string; name: string };
  user: { id: string; name: string; displayName: string };
  challenge: string;
  pubKeyCredParams: { type: 'public-key'; alg: number }[];
  timeout?: number;
  excludeCredentials?: CredentialName[];
  authenticatorSelection?: AuthenticatorSelectionCriteria;
  attestation?: AttestationConveyancePreference;
}

/** Options to sign in with one. */
export interface RequestOptions {
  challenge: string;
  rpId: string;
  timeout?: number;
  allowCredentials?: CredentialName[];
  userVerification?: UserVerificationRequirement;
}

export interface RegistrationAnswer {
  id: string;
  rawId: string;
  type: string;
  response: { clientDataJSON: string; attestationObject: string };
}

export interface AssertionAnswer {
  id: string;
  rawId: string;
  type: string;
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle: string | null };
}

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function toBase64url(bytes: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const named = (list: CredentialName[] | undefined): PublicKeyCredentialDescriptor[] => (list ?? []).map(({ type, id }) => ({ type, id: fromBase64url(id) }));

/** Why passkeys cannot be used here, or null: they need a trusted certificate and a name instead of an address. */
export function passkeyObstacle(): 'browser' | 'insecure' | 'address' | null {
  if (!isSecureContext) return 'insecure';
  if (!('PublicKeyCredential' in window)) return 'browser';
  return /^(\d+\.){3}\d+$|^\[/.test(location.hostname) ? 'address' : null;
}

/** The person closed the browser's question, or it took too long. */
export const isDeclined = (error: unknown): boolean => error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');

export async function makePasskey(options: CreationOptions): Promise<RegistrationAnswer> {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      user: { ...options.user, id: fromBase64url(options.user.id) },
      challenge: fromBase64url(options.challenge),
      excludeCredentials: named(options.excludeCredentials),
    },
  });
  if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAttestationResponse)) throw new ApiError(0, 'no_passkey', 'no passkey');
  const { clientDataJSON, attestationObject } = made.response;
  return { id: made.id, rawId: toBase64url(made.rawId), type: made.type, response: { clientDataJSON: toBase64url(clientDataJSON), attestationObject: toBase64url(attestationObject) } };
}

async function usePasskey(options: RequestOptions): Promise<AssertionAnswer> {
  const found = await navigator.credentials.get({ publicKey: { ...options, challenge: fromBase64url(options.challenge), allowCredentials: named(options.allowCredentials) } });
  if (!(found instanceof PublicKeyCredential) || !(found.response instanceof AuthenticatorAssertionResponse)) throw new ApiError(0, 'no_passkey', 'no passkey');
  const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
  return {
    id: found.id,
    rawId: toBase64url(found.rawId),
    type: found.type,
    response: { clientDataJSON: toBase64url(clientDataJSON), authenticatorData: toBase64url(authenticatorData), signature: toBase64url(signature), userHandle: userHandle ? toBase64url(userHandle) : null },
  };
}

/** Signs in with whichever passkey the person chooses. */
export async function signInWithPasskey(): Promise<Session> {
  const { public_key: options } = await json<{ public_key: RequestOptions }>('POST', '/session/passkey/begin', { anonymous: true });
  const credential = await usePasskey(options);
  return json<Session>('POST', '/session/passkey/finish', { body: { credential }, anonymous: true });
}
