//! Fragments: one `moof` with its `mdat`, the unit in which footage is appended and sent.
//!
//! All pictures of a fragment come first in `mdat`, then all sound, so each track needs one run and
//! a clip needs one chunk a track. Presentation times of pictures are kept exactly; decoding times
//! are the presentation times in order, so composition offsets are signed (version 1 of `trun`).

mod timing;

use std::sync::Arc;

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind};

use crate::{
    Mp4Error, Sample, VIDEO_TIMESCALE, audio_timescale,
    write::{
        BoxWriter,
        track::{AUDIO_TRACK, VIDEO_TRACK},
    },
};
use timing::{AudioClock, Times, VideoClock};

/// A run's data offset is a signed number of 32 bits; half of that is far beyond any fragment.
const FRAGMENT_BYTES_MAX: u64 = 1 << 30;
/// `sample_flags` of a frame at which decoding can start: depends on no other (8.8.3.1).
const FLAGS_KEY: u32 = 0x0200_0000;
/// `sample_flags` of another frame: depends on others, is no sync sample.
const FLAGS_OTHER: u32 = 0x0101_0000;

/// One `moof` and its `mdat`, ready to be appended to a file or a source buffer.
#[derive(Clone, Debug)]
pub struct Fragment {
    /// `moof` and the header of `mdat`.
    pub head: Bytes,
    /// The data of the frames, not copied: pictures, then sound.
    pub payload: Vec<Bytes>,
    /// The pictures in decoding order; offsets count from the start of `head`.
    pub video: Vec<Sample>,
    /// The sound; offsets count from the start of `head`.
    pub audio: Vec<Sample>,
}

impl Fragment {
    /// Length of head and payload together.
    pub fn total_bytes(&self) -> u64 {
        let lengths = self.payload.iter().map(Bytes::len);
        lengths.chain([self.head.len()]).map(|length| length as u64).sum()
    }

    /// Head and payload in one piece, which copies them.
    pub fn to_bytes(&self) -> Bytes {
        std::iter::once(&self.head).chain(&self.payload).flatten().copied().collect()
    }
}

/// Whether a fragment may be cut before a frame at `next`, when the latest presentation time of the
/// frames so far is `max_pts_so_far`. Cutting elsewhere would let decoding times go back.
pub fn cut_allowed(max_pts_so_far: MediaTime, next: MediaTime) -> bool {
    next > max_pts_so_far
}

/// Makes the fragments of one stream, one after another.
///
/// Keeps what must hold across fragments: their sequence number, the audio clock, and how long a
/// picture usually lasts. A new one is needed when the stream's parameters change.
#[derive(Clone, Debug)]
pub struct FragmentBuilder {
    parameters: Arc<StreamParameters>,
    sequence: u32,
    video: VideoClock,
    audio: AudioClock,
}

impl FragmentBuilder {
    /// For a stream with these parameters; the first fragment has sequence number 1.
    pub fn new(parameters: Arc<StreamParameters>) -> Self {
        let has_reordering =
            parameters.video.as_ref().is_some_and(|video| video.reorder_frames_max > 0);
        let audio_rate = parameters.audio.as_ref().map_or(1, audio_timescale);
        Self {
            parameters,
            sequence: 0,
            video: VideoClock::new(has_reordering),
            audio: AudioClock::new(audio_rate),
        }
    }

