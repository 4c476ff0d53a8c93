// Whether a camera sends in the clear, and what the hub's own check of it says about a better way. Pure.

import type { Check } from '../../api/security.ts';
import type { CameraStatus } from '../../api/types.ts';

/** Only what speaks RTSP may offer the same inside TLS. */
export const isInTheClear = (status: CameraStatus, url: string): boolean => !status.encrypted_transport && url.startsWith('rtsp:');

export interface Offer {
  /** Null if it offers nothing, or the check names no address. */
  url: string | null;
  /** What was seen and what to do, in the hub's words. */
  detail: string;
}

/** What the hub found out about a camera's transport; null if it did not look. */
export function offerOf(checks: readonly Check[], camera: string): Offer | null {
  const check = checks.find((one) => one.id === `camera.${camera}.transport`);
  if (!check) return null;
  const named = /rtsps:\S+?(?=[,.]?(\s|$))/.exec(check.detail)?.[0] ?? null;
  return { url: check.outcome === 'failed' ? named : null, detail: check.detail };
}
