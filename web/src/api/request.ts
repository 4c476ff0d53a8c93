// The one place that talks HTTP: cross-site protection, errors in one shape, and what happens when the
// session has ended. No page calls `fetch` itself.

import { signal } from '@preact/signals';

const PREFIX = '/api/v1';
// A hub on the LAN that takes longer does not answer at all.
const TIMEOUT_MS = 15_000;
// A photo of 16 MB over a weak network, and the time to look for faces in it; a service elsewhere that is slow.
const PATIENT_TIMEOUT_MS = 60_000;

/** A refusal of the hub, or no answer (`code` is then `no_contact`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly id: string | null;
  /** Seconds until another try makes sense, from `Retry-After`. */
  readonly retryAfter: number | null;
  /** What else stands beside the refusal. */
  readonly detail: unknown;

  constructor(status: number, code: string, message: string, id: string | null = null, retryAfter: number | null = null, detail: unknown = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.id = id;
    this.retryAfter = retryAfter;
    this.detail = detail;
  }
}

export const csrfToken = signal<string | null>(null);

let onSignedOut: () => void = () => undefined;

/** Called when a request is refused because nobody is signed in. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

/** A list becomes one parameter for each of its values. */
export type Query = Record<string, string | number | readonly string[] | null | undefined>;

/** The address of an API resource, for pictures and clips too. */
export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one ?? '']));
  const search = new URLSearchParams(given.filter(([, value]) => value !== '').map(([name, value]) => [String(name), String(value)]));
  return PREFIX + path + (search.size > 0 ? `?${search}` : '');
}

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  /** A picture as the body, instead of JSON. */
  file?: Blob;
  signal?: AbortSignal;
  /** Leaves a 401 to the caller: sign-in and the first question who is there. */
  anonymous?: boolean;
  /** The hub asks somebody else first, who may be slow. */
  patient?: boolean;
  /** Goes on although the page is being left; for small requests only. */
  keepalive?: boolean;
}

/** The hub’s refusal in one shape, whatever answered. */
export async function refusal(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? '') || null;
  try {
    const { error, ...more } = (await response.json()) as { error: { code: string; message: string; id?: string } };
    return new ApiError(response.status, error.code, error.message, error.id ?? null, retryAfter, more);
  } catch {
    return new ApiError(response.status, 'unknown', response.statusText, null, retryAfter);
  }
}

/** Sends a request; throws `ApiError`, or `AbortError` when the caller gave up. */
export async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const headers: Record<string, string> = {};
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.file) headers['content-type'] = options.file.type;
  if (method !== 'GET' && csrfToken.value) headers['x-csrf-token'] = csrfToken.value;
  const timeout = AbortSignal.timeout(options.file || options.patient ? PATIENT_TIMEOUT_MS : TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(address(path, options.query), {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      keepalive: options.keepalive === true,
      body: options.file ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, 'no_contact', 'no contact');
  }
  if (response.ok) return response;
  if (response.status === 401 && !options.anonymous) onSignedOut();
  throw await refusal(response);
}

/** Sends a request and reads the JSON answer. */
export async function json<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Sends a picture and reads the JSON answer. */
export const upload = <T>(path: string, file: Blob, query: Query): Promise<T> => json<T>('POST', path, { file, query });