    /// The next fragment, of at least one frame in decoding order.
    ///
    /// `next_video_pts` is the time of the picture after the last in `frames`, if it is known: it
    /// tells how long the last one lasts. Without it, or where frames are reordered, that is
    /// predicted from the others. A single frame makes a fragment without latency.
    ///
    /// # Errors
    /// [`Mp4Error::Empty`] without frames, [`Mp4Error::NoSuchTrack`] for a frame of a track that the
    /// parameters lack, [`Mp4Error::TooLarge`] beyond 1 GiB or if times are hours apart,
    /// [`Mp4Error::Malformed`] for times before 1970.
    pub fn fragment(
        &mut self,
        frames: &[Frame],
        next_video_pts: Option<MediaTime>,
    ) -> Result<Fragment, Mp4Error> {
        let of = |kind: TrackKind| -> Vec<&Frame> {
            frames.iter().filter(|frame| frame.track == kind).collect()
        };
        let (pictures, sounds) = (of(TrackKind::Video), of(TrackKind::Audio));
        self.check(&pictures, &sounds)?;
        let pts: Vec<i64> =
            pictures.iter().map(|frame| frame.pts.to_scale(VIDEO_TIMESCALE)).collect();
        let next = next_video_pts.map(|next| next.to_scale(VIDEO_TIMESCALE));
        let video_times = self.video.times(&pts, next)?;
        let audio_times = self.audio.times(&sounds)?;
        self.sequence = self.sequence.wrapping_add(1);
        assemble(self.sequence, &pictures, &video_times, &sounds, &audio_times)
    }

    fn check(&self, pictures: &[&Frame], sounds: &[&Frame]) -> Result<(), Mp4Error> {
        if pictures.is_empty() && sounds.is_empty() {
            return Err(Mp4Error::Empty);
        }
        let lacks_video = self.parameters.video.is_none() && !pictures.is_empty();
        let lacks_audio = self.parameters.audio.is_none() && !sounds.is_empty();
        if lacks_video || lacks_audio {
            return Err(Mp4Error::NoSuchTrack);
        }
        let bytes: u64 = pictures.iter().chain(sounds).map(|frame| frame.data.len() as u64).sum();
        if bytes > FRAGMENT_BYTES_MAX {
            return Err(Mp4Error::TooLarge("a fragment"));
        }
        Ok(())
    }
}

/// One fragment by itself; see [`FragmentBuilder::fragment`], which keeps sound smooth over several.
///
/// # Errors
/// As there.
pub fn fragment(
    sequence: u32,
    parameters: &StreamParameters,
    frames: &[Frame],
    next_video_pts: Option<MediaTime>,
) -> Result<Fragment, Mp4Error> {
    let mut builder = FragmentBuilder::new(Arc::new(parameters.clone()));
    builder.sequence = sequence.wrapping_sub(1);
    builder.fragment(frames, next_video_pts)
}

/// A fragment of one frame that is expected to last `duration_us`, sent before the next one comes.
///
/// Only for streams without reordering: each such fragment's decoding time is its presentation
/// time. Streams with reordering go to viewers in fragments cut where [`cut_allowed`] says.
///
/// # Errors
/// As [`FragmentBuilder::fragment`].
pub fn live_fragment(
    sequence: u32,
    parameters: &StreamParameters,
    frame: &Frame,
    duration_us: u32,
) -> Result<Fragment, Mp4Error> {
    let mut builder = FragmentBuilder::new(Arc::new(parameters.clone()));
    builder.sequence = sequence.wrapping_sub(1);
    builder.video.expect_duration(duration_us);
    builder.fragment(std::slice::from_ref(frame), None)
}

fn assemble(
    sequence: u32,
    pictures: &[&Frame],
    video_times: &[Times],
    sounds: &[&Frame],
    audio_times: &[Times],
) -> Result<Fragment, Mp4Error> {
    let mut video = samples(pictures, video_times)?;
    let mut audio = samples(sounds, audio_times)?;
    let mut w = BoxWriter::with_capacity(200 + 16 * video.len() + 8 * audio.len());
    let mut data_offsets = Vec::with_capacity(2);
    w.boxed(b"moof", |w| {
        w.full(b"mfhd", 0, 0, |w| w.u32(sequence));
        if !video.is_empty() {
            data_offsets.push((write_track_fragment(w, VIDEO_TRACK, &video), bytes_of(&video)));
        }
        if !audio.is_empty() {
            data_offsets.push((write_track_fragment(w, AUDIO_TRACK, &audio), bytes_of(&audio)));
        }
    });
    let data_bytes = bytes_of(&video) + bytes_of(&audio);
    w.u32(narrow(data_bytes + 8)?);
    w.put(b"mdat");
    let head_bytes = w.position() as u64;
    let mut next = head_bytes;
    for (position, bytes) in data_offsets {
        w.patch_u32(position, narrow(next)?);
        next += bytes;
    }
    place(&mut video, head_bytes);
    place(&mut audio, head_bytes + bytes_of(&video));
    let payload = pictures.iter().chain(sounds).map(|frame| frame.data.clone()).collect();
    Ok(Fragment { head: w.into_bytes().into(), payload, video, audio })
}

