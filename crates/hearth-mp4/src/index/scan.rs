//! Rebuilds an index from the footage itself.
//!
//! After a crash the footage may end anywhere; whatever was appended whole is found again.

use std::io;

use super::SegmentIndex;
use crate::{
    Mp4Error, Sample, VIDEO_TIMESCALE,
    parse::{
        AtomHeader,
        moof::{Expected, TrackFragment, read_moof},
        movie::{Defaults, Movie},
    },
};

/// An init segment is about 1 KiB.
const MOOV_BYTES_MAX: u64 = 1 << 20;
/// A `moof` takes at most 16 bytes a sample, so this is hours of footage in one fragment.
const MOOF_BYTES_MAX: u64 = 16 << 20;

/// Positioned reading of a segment's plaintext.
pub trait ReadAt {
    /// Reads into `buffer` from `offset` and returns how much that was; 0 at the end.
    ///
    /// # Errors
    /// If reading fails; the end is no error.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl ReadAt for &[u8] {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.get(at..)).unwrap_or(&[]);
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl SegmentIndex {
    /// Rebuilds the index of a segment from its plaintext of `length` bytes, as this crate writes it:
    /// an init segment, then fragments. Reads headers only, not the frames.
    ///
    /// Stops where a fragment is not whole or not readable; what comes before it is returned.
    ///
    /// # Errors
    /// If reading fails, or the init segment is not whole and readable.
    pub fn scan(source: &mut impl ReadAt, length: u64) -> Result<Self, Mp4Error> {
        let mut scan = Scan { source, length, position: 0 };
        let moov = loop {
            let Some(found) = scan.next_box()? else {
                return Err(Mp4Error::Truncated("moov"));
            };
            if &found.kind == b"moov" {
                break scan.body(&found, MOOV_BYTES_MAX)?.ok_or(Mp4Error::Truncated("moov"))?;
            }
        };
        let movie = Movie::read(&moov)?;
        let mut index = Self::new(movie.parameters());
        let video = movie.video().map(|track| (track.id, track.defaults, track.timescale));
        let audio = movie.audio().map(|track| (track.id, track.defaults, track.timescale));
        if video.is_some_and(|(_, _, timescale)| timescale != VIDEO_TIMESCALE)
            || audio.is_some_and(|(_, _, timescale)| timescale != index.audio_timescale())
        {
            return Err(Mp4Error::Unsupported("a timescale"));
        }
        let tracks = Tracks {
            video: video.map(|(id, defaults, _)| (id, defaults)),
            audio: audio.map(|(id, defaults, _)| (id, defaults)),
        };
        while let Some(fragment) = scan.next_fragment(&tracks)? {
            index.push_samples(fragment.start, fragment.bytes, &fragment.video, &fragment.audio);
        }
        Ok(index)
    }
}

/// Ids and defaults of the tracks that are indexed.
struct Tracks {
    video: Option<(u32, Defaults)>,
    audio: Option<(u32, Defaults)>,
}

/// A box that is whole.
struct Found {
    kind: [u8; 4],
    start: u64,
    body: u64,
    end: u64,
}

struct FoundFragment {
    start: u64,
    bytes: u64,
    video: Vec<Sample>,
    audio: Vec<Sample>,
}

struct Scan<'a, R> {
    source: &'a mut R,
    length: u64,
    position: u64,
}

impl<R: ReadAt> Scan<'_, R> {
    /// The next box, if it is whole, and steps over it.
    fn next_box(&mut self) -> Result<Option<Found>, Mp4Error> {
        let mut bytes = [0; AtomHeader::BYTES_MAX];
        let count = self.read(self.position, &mut bytes)?;
        let Ok(Some(header)) = AtomHeader::read(&bytes[..count]) else {
            return Ok(None);
        };
        let start = self.position;
        let end = header.total_bytes.and_then(|total| start.checked_add(total));
        let Some(end) = end.filter(|&end| end <= self.length) else {
            return Ok(None);
        };
        self.position = end;
        Ok(Some(Found { kind: header.kind, start, body: start + header.header_bytes, end }))
    }

    /// The next fragment that is whole, and steps over it.
    fn next_fragment(&mut self, tracks: &Tracks) -> Result<Option<FoundFragment>, Mp4Error> {
        let moof = loop {
            match self.next_box()? {
                None => return Ok(None),
                Some(found) if &found.kind == b"moof" => break found,
                Some(_) => {}
            }
        };
        let mdat = loop {
            match self.next_box()? {
                None => return Ok(None),
                Some(found) if &found.kind == b"mdat" => break found,
                Some(_) => {}
            }
        };
        let Some(body) = self.body(&moof, MOOF_BYTES_MAX)? else {
            return Ok(None);
        };
        let expected = |id: u32| {
            let known = [tracks.video, tracks.audio].into_iter().flatten();
            let mut matching = known.filter(|(track, _)| *track == id);
            matching.next().map(|(_, defaults)| Expected { defaults, decode_time: 0 })
        };
        let Ok(parts) = read_moof(&body, moof.start, expected) else {
            return Ok(None);
        };
        let of = |track: Option<(u32, Defaults)>| collect(&parts, track.map(|(id, _)| id));
        let (video, audio) = (of(tracks.video), of(tracks.audio));
        let is_inside = |sample: &Sample| {
            let end = sample.offset.checked_add(sample.bytes.into());
            sample.offset >= mdat.body && end.is_some_and(|end| end <= mdat.end)
        };
        if !video.iter().chain(&audio).all(is_inside) {
            return Ok(None);
        }
        let (start, bytes) = (moof.start, mdat.end - moof.start);
        Ok(Some(FoundFragment { start, bytes, video, audio }))
    }

    /// The body of a box; `None` if it is larger than `max` or there is less than was said.
    fn body(&mut self, found: &Found, max: u64) -> Result<Option<Vec<u8>>, Mp4Error> {
        let bytes = found.end - found.body.min(found.end);
        if bytes > max {
            return Ok(None);
        }
        let mut body = vec![0; usize::try_from(bytes).unwrap_or(0)];
        let count = self.read(found.body, &mut body)?;
        Ok((count == body.len()).then_some(body))
    }

    /// Reads as much as there is, at most up to the told length.
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Mp4Error> {
        let left = self.length.saturating_sub(offset);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let mut count = 0;
        while count < wanted {
            match self.source.read_at(offset + count as u64, &mut buffer[count..wanted]) {
                Ok(0) => break,
                Ok(more) => count += more.min(wanted - count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(count)
    }
}

fn collect(parts: &[TrackFragment], track: Option<u32>) -> Vec<Sample> {
    let of_track = parts.iter().filter(|part| Some(part.track) == track);
    of_track.flat_map(|part| part.samples.iter().copied()).collect()
}
