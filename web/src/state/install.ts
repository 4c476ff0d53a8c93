// The dashboard as an app: registers the worker that keeps the shell, and knows whether the browser can install it.

import { signal } from '@preact/signals';

const WORKER = '/shell-worker.js';

/** What the browser lets happen. */
export type Installable = 'unknown' | 'insecure' | 'ready';

interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

export const installable = signal<Installable>('unknown');
/** The browser's own question, if it has one to show. */
export const installPrompt = signal<InstallPrompt | null>(null);

interface Policy {
  createScriptURL: (url: string) => unknown;
}
interface Policies {
  createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => Policy;
}

/** The only script address that may be made from a text, under the policy that the hub allows by name. */
function trusted(url: string): string {
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  if (!policies) return url;
  const policy = policies.createPolicy('hearth', {
    createScriptURL: (wanted) => {
      if (wanted !== WORKER) throw new TypeError('not a worker of the dashboard');
      return wanted;
    },
  });
  // The type of `register` knows texts only; the browser wants what the policy made.
  return policy.createScriptURL(url) as string;
}

/** Registers the worker where the browser allows it; everything works without. */
export async function startInstall(): Promise<void> {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    installPrompt.value = event as InstallPrompt;
  });
  if (!('serviceWorker' in navigator)) {
    if (!isSecureContext) installable.value = 'insecure';
    return;
  }
  if (!navigator.onLine) {
    addEventListener('online', () => void register(), { once: true });
    return;
  }
  await register();
}

async function register(): Promise<void> {
  try {
    await navigator.serviceWorker.register(trusted(WORKER));
    installable.value = 'ready';
  } catch {
    // Browsers refuse workers over a certificate that they do not trust.
    installable.value = 'insecure';
  }
}
