// What a refusal of the hub says of the faces in a picture. Pure.

import type { FoundFace } from '../../api/people.ts';
import { ApiError } from '../../api/request.ts';

/** The faces that the hub found in what it refused. */
export function foundFaces(error: unknown): FoundFace[] {
  if (!(error instanceof ApiError) || error.detail === null || typeof error.detail !== 'object') return [];
  const { faces } = error.detail as { faces?: unknown };
  return Array.isArray(faces) ? (faces as FoundFace[]) : [];
}
