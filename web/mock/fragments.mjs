// Reads a fragmented MP4 made by ffmpeg with one frame a fragment, and moves fragments in time.

function* boxes(bytes, from = 0, to = bytes.length) {
  let at = from;
  while (at + 8 <= to) {
    const size = bytes.readUInt32BE(at);
    yield { type: bytes.toString('latin1', at + 4, at + 8), start: at, body: at + 8, end: at + size };
    at += size;
  }
}

function find(bytes, path, from = 0, to = bytes.length) {
  const [first, ...rest] = path;
  for (const box of boxes(bytes, from, to)) {
    if (box.type !== first) continue;
    return rest.length === 0 ? box : find(bytes, rest, box.body, box.end);
  }
  return undefined;
}

function tracks(init) {
  const found = new Map();
  const moov = find(init, ['moov']);
  for (const trak of boxes(init, moov.body, moov.end)) {
    if (trak.type !== 'trak') continue;
    const tkhd = find(init, ['tkhd'], trak.body, trak.end);
    const mdhd = find(init, ['mdia', 'mdhd'], trak.body, trak.end);
    const hdlr = find(init, ['mdia', 'hdlr'], trak.body, trak.end);
    const version = init[tkhd.body];
    const id = init.readUInt32BE(tkhd.body + (version === 1 ? 20 : 12));
    const timescale = init.readUInt32BE(mdhd.body + (init[mdhd.body] === 1 ? 20 : 12));
    found.set(id, { timescale, handler: init.toString('latin1', hdlr.body + 8, hdlr.body + 12) });
  }
  return found;
}

function decoderConfig(init) {
  const at = init.indexOf('avcC');
  return init.subarray(at + 4, at - 4 + init.readUInt32BE(at - 4));
}

function isKey(bytes, moof, traf) {
  const trun = find(bytes, ['trun'], traf.body, traf.end);
  const flags = bytes.readUInt32BE(trun.body) & 0xffffff;
  const tfhd = find(bytes, ['tfhd'], traf.body, traf.end);
  const defaults = bytes.readUInt32BE(tfhd.body) & 0xffffff;
  let at = trun.body + 8 + (flags & 1 ? 4 : 0);
  if (flags & 4) return (bytes.readUInt32BE(at) & 0x10000) === 0;
  if (defaults & 0x20) return (bytes.readUInt32BE(tfhd.end - 4) & 0x10000) === 0;
  return false;
}

/** `{init, avcC, codec, list}`; each of `list` is `{bytes, seconds, video, key, data}`. */
export function readFragments(bytes) {
  const all = [...boxes(bytes)];
  const first = all.find((box) => box.type === 'moof');
  const init = bytes.subarray(0, first.start);
  const known = tracks(init);
  const list = [];
  for (let index = 0; index < all.length; index += 1) {
    const moof = all[index];
    if (moof.type !== 'moof') continue;
    const mdat = all[index + 1];
    const traf = find(bytes, ['traf'], moof.body, moof.end);
    const tfhd = find(bytes, ['tfhd'], traf.body, traf.end);
    const tfdt = find(bytes, ['tfdt'], traf.body, traf.end);
    const track = known.get(bytes.readUInt32BE(tfhd.body + 4));
    const time = bytes[tfdt.body] === 1 ? Number(bytes.readBigUInt64BE(tfdt.body + 4)) : bytes.readUInt32BE(tfdt.body + 4);
    list.push({
      bytes: bytes.subarray(moof.start, mdat.end),
      tfdt: tfdt.body - moof.start,
      timescale: track.timescale,
      time,
      seconds: time / track.timescale,
      video: track.handler === 'vide',
      key: track.handler === 'vide' && isKey(bytes, moof, traf),
      data: bytes.subarray(mdat.body, mdat.end),
    });
  }
  list.sort((a, b) => a.seconds - b.seconds);
  const avcC = decoderConfig(init);
  const codec = `avc1.${avcC.subarray(1, 4).toString('hex')}`;
  const sound = [...known.values()].some((track) => track.handler === 'soun');
  return { init, avcC, codec, sound, list };
}

/** A copy of the fragment whose decode time is `loops` loop lengths later. */
export function moved(fragment, seconds) {
  const bytes = Buffer.from(fragment.bytes);
  if (bytes[fragment.tfdt] !== 1) throw new Error('ffmpeg wrote a 32-bit decode time');
  bytes.writeBigUInt64BE(BigInt(fragment.time) + BigInt(Math.round(seconds * fragment.timescale)), fragment.tfdt + 4);
  return bytes;
}
