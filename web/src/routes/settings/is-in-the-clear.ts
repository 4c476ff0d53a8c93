// Whether a camera sends in the clear what it could send encrypted. Pure.

import type { CameraStatus } from '../../api/types.ts';

/** Only what speaks RTSP may offer the same inside TLS. */
export const isInTheClear = (status: CameraStatus, url: string): boolean => !status.encrypted_transport && url.startsWith('rtsp:');
