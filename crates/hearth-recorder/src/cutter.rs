//! Decides where one fragment ends and the next begins.
//!
//! Pure: items go in, whole fragments come out; no clock, no disk.
//! Invariants: every frame offered after the first key frame is in exactly one fragment, in order;
//! a fragment never mixes parameters; its frames' presentation times lie above all earlier
//! fragments' ones, B-frames included.
//! Not here: which fragments share a file (`writer`).

use std::{mem, sync::Arc};

use hearth_media::{Frame, MediaTime, StreamItem, StreamParameters, TrackKind};

/// Longest fragment: what a killed process can lose at most, together with the write itself. Half
/// of the 2 s that are promised, so that a slow disk has the other half.
const FRAGMENT_MICROS_MAX: i64 = 1_000_000;

/// Most frames in a fragment: 1 s of the fastest camera allowed by the stream's own limits.
const FRAGMENT_FRAMES_MAX: usize = 2_000;

/// Most bytes in a fragment: 1 s at 128 Mbit/s.
const FRAGMENT_BYTES_MAX: usize = 16 << 20;

/// A run of frames that is appended in one piece.
#[derive(Clone, Debug)]
pub(crate) struct CutFragment {
    /// What its frames are encoded with.
    pub(crate) parameters: Arc<StreamParameters>,
    /// Its frames in the order they came.
    pub(crate) frames: Vec<Frame>,
    /// Presentation time of the video frame after it, where that is known.
    pub(crate) next_video_pts: Option<MediaTime>,
    /// A decoder can start here.
    pub(crate) starts_with_key: bool,
    /// Sum of the frames' bytes.
    pub(crate) bytes: usize,
}

impl CutFragment {
    /// Earliest presentation time in it.
    pub(crate) fn start(&self) -> MediaTime {
        self.frames.iter().map(|frame| frame.pts).min().unwrap_or_default()
    }
}

/// Collects frames until a fragment is whole.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    parameters: Option<Arc<StreamParameters>>,
    frames: Vec<Frame>,
    bytes: usize,
    /// Presentation time of the fragment's first frame.
    opened: MediaTime,
    /// Latest presentation time of a video frame so far.
    pts_max: MediaTime,
    /// Frames are of no use until the next key frame.
    waits_for_key: bool,
}

impl Cutter {
    /// Takes the next item and returns the fragment that it completes, if it does.
    pub(crate) fn offer(&mut self, item: StreamItem) -> Option<CutFragment> {
        match item {
            StreamItem::Parameters(parameters) => self.change_parameters(parameters),
            StreamItem::Frame(frame) => self.offer_frame(frame),
        }
    }

    /// Returns what has been collected, e.g. at the end of a session.
    pub(crate) fn flush(&mut self) -> Option<CutFragment> {
        self.cut(None)
    }

    fn change_parameters(&mut self, parameters: Arc<StreamParameters>) -> Option<CutFragment> {
        let cut = self.cut(None);
        self.waits_for_key = parameters.video.is_some();
        self.parameters = Some(parameters);
        cut
    }

    fn offer_frame(&mut self, frame: Frame) -> Option<CutFragment> {
        self.parameters.as_ref()?;
        if self.waits_for_key {
            if frame.track == TrackKind::Audio || !frame.is_key {
                return None;
            }
            self.waits_for_key = false;
        }
        let next_video_pts = (frame.track == TrackKind::Video).then_some(frame.pts);
        let cut = if self.ends_before(&frame) { self.cut(next_video_pts) } else { None };
        if self.frames.is_empty() {
            self.opened = frame.pts;
            self.pts_max = frame.pts;
        }
        if frame.track == TrackKind::Video {
            self.pts_max = self.pts_max.max(frame.pts);
        }
        self.bytes += frame.data.len();
        self.frames.push(frame);
        cut
    }

    fn ends_before(&self, frame: &Frame) -> bool {
        if self.frames.is_empty() {
            return false;
        }
        if self.frames.len() >= FRAGMENT_FRAMES_MAX || self.bytes >= FRAGMENT_BYTES_MAX {
            return true;
        }
        let is_long = frame.pts.micros_since(self.opened) >= FRAGMENT_MICROS_MAX;
        match frame.track {
            // A later frame may be shown earlier; only a new latest one leaves none behind.
            TrackKind::Video => frame.is_key || (is_long && frame.pts > self.pts_max),
            // Sound goes on while the picture stands still, or there is no picture.
            TrackKind::Audio => {
                let overdue = 2 * FRAGMENT_MICROS_MAX;
                let has_video = self.parameters.as_ref().is_some_and(|p| p.video.is_some());
                is_long && (!has_video || frame.pts.micros_since(self.opened) >= overdue)
            }
        }
    }