fn narrow(value: u64) -> Result<u32, Mp4Error> {
    u32::try_from(value).map_err(|_| Mp4Error::TooLarge("a fragment"))
}

fn bytes_of(samples: &[Sample]) -> u64 {
    samples.iter().map(|sample| u64::from(sample.bytes)).sum()
}

fn samples(frames: &[&Frame], times: &[Times]) -> Result<Vec<Sample>, Mp4Error> {
    let sample = |(frame, times): (&&Frame, &Times)| {
        Ok(Sample {
            offset: 0,
            bytes: narrow(frame.data.len() as u64)?,
            dts: times.dts,
            cts: times.cts,
            duration: times.duration,
            is_key: frame.is_key,
        })
    };
    frames.iter().zip(times).map(sample).collect()
}

/// Gives each sample its offset, one after another from `start`.
fn place(samples: &mut [Sample], start: u64) {
    let mut next = start;
    for sample in samples {
        sample.offset = next;
        next += u64::from(sample.bytes);
    }
}

/// Writes a `traf` and returns where its data offset is to be patched in.
fn write_track_fragment(w: &mut BoxWriter, id: u32, samples: &[Sample]) -> usize {
    let duration = uniform(samples.iter().map(|sample| sample.duration));
    // The first sample's flags are told apart: a fragment begins with a key frame more often than
    // not, and has no other.
    let flags = |sample: &Sample| if sample.is_key { FLAGS_KEY } else { FLAGS_OTHER };
    let later = uniform(samples.iter().skip(1).map(flags));
    let has_offsets = samples.iter().any(|sample| sample.cts != 0);
    let default_flags = later.unwrap_or_else(|| samples.first().map_or(FLAGS_KEY, flags));
    let has_flags = later.is_none() && samples.len() > 1;
    let mut position = 0;
    w.boxed(b"traf", |w| {
        let default_duration = if duration.is_some() { 0x08 } else { 0 };
        w.full(b"tfhd", 0, 0x02_0020 | default_duration, |w| {
            w.u32(id);
            if let Some(duration) = duration {
                w.u32(duration);
            }
            w.u32(default_flags);
        });
        let start = samples.first().map_or(0, |sample| sample.dts);
        w.full(b"tfdt", 1, 0, |w| w.u64(u64::try_from(start).unwrap_or(0)));
        let run_flags = 0x01
            | if has_flags { 0x400 } else { 0x04 }
            | if duration.is_none() { 0x100 } else { 0 }
            | 0x200
            | if has_offsets { 0x800 } else { 0 };
        w.full(b"trun", 1, run_flags, |w| {
            w.count(samples.len());
            position = w.position();
            w.u32(0);
            if !has_flags {
                w.u32(samples.first().map_or(FLAGS_KEY, flags));
            }
            for sample in samples {
                if duration.is_none() {
                    w.u32(sample.duration);
                }
                w.u32(sample.bytes);
                if has_flags {
                    w.u32(flags(sample));
                }
                if has_offsets {
                    w.i32(sample.cts);
                }
            }
        });
    });
    position
}

/// The value that all have, if they have one.
fn uniform(mut values: impl Iterator<Item = u32>) -> Option<u32> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
