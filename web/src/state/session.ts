// Who is signed in, and what the house is called.

import { computed, signal } from '@preact/signals';

import { hub } from '../api/hub.ts';
import { ApiError, csrfToken, whenSignedOut } from '../api/request.ts';
import type { Role, Session, Welcome } from '../api/types.ts';
import { clearJobs } from '../export/queue.ts';
import { go, place, safeReturn } from '../router/router.ts';
import { setHouseZone } from '../time/house-zone.ts';
import { setHubTime } from './clock.ts';

export const welcome = signal<Welcome | null>(null);
export const session = signal<Session | null>(null);
/** `asking` until the hub has said who is there; `failed` if it did not answer. */
export const sessionState = signal<'asking' | 'out' | 'in' | 'failed'>('asking');

const RANK: Record<Role, number> = { guest: 0, service: 0, viewer: 1, operator: 2, admin: 3 };

/** Whether the signed-in person's role reaches this one. */
export const mayAs = (role: Role): boolean => RANK[session.value?.user.role ?? 'guest'] >= RANK[role];
/** Somebody is signed in and may do more than change the password that somebody else chose. */
export const isReady = computed(() => sessionState.value === 'in' && session.value?.must_change_password !== true);
export const isAdmin = computed(() => mayAs('admin'));

function enter(next: Session): void {
  csrfToken.value = next.csrf;
  session.value = next;
  sessionState.value = 'in';
}

function leave(): void {
  clearJobs();
  csrfToken.value = null;
  session.value = null;
  sessionState.value = 'out';
}

function toSignIn(): void {
  leave();
  const { path, query } = place.value;
  if (path === '/signin' || path === '/signin/return' || path === '/claim') return;
  const search = query.size > 0 ? `?${query}` : '';
  const wanted = path + search;
  go(wanted === '/' ? '/signin' : `/signin?next=${encodeURIComponent(wanted)}`);
}

/** Asks the hub who is there; sends to claim or sign-in when nobody is. */
export async function startSession(): Promise<void> {
  whenSignedOut(toSignIn);
  sessionState.value = 'asking';
  const asked = Date.now();
  try {
    const [greeting, found] = await Promise.all([hub.welcome(), hub.session().catch(noneIfSignedOut)]);
    setHubTime(Date.parse(greeting.time), asked, Date.now());
    setHouseZone(greeting.time_zone);
    welcome.value = greeting;
    if (found) enter(found);
    else if (greeting.claim_needed) {
      leave();
      go('/claim');
    } else toSignIn();
  } catch {
    sessionState.value = 'failed';
  }
}

function noneIfSignedOut(error: unknown): null {
  if (error instanceof ApiError && error.status === 401) return null;
  throw error;
}

/** Signs in and goes on to where the person wanted to be. */
export async function signIn(name: string, password: string, code?: string): Promise<void> {
  arrive(await hub.signIn(name, password, code));
}

/** Goes on with a sign-in, however it was proved. */
export function arrive(next: Session, to = safeReturn(place.value.query.get('next'))): void {
  enter(next);
  go(to);
}

/** Takes over what the hub answered when the password changed: the same sign-in under another token. */
export const renewed = (next: Session): void => enter(next);

/** Takes possession of a new hub. */
export async function claim(code: string, name: string, password: string): Promise<void> {
  enter(await hub.claim(code, name, password));
  if (welcome.value) welcome.value = { ...welcome.value, claim_needed: false };
  go('/');
}

/** Ends the session; the page forgets it even if the hub cannot be told. */
export async function signOut(): Promise<void> {
  await hub.signOut().catch(() => undefined);
  leave();
  go('/signin');
}

/** Tells the hub that the person is still there. */
export async function staySignedIn(): Promise<void> {
  try {
    enter(await hub.session());
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) toSignIn();
  }
}
