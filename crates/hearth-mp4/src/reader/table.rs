//! The table of samples of a file: from `stbl` (ISO/IEC 14496-12, 8.6 and 8.7) and from fragments.

use hearth_media::{AudioCodec, MediaTime, TrackKind};

use crate::{
    Mp4Error, Sample,
    parse::{
        Fields,
        description::Description,
        find,
        movie::{Edit, Track},
        require,
    },
};

/// QuickTime stores G.711 as samples of one byte. So many are put together to one frame: 20 ms.
const G711_FRAME_BYTES: u32 = 160;

/// A frame of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) track: TrackKind,
    pub(super) offset: u64,
    pub(super) bytes: u32,
    /// Which entry of `stsd`, from 0.
    pub(super) description: usize,
    pub(super) pts: MediaTime,
    /// When it is decoded, on the same timeline.
    dts: MediaTime,
    pub(super) duration_samples: u32,
    pub(super) is_key: bool,
}

/// The samples of one track.
pub(super) struct TrackTable {
    kind: TrackKind,
    timescale: u32,
    /// Which descriptions can be handled, and the sample rate of sound.
    rates: Vec<Option<u32>>,
    has_single_bytes: bool,
    /// Time of the media that the presentation begins with, in ticks.
    media_time: i64,
    /// When the presentation begins.
    delay: MediaTime,
    samples: Vec<(Sample, usize)>,
    file_bytes: u64,
    /// How much of the file no sample has claimed yet. That samples may not overlap bounds the
    /// memory that a made-up table costs.
    unclaimed: u64,
    /// A sample is not all in the file.
    is_truncated: bool,
}

impl TrackTable {
    pub(super) fn new(
        kind: TrackKind,
        track: &Track<'_>,
        movie_timescale: u32,
        file_bytes: u64,
    ) -> Self {
        let rate = |description: &Option<Description>| match description {
            Some(Description::Video(..)) if kind == TrackKind::Video => Some(track.timescale),
            Some(Description::Audio(audio)) if kind == TrackKind::Audio => Some(audio.sample_rate),
            _ => None,
        };
        let is_g711 = |description: &Option<Description>| {
            matches!(description, Some(Description::Audio(audio))
                if matches!(audio.codec, AudioCodec::Pcmu | AudioCodec::Pcma))
        };
        let (media_time, delay) = presentation(&track.edits, movie_timescale);
        Self {
            kind,
            timescale: track.timescale,
            rates: track.descriptions.iter().map(rate).collect(),
            has_single_bytes: track.descriptions.iter().any(is_g711),
            media_time,
            delay,
            samples: Vec::new(),
            file_bytes,
            unclaimed: file_bytes,
            is_truncated: false,
        }
    }

    /// Where the media read so far ends, in ticks.
    pub(super) fn end(&self) -> i64 {
        self.samples.last().map_or(0, |(sample, _)| sample.end())
    }

    /// Adds the samples of a fragment; `description` counts from 1.
    pub(super) fn push_fragment(
        &mut self,
        description: u32,
        samples: &[Sample],
    ) -> Result<(), Mp4Error> {
        let description = usize::try_from(description).unwrap_or(0).saturating_sub(1);
        samples.iter().try_for_each(|sample| self.push(*sample, description))
    }

    /// Adds a sample, unless it is empty or of a codec that is not handled. Of samples beyond the end
    /// of the file only the first is kept, to be reported when it is read.
    fn push(&mut self, sample: Sample, description: usize) -> Result<(), Mp4Error> {
        let bytes = u64::from(sample.bytes);
        if bytes == 0 || !self.rates.get(description).is_some_and(Option::is_some) {
            return Ok(());
        }
        if sample.offset.checked_add(bytes).is_none_or(|end| end > self.file_bytes) {
            if !std::mem::replace(&mut self.is_truncated, true) {
                self.samples.push((sample, description));
            }
            return Ok(());
        }
        self.unclaimed =
            self.unclaimed.checked_sub(bytes).ok_or(Mp4Error::Malformed("a sample table"))?;
        let is_single = self.has_single_bytes && sample.duration == 1;
        if let Some((last, _)) = self.samples.last_mut().filter(|_| is_single) {
            let follows = last.offset.checked_add(last.bytes.into()) == Some(sample.offset);
            let has_room = last.bytes.saturating_add(sample.bytes) <= G711_FRAME_BYTES;
            if follows && has_room && last.end() == sample.dts {
                last.bytes += sample.bytes;
                last.duration += 1;
                return Ok(());
            }
        }
        self.samples.push((sample, description));
        Ok(())
    }

