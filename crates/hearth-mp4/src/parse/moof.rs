//! Movie fragments: the samples that a `moof` box tells of.

use super::{Fields, atoms, movie::Defaults, require};
use crate::{Mp4Error, Sample};

/// Samples of one `moof` beyond this many are refused: hours of footage in one fragment. A run may
/// claim samples that take no bytes of the box, so their number must be bounded by itself.
const FRAGMENT_SAMPLES_MAX: usize = 1_000_000;
/// `sample_is_non_sync_sample` (8.8.3.1).
const FLAG_NOT_SYNC: u32 = 0x0001_0000;

/// The samples of one track in a fragment; offsets are positions in the file.
pub(crate) struct TrackFragment {
    pub(crate) track: u32,
    pub(crate) description: u32,
    pub(crate) samples: Vec<Sample>,
}

/// What of a track is known before the fragment.
#[derive(Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) defaults: Defaults,
    /// Where its last fragment ended, for fragments that do not tell their time.
    pub(crate) decode_time: i64,
}

/// Reads the body of a `moof` box at `position` in the file. Tracks of which `expected` knows nothing
/// are left out.
pub(crate) fn read_moof(
    moof: &[u8],
    position: u64,
    expected: impl Fn(u32) -> Option<Expected>,
) -> Result<Vec<TrackFragment>, Mp4Error> {
    let mut fragments: Vec<TrackFragment> = Vec::new();
    let mut samples_left = FRAGMENT_SAMPLES_MAX;
    // Where data goes on if a track fragment does not tell: after that of the one before it.
    let mut data_end = position;
    for atom in atoms(moof) {
        let atom = atom?;
        if &atom.kind != b"traf" {
            continue;
        }
        let header = Header::read(require(atom.body, b"tfhd", "tfhd")?)?;
        let known = expected(header.track);
        let earlier = fragments.iter().rev().find(|earlier| earlier.track == header.track);
        let carried = earlier.and_then(|earlier| earlier.samples.last()).map(Sample::end);
        let defaults = header.defaults(known.map_or(Defaults::default(), |known| known.defaults));
        let base = header.base(position, data_end);
        let start = match super::find(atom.body, b"tfdt")? {
            Some(tfdt) => read_decode_time(tfdt)?,
            None => carried.or(known.map(|known| known.decode_time)).unwrap_or(0),
        };
        let mut runs = Runs { base, next: base, dts: start, samples: Vec::new(), samples_left };
        for atom in atoms(atom.body) {
            let atom = atom?;
            if &atom.kind == b"trun" {
                runs.read(atom.body, &defaults)?;
            }
        }
        samples_left = runs.samples_left;
        data_end = runs.next;
        if known.is_some() {
            fragments.push(TrackFragment {
                track: header.track,
                description: defaults.description,
                samples: runs.samples,
            });
        }
    }
    Ok(fragments)
}

fn read_decode_time(tfdt: &[u8]) -> Result<i64, Mp4Error> {
    let mut fields = Fields::new(tfdt, "tfdt");
    let (version, _) = fields.version()?;
    i64::try_from(fields.sized(version)?).map_err(|_| Mp4Error::Malformed("tfdt"))
}

/// A track fragment header (8.8.7).
struct Header {
    track: u32,
    base: Option<u64>,
    is_base_moof: bool,
    description: Option<u32>,
    duration: Option<u32>,
    bytes: Option<u32>,
    flags: Option<u32>,
}

impl Header {
    fn read(tfhd: &[u8]) -> Result<Self, Mp4Error> {
        let mut fields = Fields::new(tfhd, "tfhd");
        let (_, present) = fields.version()?;
        let track = fields.u32()?;
        let base = if present & 0x01 != 0 { Some(fields.u64()?) } else { None };
        let mut optional =
            |flag: u32| if present & flag != 0 { fields.u32().map(Some) } else { Ok(None) };
        Ok(Self {
            track,
            base,
            is_base_moof: present & 0x02_0000 != 0,
            description: optional(0x02)?,
            duration: optional(0x08)?,
            bytes: optional(0x10)?,
            flags: optional(0x20)?,
        })
    }

    fn defaults(&self, movie: Defaults) -> Defaults {
        Defaults {
            description: self.description.unwrap_or(movie.description),
            duration: self.duration.unwrap_or(movie.duration),
            bytes: self.bytes.unwrap_or(movie.bytes),
            flags: self.flags.unwrap_or(movie.flags),
        }
    }

    fn base(&self, moof: u64, data_end: u64) -> u64 {
        match self.base {
            Some(base) => base,
            None if self.is_base_moof => moof,
            None => data_end,
        }
    }
}

/// The runs of a track fragment, being read.
struct Runs {
    base: u64,
    next: u64,
    dts: i64,
    samples: Vec<Sample>,
    samples_left: usize,
}

impl Runs {
    /// Reads a `trun` (8.8.8).
    fn read(&mut self, trun: &[u8], defaults: &Defaults) -> Result<(), Mp4Error> {
        const WHAT: &str = "trun";
        let mut fields = Fields::new(trun, WHAT);
        let (_, present) = fields.version()?;
        let has = |flag: u32| present & flag != 0;
        let count = usize::try_from(fields.u32()?).unwrap_or(usize::MAX);
        self.samples_left =
            self.samples_left.checked_sub(count).ok_or(Mp4Error::TooLarge("a fragment"))?;
        if has(0x01) {
            let offset = i64::from(fields.i32()?);
            self.next = self.base.checked_add_signed(offset).ok_or(Mp4Error::Malformed(WHAT))?;
        }
        let mut first_flags = if has(0x04) { Some(fields.u32()?) } else { None };
        for _ in 0..count {
            let duration = if has(0x100) { fields.u32()? } else { defaults.duration };
            let bytes = if has(0x200) { fields.u32()? } else { defaults.bytes };
            let flags = if has(0x400) { fields.u32()? } else { defaults.flags };
            let flags = first_flags.take().unwrap_or(flags);
            // Unsigned in version 0 of the box; no real offset is above 2^31, and many writers put
            // signed ones there all the same.
            let cts = if has(0x800) { fields.i32()? } else { 0 };
            let is_key = flags & FLAG_NOT_SYNC == 0;
            self.samples.push(Sample {
                offset: self.next,
                bytes,
                dts: self.dts,
                cts,
                duration,
                is_key,
            });
            self.next = self.next.checked_add(u64::from(bytes)).ok_or(Mp4Error::Malformed(WHAT))?;
            self.dts =
                self.dts.checked_add(i64::from(duration)).ok_or(Mp4Error::Malformed(WHAT))?;
        }
        Ok(())
    }
}
