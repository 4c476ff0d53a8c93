// Rules about single cameras as a person edits them. Pure. A camera follows the role, or has its own list.

import type { Role } from '../../api/types.ts';
import { CAMERA_ACTIONS, type CameraAccess, type CameraAction } from '../../api/users.ts';

/** What a role may do with a camera by itself. */
const BY_ROLE: Record<Role, readonly CameraAction[]> = {
  admin: CAMERA_ACTIONS,
  operator: ['live', 'playback', 'export', 'control', 'faces'],
  viewer: ['live', 'playback', 'faces'],
  guest: ['live'],
  service: [],
};

/** What holds for a camera without an entry. */
export const usual = (role: Role, onlyListed: boolean): readonly CameraAction[] => (onlyListed ? [] : BY_ROLE[role]);

/** What may be done with a camera now. */
export const allowed = (access: CameraAccess, role: Role, camera: string): readonly CameraAction[] => access.cameras[camera] ?? usual(role, access.only_listed);

export const hasOwnRule = (access: CameraAccess, camera: string): boolean => access.cameras[camera] !== undefined;

/** The rules with one right of one camera given or taken; the camera has its own entry from then on. */
export function toggled(access: CameraAccess, role: Role, camera: string, action: CameraAction): CameraAccess {
  const before = allowed(access, role, camera);
  const after = CAMERA_ACTIONS.filter((one) => (one === action ? !before.includes(one) : before.includes(one)));
  return { ...access, cameras: { ...access.cameras, [camera]: after } };
}

/** The rules without an entry for a camera: it follows the role again. */
export function withoutRule(access: CameraAccess, camera: string): CameraAccess {
  return { ...access, cameras: Object.fromEntries(Object.entries(access.cameras).filter(([id]) => id !== camera)) };
}