    /// Adds the samples of `stbl`; returns how many of `samples_left` are left.
    pub(super) fn read_progressive(
        &mut self,
        tables: &[u8],
        samples_left: usize,
    ) -> Result<usize, Mp4Error> {
        let sizes = Sizes::read(tables)?;
        let left = samples_left
            .checked_sub(sizes.count)
            .ok_or(Mp4Error::TooLarge("the number of samples"))?;
        if sizes.count == 0 {
            return Ok(left);
        }
        let mut times = Times::read(tables)?;
        let mut chunks = Chunks::read(tables)?;
        let mut position: Option<(u64, u32, usize)> = None;
        for number in 0..sizes.count {
            let bytes = sizes.get(number)?;
            let (offset, in_chunk, description) = match position.take() {
                Some(position) => position,
                // Fewer chunks than samples: the rest is not there.
                None => match chunks.next()? {
                    Some(chunk) => chunk,
                    None => break,
                },
            };
            let (dts, duration, cts, is_key) = times.next()?;
            self.push(Sample { offset, bytes, dts, cts, duration, is_key }, description)?;
            if in_chunk > 1 {
                let next = offset.checked_add(bytes.into()).ok_or(Mp4Error::Malformed("stco"))?;
                position = Some((next, in_chunk - 1, description));
            }
        }
        Ok(left)
    }

    fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.samples.iter().map(|(sample, description)| {
            let rate = self.rates.get(*description).copied().flatten().unwrap_or(self.timescale);
            let time = |ticks: i64| {
                let shown = ticks.saturating_sub(self.media_time);
                MediaTime::from_scale(shown, self.timescale).plus_micros(self.delay.as_micros())
            };
            let duration = MediaTime::from_scale(sample.duration.into(), self.timescale);
            Entry {
                track: self.kind,
                offset: sample.offset,
                bytes: sample.bytes,
                description: *description,
                pts: time(sample.pts()),
                dts: time(sample.dts),
                duration_samples: if self.timescale == rate {
                    sample.duration
                } else {
                    u32::try_from(duration.to_scale(rate)).unwrap_or(u32::MAX)
                },
                is_key: sample.is_key,
            }
        })
    }

    fn end_time(&self) -> MediaTime {
        let end = self.end().saturating_sub(self.media_time);
        MediaTime::from_scale(end, self.timescale).plus_micros(self.delay.as_micros())
    }
}

/// The entries of all tracks in order of decoding, with the earliest presentation time at 0; where
/// the presentation begins, and where it ends.
pub(super) fn merge(tables: &[TrackTable]) -> (Vec<Entry>, MediaTime, MediaTime) {
    let mut entries: Vec<Entry> = tables.iter().flat_map(TrackTable::entries).collect();
    // Stable, and each track is in decoding order but for damage.
    entries.sort_by_key(|entry| entry.dts);
    let earliest = entries.iter().map(|entry| entry.pts).min().unwrap_or_default().as_micros();
    let moved = |time: MediaTime| MediaTime::from_micros(time.as_micros().saturating_sub(earliest));
    for entry in &mut entries {
        entry.pts = moved(entry.pts);
    }
    let starts = tables.iter().filter(|table| !table.samples.is_empty()).map(|table| table.delay);
    let start = moved(starts.min().unwrap_or_default()).max(MediaTime::default());
    let end = tables.iter().map(TrackTable::end_time).max().unwrap_or_default();
    (entries, start, moved(end))
}

/// Media time that is shown first, and when.
fn presentation(edits: &[Edit], movie_timescale: u32) -> (i64, MediaTime) {
    let empty = edits.iter().take_while(|edit| edit.media_time < 0);
    let delay = empty.fold(0u64, |delay, edit| delay.saturating_add(edit.duration));
    let delay = i64::try_from(delay).unwrap_or(0);
    let first = edits.iter().map(|edit| edit.media_time).find(|&time| time >= 0);
    (first.unwrap_or(0), MediaTime::from_scale(delay, movie_timescale))
}