    fn cut(&mut self, next_video_pts: Option<MediaTime>) -> Option<CutFragment> {
        let parameters = self.parameters.clone()?;
        if self.frames.is_empty() {
            return None;
        }
        // The next fragment will be about as long as this one.
        let capacity = self.frames.len() + 2;
        let frames = mem::replace(&mut self.frames, Vec::with_capacity(capacity));
        let first_video = frames.iter().find(|frame| frame.track == TrackKind::Video);
        let starts_with_key = match first_video {
            Some(frame) => frame.is_key,
            None => parameters.video.is_none(),
        };
        let bytes = mem::take(&mut self.bytes);
        Some(CutFragment { parameters, frames, next_video_pts, starts_with_key, bytes })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hearth_media::{VideoCodec, VideoParameters};
    use proptest::prelude::*;

    use super::*;

    fn parameters(width: u16) -> StreamItem {
        StreamItem::Parameters(Arc::new(StreamParameters {
            video: Some(VideoParameters {
                codec: VideoCodec::H264,
                width,
                height: 360,
                config: Bytes::new(),
                rfc6381: "avc1.42e01e".to_owned(),
                reorder_frames_max: 2,
            }),
            audio: None,
        }))
    }

    fn video(micros: i64, is_key: bool) -> StreamItem {
        StreamItem::Frame(Frame {
            track: TrackKind::Video,
            pts: MediaTime::from_micros(micros),
            duration_samples: None,
            is_key,
            after_loss: false,
            data: Bytes::from_static(b"frame"),
        })
    }

    fn cut_all(items: impl IntoIterator<Item = StreamItem>) -> Vec<CutFragment> {
        let mut cutter = Cutter::default();
        let mut fragments: Vec<_> =
            items.into_iter().filter_map(|item| cutter.offer(item)).collect();
        fragments.extend(cutter.flush());
        fragments
    }

    #[test]
    fn a_key_frame_begins_a_fragment() {
        let items = [parameters(640), video(0, true), video(100_000, false), video(200_000, true)];
        let fragments = cut_all(items);
        assert_eq!(fragments.len(), 2);
        assert!(fragments.iter().all(|fragment| fragment.starts_with_key));
        assert_eq!(fragments[0].next_video_pts, Some(MediaTime::from_micros(200_000)));
    }

    #[test]
    fn a_long_group_of_pictures_is_cut_every_second() {
        let frames = (0..100).map(|n| video(n * 100_000, n == 0));
        let fragments = cut_all([parameters(640)].into_iter().chain(frames));
        assert_eq!(fragments.len(), 10);
        assert!(fragments[0].starts_with_key && !fragments[1].starts_with_key);
    }

    #[test]
    fn frames_before_the_first_key_frame_are_left_out() {
        let fragments = cut_all([parameters(640), video(0, false), video(1, true)]);
        assert_eq!(fragments.len(), 1);
        assert_eq!(fragments[0].frames.len(), 1);
    }

    #[test]
    fn new_parameters_end_the_fragment_and_wait_for_a_key_frame() {
        let fragments = cut_all([
            parameters(640),
            video(0, true),
            parameters(1280),
            video(100_000, false),
            video(200_000, true),
        ]);
        assert_eq!(fragments.len(), 2);
        assert_ne!(fragments[0].parameters, fragments[1].parameters);
        assert_eq!(fragments[1].frames.len(), 1);
    }

    proptest! {
        /// Whatever the order of pictures, no fragment reaches back behind an earlier one.
        #[test]
        fn fragments_never_overlap(groups in prop::collection::vec(0usize..4, 1..60)) {
            // Each group: one P frame ahead, then `n` B frames shown before it.
            let mut items = vec![parameters(640), video(0, true)];
            let mut shown = 0;
            for n in groups {
                let ahead = shown + (i64::try_from(n).expect("small") + 1) * 300_000;
                items.push(video(ahead, false));
                items.extend((1..=n).map(|b| video(shown + i64::try_from(b).expect("small") * 300_000, false)));
                shown = ahead;
            }
            let offered = items.len() - 1;
            let fragments = cut_all(items);
            prop_assert_eq!(fragments.iter().map(|f| f.frames.len()).sum::<usize>(), offered);
            for pair in fragments.windows(2) {
                let latest = pair[0].frames.iter().map(|frame| frame.pts).max().expect("not empty");
                prop_assert!(latest < pair[1].start());
            }
        }
    }
}
