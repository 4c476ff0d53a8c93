//! A reel that was read from an MP4 file.

use std::{
    io::{Read, Seek},
    sync::Arc,
};

use hearth_media::{Frame, StreamParameters, TrackKind};
use hearth_mp4::Reader;

use super::{Reel, ReelError, Unit};

/// See [`Reel::from_file`].
#[derive(Debug)]
pub(super) struct FiledReel {
    parameters: Arc<StreamParameters>,
    units: Vec<Unit>,
    duration_us: i64,
}

/// How long the last frame is shown if nothing tells.
const LAST_FRAME_US: i64 = 40_000;

impl FiledReel {
    pub(super) fn read(source: impl Read + Seek) -> Result<Self, ReelError> {
        let mut reader = Reader::open(source)?;
        let parameters = Arc::clone(reader.parameters());
        if parameters.video.is_none() {
            return Err(ReelError::NoVideo);
        }
        let (mut frames, mut bytes) = (Vec::new(), 0);
        while let Some(frame) = reader.next_frame()? {
            bytes += frame.data.len() as u64;
            if bytes > Reel::BYTES_MAX {
                return Err(ReelError::TooLarge);
            }
            frames.push(frame);
        }
        let is_key = |frame: &&Frame| frame.track == TrackKind::Video && frame.is_key;
        let first = frames.iter().find(is_key).ok_or(ReelError::NoVideo)?.pts;
        let (units, duration_us) = in_sending_order(frames, first.as_micros());
        Ok(Self { parameters, units, duration_us })
    }

    pub(super) fn parameters(&self) -> &Arc<StreamParameters> {
        &self.parameters
    }

    pub(super) fn duration_us(&self) -> i64 {
        self.duration_us
    }

    pub(super) fn count(&self) -> usize {
        self.units.len()
    }

    pub(super) fn unit(&self, place: usize) -> Option<Unit> {
        self.units.get(place).cloned()
    }
}

/// Drops what comes before the first key frame, which is shown at `origin_us`, and decides when
/// each frame is sent.
///
/// Frames arrive in decoding order. A camera sends a frame when it has encoded it: so the n-th is
/// sent at the n-th lowest time, and with B-frames that is later than the time it carries.
fn in_sending_order(frames: Vec<Frame>, origin_us: i64) -> (Vec<Unit>, i64) {
    let is_key = |frame: &Frame| frame.track == TrackKind::Video && frame.is_key;
    let mut started = false;
    let of_use = frames.into_iter().filter(|frame| {
        started |= is_key(frame);
        match frame.track {
            // Leading pictures of an open group refer to what is not there.
            TrackKind::Video => started && frame.pts.as_micros() >= origin_us,
            TrackKind::Audio => frame.pts.as_micros() >= origin_us,
        }
    });
    let (video, audio): (Vec<Frame>, Vec<Frame>) =
        of_use.partition(|frame| frame.track == TrackKind::Video);
    let mut shown: Vec<i64> = video.iter().map(|frame| frame.pts.as_micros()).collect();
    shown.sort_unstable();
    let step = shown.windows(2).map(|pair| pair[1] - pair[0]).rfind(|step| *step > 0);
    let end = shown.last().copied().unwrap_or(origin_us) + step.unwrap_or(LAST_FRAME_US);
    let unit = |frame: Frame, send_us: i64| Unit {
        track: frame.track,
        send_us: send_us - origin_us,
        pts_us: frame.pts.as_micros() - origin_us,
        is_key: frame.is_key,
        data: frame.data,
    };
    let video = video.into_iter().zip(shown).map(|(frame, at)| unit(frame, at));
    // Sound that outlives the picture would run into the next round.
    let audio = audio.into_iter().filter(|frame| frame.pts.as_micros() < end).map(|frame| {
        let at = frame.pts.as_micros();
        unit(frame, at)
    });
    let mut units: Vec<Unit> = video.chain(audio).collect();
    units.sort_by_key(|unit| (unit.send_us, unit.track == TrackKind::Audio));
    (units, end - origin_us)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hearth_media::MediaTime;

    use super::*;

    fn frame(track: TrackKind, pts: i64, is_key: bool) -> Frame {
        Frame {
            track,
            pts: MediaTime::from_micros(pts),
            duration_samples: None,
            is_key,
            after_loss: false,
            data: Bytes::from_static(b"x"),
        }
    }

    #[test]
    fn reordered_frames_are_sent_in_decoding_order_at_even_times() {
        let frames = [(100, true), (400, false), (200, false), (300, false)]
            .map(|(pts, is_key)| frame(TrackKind::Video, pts, is_key));
        let (units, duration) = in_sending_order(frames.into(), 100);
        let times: Vec<_> = units.iter().map(|unit| (unit.send_us, unit.pts_us)).collect();
        assert_eq!(times, [(0, 0), (100, 300), (200, 100), (300, 200)]);
        assert_eq!(duration, 400);
    }

    #[test]
    fn a_reel_starts_with_its_first_key_frame() {
        let frames = vec![
            frame(TrackKind::Audio, 0, true),
            frame(TrackKind::Video, 0, false),
            frame(TrackKind::Video, 100, true),
            frame(TrackKind::Audio, 100, true),
            frame(TrackKind::Audio, 900_000, true),
        ];
        let (units, _) = in_sending_order(frames, 100);
        let tracks: Vec<_> = units.iter().map(|unit| (unit.track, unit.send_us)).collect();
        assert_eq!(tracks, [(TrackKind::Video, 0), (TrackKind::Audio, 0)]);
    }
}