/// `stsz` or `stz2` (8.7.3).
struct Sizes<'a> {
    count: usize,
    /// The size of all samples, if it is the same.
    uniform: u32,
    bits: usize,
    table: &'a [u8],
}

impl<'a> Sizes<'a> {
    fn read(tables: &'a [u8]) -> Result<Self, Mp4Error> {
        if let Some(stsz) = find(tables, b"stsz")? {
            let mut fields = Fields::new(stsz, "stsz");
            fields.version()?;
            let uniform = fields.u32()?;
            let count = fields.count(if uniform == 0 { 4 } else { 0 })?;
            return Ok(Self { count, uniform, bits: 32, table: fields.rest() });
        }
        let mut fields = Fields::new(require(tables, b"stz2", "stsz")?, "stz2");
        fields.version()?;
        let bits = usize::try_from(fields.u32()? & 0xFF).unwrap_or(0);
        let count = fields.count(0)?;
        let needed = count.checked_mul(bits).ok_or(Mp4Error::Truncated("stz2"))?.div_ceil(8);
        if !matches!(bits, 4 | 8 | 16) || needed > fields.rest().len() {
            return Err(Mp4Error::Malformed("stz2"));
        }
        Ok(Self { count, uniform: 0, bits, table: fields.rest() })
    }

    fn get(&self, number: usize) -> Result<u32, Mp4Error> {
        if self.uniform > 0 {
            return Ok(self.uniform);
        }
        let at = number * self.bits / 8;
        let bytes = self.table.get(at..).unwrap_or(&[]);
        let size = match self.bits {
            32 => bytes.first_chunk().map(|bytes| u32::from_be_bytes(*bytes)),
            16 => bytes.first_chunk().map(|bytes| u16::from_be_bytes(*bytes).into()),
            8 => bytes.first().map(|&byte| byte.into()),
            _ => bytes.first().map(|&byte| (byte >> (4 * (1 - number % 2)) & 0x0F).into()),
        };
        size.ok_or(Mp4Error::Truncated("stsz"))
    }
}

/// A table of runs: how many samples, and a value of each.
struct RunTable<'a> {
    fields: Fields<'a>,
    left: u32,
    value: u32,
}

impl<'a> RunTable<'a> {
    fn new(table: &'a [u8], what: &'static str) -> Result<Self, Mp4Error> {
        let mut fields = Fields::new(table, what);
        fields.version()?;
        let count = fields.count(8)?;
        let entries = fields.take(count * 8)?;
        Ok(Self { fields: Fields::new(entries, what), left: 0, value: 0 })
    }

    /// The value of the next sample; after the last run, that of the last run.
    fn next(&mut self) -> Result<u32, Mp4Error> {
        while self.left == 0 && !self.fields.rest().is_empty() {
            self.left = self.fields.u32()?;
            self.value = self.fields.u32()?;
        }
        self.left = self.left.saturating_sub(1);
        Ok(self.value)
    }
}

/// `stts`, `ctts` and `stss` (8.6).
struct Times<'a> {
    durations: RunTable<'a>,
    offsets: Option<RunTable<'a>>,
    sync: Option<Fields<'a>>,
    /// Number of the next sync sample, from 1.
    next_sync: u32,
    number: u32,
    dts: i64,
}

impl<'a> Times<'a> {
    fn read(tables: &'a [u8]) -> Result<Self, Mp4Error> {
        let durations = RunTable::new(require(tables, b"stts", "stts")?, "stts")?;
        let offsets = match find(tables, b"ctts")? {
            Some(ctts) => Some(RunTable::new(ctts, "ctts")?),
            None => None,
        };
        let sync = match find(tables, b"stss")? {
            Some(stss) => {
                let mut fields = Fields::new(stss, "stss");
                fields.version()?;
                let count = fields.count(4)?;
                Some(Fields::new(fields.take(count * 4)?, "stss"))
            }
            None => None,
        };
        Ok(Self { durations, offsets, sync, next_sync: 0, number: 0, dts: 0 })
    }

