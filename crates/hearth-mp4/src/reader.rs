//! Turns an MP4 file back into frames.
//!
//! Progressive and fragmented files are read alike: opening builds one table of all samples, in
//! decoding order over both tracks, and frames are then read one by one. The file may come from
//! anywhere, so tables and boxes have limits and every length is checked against the file's.
//!
//! Tracks of other codecs than Hearthwatch knows are passed over, and so are further tracks of the
//! same kind. Edit lists are followed as far as files of cameras and common tools use them: empty
//! edits at the start, then one stretch of media.

mod table;
mod unit;

use std::{
    io::{Read, Seek, SeekFrom},
    sync::Arc,
};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind};

use crate::{
    Mp4Error,
    parse::{
        AtomHeader,
        description::Description,
        moof::{Expected, read_moof},
        movie::{Movie, Track},
    },
};
use table::{Entry, TrackTable};

/// Tables of the most samples that are read take less than this.
const MOOV_BYTES_MAX: u64 = 256 << 20;
/// A `moof` takes at most 16 bytes a sample, so this is hours of footage in one fragment.
const MOOF_BYTES_MAX: u64 = 16 << 20;
/// Boxes at the top of a file beyond this many are refused: days of short fragments.
const TOP_BOXES_MAX: usize = 1_000_000;
/// The largest frame that is read: an uncompressed 4K picture would fit.
const FRAME_BYTES_MAX: u32 = 32 << 20;
/// A day and a half of picture and sound.
const SAMPLES_MAX: usize = 10_000_000;

/// Reads the frames of an MP4 file.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    length: u64,
    /// Where `source` is, if that is known.
    position: Option<u64>,
    video: Vec<Option<Description>>,
    audio: Vec<Option<Description>>,
    entries: Vec<Entry>,
    next: usize,
    parameters: Arc<StreamParameters>,
    presentation_start: MediaTime,
    end: MediaTime,
}

impl<R: Read + Seek> Reader<R> {
    /// Reads the tables of a file.
    ///
    /// # Errors
    /// If reading fails, the file is no MP4 or is damaged, a limit is passed, or it has no track
    /// that can be handled.
    pub fn open(mut source: R) -> Result<Self, Mp4Error> {
        let length = source.seek(SeekFrom::End(0))?;
        let mut top = TopLevel { source: &mut source, length, position: 0, boxes: 0 };
        let moov = loop {
            let found = top.next()?.ok_or(Mp4Error::Truncated("moov"))?;
            if &found.kind == b"moov" {
                break top.body(&found, MOOV_BYTES_MAX)?;
            }
        };
        let movie = Movie::read(&moov)?;
        let (mut video, mut audio) = (Vec::new(), Vec::new());
        let mut tables = Vec::new();
        if let Some(track) = movie.video() {
            video.clone_from(&track.descriptions);
            tables.push(TrackTable::new(TrackKind::Video, track, movie.timescale, length));
        }
        if let Some(track) = movie.audio() {
            audio.clone_from(&track.descriptions);
            tables.push(TrackTable::new(TrackKind::Audio, track, movie.timescale, length));
        }
        if tables.is_empty() {
            return Err(Mp4Error::Unsupported("every track"));
        }
        let mut samples_left = SAMPLES_MAX;
        for (table, track) in tables.iter_mut().zip(chosen(&movie)) {
            samples_left = table.read_progressive(track.tables, samples_left)?;
        }
        if movie.is_fragmented {
            top.position = 0;
            read_fragments(&mut top, &movie, &mut tables, samples_left)?;
        }
        let (entries, presentation_start, end) = table::merge(&tables);
        let mut reader = Self {
            source,
            length,
            position: None,
            video,
            audio,
            entries,
            next: 0,
            parameters: Arc::new(movie.parameters()),
            presentation_start,
            end,
        };
        reader.rewind();
        Ok(reader)
    }

    /// Parameters of the frame yielded last; before the first, those of the first. The `Arc` is
    /// another one only when they have changed.
    pub fn parameters(&self) -> &Arc<StreamParameters> {
        &self.parameters
    }

    /// The time at which the file's edit list begins the presentation. Frames before it are there for
    /// decoding only.
    pub fn presentation_start(&self) -> MediaTime {
        self.presentation_start
    }

    /// Where the last frame ends.
    pub fn end(&self) -> MediaTime {
        self.end
    }

