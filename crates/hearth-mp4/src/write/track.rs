//! Boxes that the movie of a fragmented file and of a clip have in common.

use hearth_media::{AudioParameters, VideoParameters};

use super::{BoxWriter, sample_entry};

/// Ticks a second of the movie header and of edit lists.
pub(crate) const MOVIE_TIMESCALE: u32 = 90_000;
/// Track id of pictures.
pub(crate) const VIDEO_TRACK: u32 = 1;
/// Track id of sound.
pub(crate) const AUDIO_TRACK: u32 = 2;

/// The language code `und`, undetermined, in five bits a letter.
const LANGUAGE_UNDETERMINED: u16 = 0x55C4;
/// The identity matrix of movie and track headers.
const MATRIX: [u32; 9] = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];

/// The kind of a track and the entries of its `stsd`, of which there is at least one.
pub(crate) enum Entries<'a> {
    Video(Vec<&'a VideoParameters>),
    Audio(Vec<&'a AudioParameters>),
}

/// What the headers of a track say. Durations are 0 in a fragmented file.
pub(crate) struct Track<'a> {
    pub(crate) entries: Entries<'a>,
    /// Ticks a second of the track's own times.
    pub(crate) timescale: u32,
    /// Of the presentation, in [`MOVIE_TIMESCALE`].
    pub(crate) movie_duration: u64,
    /// Of the media, in `timescale`.
    pub(crate) media_duration: u64,
}

impl Track<'_> {
    pub(crate) fn id(&self) -> u32 {
        match self.entries {
            Entries::Video(_) => VIDEO_TRACK,
            Entries::Audio(_) => AUDIO_TRACK,
        }
    }
}

/// Movie header (8.2.2); times are not written, for privacy and so that equal input gives equal
/// output.
pub(crate) fn write_movie_header(w: &mut BoxWriter, duration: u64) {
    w.full(b"mvhd", 1, 0, |w| {
        w.u64(0); // creation_time
        w.u64(0); // modification_time
        w.u32(MOVIE_TIMESCALE);
        w.u64(duration);
        w.u32(0x0001_0000); // rate 1.0
        w.u16(0x0100); // volume 1.0
        w.zeros(10);
        MATRIX.iter().for_each(|&value| w.u32(value));
        w.zeros(24);
        w.u32(AUDIO_TRACK + 1); // next_track_ID
    });
}

/// A track with the edit list and the sample tables that `edits` and `tables` write.
pub(crate) fn write_track(
    w: &mut BoxWriter,
    track: &Track<'_>,
    edits: impl FnOnce(&mut BoxWriter),
    tables: impl FnOnce(&mut BoxWriter),
) {
    w.boxed(b"trak", |w| {
        write_track_header(w, track);
        edits(w);
        w.boxed(b"mdia", |w| {
            write_media_header(w, track);
            write_handler(w, track);
            w.boxed(b"minf", |w| {
                match track.entries {
                    Entries::Video(_) => w.full(b"vmhd", 0, 1, |w| w.zeros(8)),
                    Entries::Audio(_) => w.full(b"smhd", 0, 0, |w| w.zeros(4)),
                }
                w.boxed(b"dinf", |w| {
                    w.full(b"dref", 0, 0, |w| {
                        w.u32(1);
                        w.full(b"url ", 0, 1, |_| {}); // flag: in this file
                    });
                });
                w.boxed(b"stbl", |w| {
                    write_sample_entries(w, &track.entries);
                    tables(w);
                });
            });
        });
    });
}

fn write_track_header(w: &mut BoxWriter, track: &Track<'_>) {
    let (width, height) = match &track.entries {
        Entries::Video(all) => all.first().map_or((0, 0), |first| (first.width, first.height)),
        Entries::Audio(_) => (0, 0),
    };
    w.full(b"tkhd", 1, 3, |w| {
        // Flags: enabled, in the movie.
        w.u64(0);
        w.u64(0);
        w.u32(track.id());
        w.u32(0);
        w.u64(track.movie_duration);
        w.zeros(8);
        w.u16(0); // layer
        w.u16(0); // alternate_group
        w.u16(if matches!(track.entries, Entries::Audio(_)) { 0x0100 } else { 0 });
        w.u16(0);
        MATRIX.iter().for_each(|&value| w.u32(value));
        w.u32(u32::from(width) << 16);
        w.u32(u32::from(height) << 16);
    });
}

fn write_media_header(w: &mut BoxWriter, track: &Track<'_>) {
    w.full(b"mdhd", 1, 0, |w| {
        w.u64(0);
        w.u64(0);
        w.u32(track.timescale);
        w.u64(track.media_duration);
        w.u16(LANGUAGE_UNDETERMINED);
        w.u16(0);
    });
}

fn write_handler(w: &mut BoxWriter, track: &Track<'_>) {
    let (kind, name) = match track.entries {
        Entries::Video(_) => (b"vide", b"Video\0"),
        Entries::Audio(_) => (b"soun", b"Audio\0"),
    };
    w.full(b"hdlr", 0, 0, |w| {
        w.u32(0);
        w.put(kind);
        w.zeros(12);
        w.put(name);
    });
}

fn write_sample_entries(w: &mut BoxWriter, entries: &Entries<'_>) {
    w.full(b"stsd", 0, 0, |w| match entries {
        Entries::Video(all) => {
            w.count(all.len());
            all.iter().for_each(|parameters| sample_entry::write_video(w, parameters));
        }
        Entries::Audio(all) => {
            w.count(all.len());
            all.iter().for_each(|parameters| sample_entry::write_audio(w, parameters));
        }
    });
}
