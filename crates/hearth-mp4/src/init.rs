//! The init segment: what must come before the first fragment.

use bytes::Bytes;
use hearth_media::StreamParameters;

use crate::{
    Mp4Error,
    sample::{VIDEO_TIMESCALE, audio_timescale},
    write::{
        BoxWriter,
        track::{AUDIO_TRACK, Entries, Track, VIDEO_TRACK, write_movie_header, write_track},
    },
};

/// `ftyp` and `moov` of a fragmented file with these tracks.
///
/// # Errors
/// [`Mp4Error::Empty`] if there is no track.
pub fn init_segment(parameters: &StreamParameters) -> Result<Bytes, Mp4Error> {
    let video = parameters.video.as_ref().map(|video| (video, VIDEO_TIMESCALE));
    let audio = parameters.audio.as_ref().map(|audio| (audio, audio_timescale(audio)));
    if video.is_none() && audio.is_none() {
        return Err(Mp4Error::Empty);
    }
    let mut w = BoxWriter::with_capacity(2_048);
    write_file_type(&mut w, video.is_some() != audio.is_some());
    w.boxed(b"moov", |w| {
        write_movie_header(w, 0);
        if let Some((video, timescale)) = video {
            write_empty_track(w, Entries::Video(vec![video]), timescale);
        }
        if let Some((audio, timescale)) = audio {
            write_empty_track(w, Entries::Audio(vec![audio]), timescale);
        }
        w.boxed(b"mvex", |w| {
            let tracks = [(VIDEO_TRACK, video.is_some()), (AUDIO_TRACK, audio.is_some())];
            for (id, _) in tracks.into_iter().filter(|(_, exists)| *exists) {
                w.full(b"trex", 0, 0, |w| {
                    w.u32(id);
                    w.u32(1); // default_sample_description_index
                    w.zeros(12); // no other defaults: each fragment tells its own
                });
            }
        });
    });
    Ok(w.into_bytes().into())
}

/// CMAF (ISO/IEC 23000-19) allows one track a file only, so its brands are claimed only then;
/// `cmf2` is the one that has negative composition offsets.
fn write_file_type(w: &mut BoxWriter, is_single_track: bool) {
    w.boxed(b"ftyp", |w| {
        w.put(b"iso6");
        w.u32(0);
        w.put(b"iso6mp42");
        if is_single_track {
            w.put(b"cmfccmf2");
        }
    });
}

fn write_empty_track(w: &mut BoxWriter, entries: Entries<'_>, timescale: u32) {
    let track = Track { entries, timescale, movie_duration: 0, media_duration: 0 };
    write_track(
        w,
        &track,
        |_| {},
        |w| {
            w.full(b"stts", 0, 0, |w| w.u32(0));
            w.full(b"stsc", 0, 0, |w| w.u32(0));
            w.full(b"stsz", 0, 0, |w| w.zeros(8));
            w.full(b"stco", 0, 0, |w| w.u32(0));
        },
    );
}
