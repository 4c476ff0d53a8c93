// The privacy of the whole house: one switch, and what each camera answered to it.

import { json } from './request.ts';

export interface CameraPrivacy {
  camera: string;
  /** By the camera's own lens, or by the hub, which then takes and keeps no stream. */
  how: 'lens' | 'hub';
  result: 'closed' | 'failed' | 'open';
  reason: string | null;
}

export interface HousePrivacy {
  is_on: boolean;
  /** Null means until somebody ends it. */
  until: string | null;
  since: string | null;
  by: string | null;
  cameras: CameraPrivacy[];
}

export const privacy = {
  get: () => json<HousePrivacy>('GET', '/house/privacy'),
  /** Answers after every camera has answered or failed. */
  set: (isOn: boolean, until: number | null = null) => json<HousePrivacy>('PUT', '/house/privacy', { body: { is_on: isOn, ...(until === null ? {} : { until: new Date(until).toISOString() }) } }),
};
