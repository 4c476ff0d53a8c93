//! The movie: tracks, their parameters and where their tables are.

use hearth_media::StreamParameters;

use super::{
    Fields, atoms,
    description::{Description, read_descriptions},
    find, require,
};
use crate::Mp4Error;

/// Tracks beyond this many are refused: a file has pictures, sound, and some notes.
const TRACKS_MAX: usize = 64;
/// Entries of an edit list beyond this many are refused.
const EDITS_MAX: usize = 1_024;

/// What a `moov` box says.
pub(crate) struct Movie<'a> {
    /// Ticks a second of edit lists.
    pub(crate) timescale: u32,
    /// Tracks of pictures or sound, in order.
    pub(crate) tracks: Vec<Track<'a>>,
    /// Whether fragments follow.
    pub(crate) is_fragmented: bool,
}

/// What a `trak` box says.
pub(crate) struct Track<'a> {
    pub(crate) id: u32,
    pub(crate) timescale: u32,
    pub(crate) descriptions: Vec<Option<Description>>,
    pub(crate) edits: Vec<Edit>,
    /// The body of `stbl`.
    pub(crate) tables: &'a [u8],
    pub(crate) defaults: Defaults,
}

/// One entry of an edit list (8.6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Length, in ticks of the movie.
    pub(crate) duration: u64,
    /// Where in the media, in its ticks; -1 means nothing is shown.
    pub(crate) media_time: i64,
}

/// What a track's fragments mean where they say nothing (8.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Defaults {
    pub(crate) description: u32,
    pub(crate) duration: u32,
    pub(crate) bytes: u32,
    pub(crate) flags: u32,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { description: 1, duration: 0, bytes: 0, flags: 0 }
    }
}

impl<'a> Movie<'a> {
    /// Reads the body of a `moov` box.
    pub(crate) fn read(moov: &'a [u8]) -> Result<Self, Mp4Error> {
        let mut header = Fields::new(require(moov, b"mvhd", "mvhd")?, "mvhd");
        let (version, _) = header.version()?;
        header.sized(version)?;
        header.sized(version)?;
        let timescale = header.u32()?;
        let mut tracks = Vec::new();
        for atom in atoms(moov) {
            let atom = atom?;
            if &atom.kind != b"trak" {
                continue;
            }
            if tracks.len() == TRACKS_MAX {
                return Err(Mp4Error::TooLarge("the number of tracks"));
            }
            tracks.extend(Track::read(atom.body)?);
        }
        let extends = find(moov, b"mvex")?;
        if let Some(extends) = extends {
            read_defaults(extends, &mut tracks)?;
        }
        Ok(Self { timescale: timescale.max(1), tracks, is_fragmented: extends.is_some() })
    }

    /// The first track of pictures that can be handled.
    pub(crate) fn video(&self) -> Option<&Track<'a>> {
        let is_video = |description: &Description| matches!(description, Description::Video(..));
        self.tracks.iter().find(|track| track.descriptions.iter().flatten().any(is_video))
    }

    /// The first track of sound that can be handled.
    pub(crate) fn audio(&self) -> Option<&Track<'a>> {
        let is_audio = |description: &Description| matches!(description, Description::Audio(_));
        self.tracks.iter().find(|track| track.descriptions.iter().flatten().any(is_audio))
    }

    /// Parameters by the first description of each track.
    pub(crate) fn parameters(&self) -> StreamParameters {
        let first = |track: Option<&Track<'a>>| {
            track.and_then(|track| track.descriptions.iter().flatten().next().cloned())
        };
        let mut parameters = StreamParameters::default();
        if let Some(Description::Video(video, _)) = first(self.video()) {
            parameters.video = Some(video);
        }
        if let Some(Description::Audio(audio)) = first(self.audio()) {
            parameters.audio = Some(audio);
        }
        parameters
    }
}

impl<'a> Track<'a> {
    /// `None` for a track of neither pictures nor sound.
    fn read(trak: &'a [u8]) -> Result<Option<Self>, Mp4Error> {
        let media = require(trak, b"mdia", "mdia")?;
        let mut handler = Fields::new(require(media, b"hdlr", "hdlr")?, "hdlr");
        handler.take(8)?;
        if !matches!(handler.take(4)?, b"vide" | b"soun") {
            return Ok(None);
        }
        let mut header = Fields::new(require(trak, b"tkhd", "tkhd")?, "tkhd");
        let (version, _) = header.version()?;
        header.sized(version)?;
        header.sized(version)?;
        let id = header.u32()?;
        let mut header = Fields::new(require(media, b"mdhd", "mdhd")?, "mdhd");
        let (version, _) = header.version()?;
        header.sized(version)?;
        header.sized(version)?;
        let timescale = header.u32()?;
        if timescale == 0 {
            return Err(Mp4Error::Malformed("mdhd"));
        }
        let tables = require(require(media, b"minf", "minf")?, b"stbl", "stbl")?;
        let descriptions = read_descriptions(require(tables, b"stsd", "stsd")?)?;
        let edits = match find(trak, b"edts")? {
            Some(edts) => find(edts, b"elst")?.map_or(Ok(Vec::new()), read_edits)?,
            None => Vec::new(),
        };
        let defaults = Defaults::default();
        Ok(Some(Self { id, timescale, descriptions, edits, tables, defaults }))
    }
}

fn read_edits(elst: &[u8]) -> Result<Vec<Edit>, Mp4Error> {
    let mut fields = Fields::new(elst, "elst");
    let (version, _) = fields.version()?;
    let count = fields.count(if version == 0 { 12 } else { 20 })?;
    if count > EDITS_MAX {
        return Err(Mp4Error::TooLarge("elst"));
    }
    let mut edits = Vec::with_capacity(count);
    for _ in 0..count {
        let duration = fields.sized(version)?;
        let media_time = if version == 0 {
            i64::from(fields.i32()?)
        } else {
            i64::from_be_bytes(fields.u64()?.to_be_bytes())
        };
        fields.u32()?; // media_rate
        edits.push(Edit { duration, media_time });
    }
    Ok(edits)
}

fn read_defaults(extends: &[u8], tracks: &mut [Track<'_>]) -> Result<(), Mp4Error> {
    for atom in atoms(extends) {
        let atom = atom?;
        if &atom.kind != b"trex" {
            continue;
        }
        let mut fields = Fields::new(atom.body, "trex");
        fields.version()?;
        let id = fields.u32()?;
        let defaults = Defaults {
            description: fields.u32()?,
            duration: fields.u32()?,
            bytes: fields.u32()?,
            flags: fields.u32()?,
        };
        for track in tracks.iter_mut().filter(|track| track.id == id) {
            track.defaults = defaults;
        }
    }
    Ok(())
}
