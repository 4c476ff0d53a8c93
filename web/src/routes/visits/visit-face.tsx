// The small picture of a visit: a face if one is kept, else a silhouette that says why there is none.

import { useState } from 'preact/hooks';

import { visitFacePicture, visitPicture, type Visit } from '../../api/visits.ts';
import { Icon } from '../../components/icon.tsx';
import { nameable, rejectable } from '../../state/visit-list.ts';

export function VisitFacePicture({ visit }: { visit: Visit }) {
  const [isBroken, setBroken] = useState(false);
  // A stranger is who somebody has to look at.
  const face = [nameable(visit), rejectable(visit), visit.faces[0]].find((one) => one?.picture);
  const src = face ? visitFacePicture(visit.id, face.index) : visit.picture ? visitPicture(visit.id) : null;
  return <span class="visit-face">{src && !isBroken ? <img src={src} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} /> : <Icon name={visit.who === 'not_checked' ? 'eye-off' : 'user'} size={28} />}</span>;
}
