// The few MP4 boxes a live player needs: time scales of an init segment, decode times of a fragment. Pure.
// What does not parse gives null; nothing throws on bytes from outside.

interface Box {
  type: string;
  body: number;
  end: number;
}

function boxes(view: DataView, from: number, to: number): Box[] {
  const found: Box[] = [];
  let at = from;
  while (at + 8 <= to) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) break;
    const type = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    found.push({ type, body: at + 8, end: at + size });
    at += size;
  }
  return found;
}

function inside(view: DataView, parent: Box, type: string): Box | undefined {
  return boxes(view, parent.body, parent.end).find((box) => box.type === type);
}

/** Ticks a second of each track, by track id. */
export function timescales(init: ArrayBuffer): Map<number, number> {
  const view = new DataView(init);
  const found = new Map<number, number>();
  const moov = boxes(view, 0, view.byteLength).find((box) => box.type === 'moov');
  if (!moov) return found;
  for (const trak of boxes(view, moov.body, moov.end).filter((box) => box.type === 'trak')) {
    const tkhd = inside(view, trak, 'tkhd');
    const mdia = inside(view, trak, 'mdia');
    const mdhd = mdia && inside(view, mdia, 'mdhd');
    if (!tkhd || !mdhd) continue;
    const idAt = tkhd.body + (view.getUint8(tkhd.body) === 1 ? 20 : 12);
    const scaleAt = mdhd.body + (view.getUint8(mdhd.body) === 1 ? 20 : 12);
    if (idAt + 4 <= tkhd.end && scaleAt + 4 <= mdhd.end) found.set(view.getUint32(idAt), view.getUint32(scaleAt));
  }
  return found;
}

/** Seconds at which the fragment begins on the stream's own time line. */
export function fragmentStart(fragment: ArrayBuffer, scales: ReadonlyMap<number, number>): number | null {
  const view = new DataView(fragment);
  const moof = boxes(view, 0, view.byteLength).find((box) => box.type === 'moof');
  const traf = moof && inside(view, moof, 'traf');
  const tfhd = traf && inside(view, traf, 'tfhd');
  const tfdt = traf && inside(view, traf, 'tfdt');
  if (!tfhd || !tfdt || tfhd.body + 8 > tfhd.end || tfdt.body + 8 > tfdt.end) return null;
  const scale = scales.get(view.getUint32(tfhd.body + 4));
  if (!scale) return null;
  const isLong = view.getUint8(tfdt.body) === 1;
  if (isLong && tfdt.body + 12 > tfdt.end) return null;
  const ticks = isLong ? Number(view.getBigUint64(tfdt.body + 4)) : view.getUint32(tfdt.body + 4);
  return ticks / scale;
}