    /// Decoding time, duration, composition offset, and whether it is a sync sample.
    fn next(&mut self) -> Result<(i64, u32, i32, bool), Mp4Error> {
        let duration = self.durations.next()?;
        // Unsigned in version 0; many writers put signed ones there all the same.
        let offset = match &mut self.offsets {
            Some(offsets) => offsets.next()?.cast_signed(),
            None => 0,
        };
        self.number += 1;
        let is_key = match &mut self.sync {
            None => true,
            Some(sync) => {
                while self.next_sync < self.number && !sync.rest().is_empty() {
                    self.next_sync = sync.u32()?;
                }
                self.next_sync == self.number
            }
        };
        let dts = self.dts;
        self.dts = dts.checked_add(duration.into()).ok_or(Mp4Error::Malformed("stts"))?;
        Ok((dts, duration, offset, is_key))
    }
}

/// `stsc` and `stco` or `co64` (8.7).
struct Chunks<'a> {
    offsets: Fields<'a>,
    is_large: bool,
    runs: Fields<'a>,
    number: u32,
    /// Samples a chunk and description from 0, of the current run.
    current: (u32, usize),
}

impl<'a> Chunks<'a> {
    fn read(tables: &'a [u8]) -> Result<Self, Mp4Error> {
        let (table, is_large) = match find(tables, b"stco")? {
            Some(stco) => (stco, false),
            None => (require(tables, b"co64", "stco")?, true),
        };
        let mut offsets = Fields::new(table, "stco");
        offsets.version()?;
        let entry_bytes = if is_large { 8 } else { 4 };
        let count = offsets.count(entry_bytes)?;
        let offsets = Fields::new(offsets.take(count * entry_bytes)?, "stco");
        let mut runs = Fields::new(require(tables, b"stsc", "stsc")?, "stsc");
        runs.version()?;
        let count = runs.count(12)?;
        let runs = Fields::new(runs.take(count * 12)?, "stsc");
        Ok(Self { offsets, is_large, runs, number: 0, current: (0, 0) })
    }

    /// Offset, number of samples and description of the next chunk that has samples.
    fn next(&mut self) -> Result<Option<(u64, u32, usize)>, Mp4Error> {
        while !self.offsets.rest().is_empty() {
            let offset =
                if self.is_large { self.offsets.u64()? } else { self.offsets.u32()?.into() };
            self.number = self.number.saturating_add(1);
            let mut ahead = self.runs;
            while !ahead.rest().is_empty() && ahead.u32()? <= self.number {
                let samples = ahead.u32()?;
                let description = usize::try_from(ahead.u32()?).unwrap_or(0).saturating_sub(1);
                self.current = (samples, description);
                self.runs = ahead;
            }
            if self.current.0 > 0 {
                return Ok(Some((offset, self.current.0, self.current.1)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::BoxWriter;

    #[test]
    fn compact_sizes_are_read() {
        for (bits, table) in [(4, &[0x5A, 0x30][..]), (8, &[5, 10, 3]), (16, &[0, 5, 0, 10, 0, 3])]
        {
            let mut w = BoxWriter::with_capacity(64);
            w.full(b"stz2", 0, 0, |w| {
                w.u32(bits);
                w.u32(3);
                w.put(table);
            });
            let tables = w.into_bytes();
            let sizes = Sizes::read(&tables).expect("valid");
            let read: Vec<_> = (0..3).map(|number| sizes.get(number).expect("there")).collect();
            assert_eq!(read, [5, 10, 3], "{bits} bits");
        }
    }

    #[test]
    fn an_edit_list_tells_delay_and_start() {
        let empty = Edit { duration: 300, media_time: -1 };
        let shown = Edit { duration: 9_000, media_time: 1_024 };
        let delay = MediaTime::from_micros(500_000);
        assert_eq!(presentation(&[empty, shown], 600), (1_024, delay));
        assert_eq!(presentation(&[shown], 600), (1_024, MediaTime::default()));
        assert_eq!(presentation(&[], 600), (0, MediaTime::default()));
    }
}