    /// The next frame in decoding order, tracks interleaved by time; `None` after the last. The
    /// earliest presentation time in the file is 0.
    ///
    /// # Errors
    /// If reading fails, or the frame is not all in the file, too large, or damaged. The frame
    /// after it can be asked for all the same.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Mp4Error> {
        loop {
            let Some(&entry) = self.entries.get(self.next) else {
                return Ok(None);
            };
            self.next += 1;
            self.follow(&entry);
            let data = self.read(&entry)?;
            let data = match self.description(&entry) {
                Some(Description::Video(parameters, length_bytes)) => {
                    unit::frame_data(parameters.codec, *length_bytes, data)?
                }
                _ => data,
            };
            // Nothing but parameter sets, which are known, or nothing at all.
            if data.is_empty() {
                continue;
            }
            let is_audio = entry.track == TrackKind::Audio;
            return Ok(Some(Frame {
                track: entry.track,
                pts: entry.pts,
                duration_samples: is_audio.then_some(entry.duration_samples),
                is_key: entry.is_key,
                after_loss: false,
                data,
            }));
        }
    }

    /// Begins again with the first frame.
    pub fn rewind(&mut self) {
        self.next = 0;
        let first = |track| self.entries.iter().copied().find(|entry| entry.track == track);
        let firsts = [first(TrackKind::Video), first(TrackKind::Audio)];
        for entry in firsts.into_iter().flatten() {
            self.follow(&entry);
        }
    }

    fn description(&self, entry: &Entry) -> Option<&Description> {
        let descriptions = if entry.track == TrackKind::Video { &self.video } else { &self.audio };
        descriptions.get(entry.description)?.as_ref()
    }

    /// Takes over the parameters of the frame.
    fn follow(&mut self, entry: &Entry) {
        let known = &self.parameters;
        let changed = match self.description(entry) {
            Some(Description::Video(video, _)) if known.video.as_ref() != Some(video) => {
                StreamParameters { video: Some(video.clone()), audio: known.audio.clone() }
            }
            Some(Description::Audio(audio)) if known.audio.as_ref() != Some(audio) => {
                StreamParameters { video: known.video.clone(), audio: Some(audio.clone()) }
            }
            _ => return,
        };
        self.parameters = Arc::new(changed);
    }

    fn read(&mut self, entry: &Entry) -> Result<Bytes, Mp4Error> {
        if entry.bytes > FRAME_BYTES_MAX {
            return Err(Mp4Error::TooLarge("a frame"));
        }
        let end = entry.offset.checked_add(entry.bytes.into());
        let end = end.filter(|&end| end <= self.length).ok_or(Mp4Error::Truncated("a frame"))?;
        if self.position.take() != Some(entry.offset) {
            self.source.seek(SeekFrom::Start(entry.offset))?;
        }
        let mut data = vec![0; usize::try_from(entry.bytes).unwrap_or(0)];
        self.source.read_exact(&mut data)?;
        self.position = Some(end);
        Ok(data.into())
    }
}

/// The tracks that are read, in the order of their tables.
fn chosen<'a, 'm>(movie: &'m Movie<'a>) -> impl Iterator<Item = &'m Track<'a>> {
    [movie.video(), movie.audio()].into_iter().flatten()
}

fn read_fragments<R: Read + Seek>(
    top: &mut TopLevel<'_, R>,
    movie: &Movie<'_>,
    tables: &mut [TrackTable],
    mut samples_left: usize,
) -> Result<(), Mp4Error> {
    let ids: Vec<_> = chosen(movie).map(|track| (track.id, track.defaults)).collect();
    while let Some(found) = top.next()? {
        if &found.kind != b"moof" {
            continue;
        }
        let moof = top.body(&found, MOOF_BYTES_MAX)?;
        let ends: Vec<i64> = tables.iter().map(TrackTable::end).collect();
        let expected = |id: u32| {
            let at = ids.iter().position(|(known, _)| *known == id)?;
            Some(Expected { defaults: ids[at].1, decode_time: *ends.get(at)? })
        };
        for part in read_moof(&moof, found.start, expected)? {
            let at = ids.iter().position(|(known, _)| *known == part.track);
            if let Some(table) = at.and_then(|at| tables.get_mut(at)) {
                samples_left = samples_left
                    .checked_sub(part.samples.len())
                    .ok_or(Mp4Error::TooLarge("the number of samples"))?;
                table.push_fragment(part.description, &part.samples)?;
            }
        }
    }
    Ok(())
}

/// A box at the top of a file.
struct Found {
    kind: [u8; 4],
    start: u64,
    body: u64,
    end: u64,
}

/// Steps over the boxes at the top of a file.
struct TopLevel<'a, R> {
    source: &'a mut R,
    length: u64,
    position: u64,
    boxes: usize,
}

impl<R: Read + Seek> TopLevel<'_, R> {
    /// The next box. What is cut off at the end of the file ends there; a rest that is no box is
    /// passed over.
    fn next(&mut self) -> Result<Option<Found>, Mp4Error> {
        let start = self.position;
        let left = self.length.saturating_sub(start);
        if left < 8 {
            return Ok(None);
        }
        self.boxes += 1;
        if self.boxes > TOP_BOXES_MAX {
            return Err(Mp4Error::TooLarge("the number of boxes"));
        }
        let mut bytes = [0; AtomHeader::BYTES_MAX];
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        self.source.seek(SeekFrom::Start(start))?;
        self.source.read_exact(&mut bytes[..wanted])?;
        let Some(header) = AtomHeader::read(&bytes[..wanted])? else {
            return Ok(None);
        };
        let total = header.total_bytes.unwrap_or(left).min(left);
        self.position = start + total;
        let body = (start + header.header_bytes).min(self.position);
        Ok(Some(Found { kind: header.kind, start, body, end: self.position }))
    }

    fn body(&mut self, found: &Found, max: u64) -> Result<Vec<u8>, Mp4Error> {
        let bytes = found.end - found.body;
        if bytes > max {
            return Err(Mp4Error::TooLarge("a box"));
        }
        // At most what the file really has, so a false length costs no memory.
        let mut body = vec![0; usize::try_from(bytes).map_err(|_| Mp4Error::TooLarge("a box"))?];
        self.source.seek(SeekFrom::Start(found.body))?;
        self.source.read_exact(&mut body)?;
        Ok(body)
    }
}
