//! Frames of one camera that were not decoded yet.

use std::collections::VecDeque;

use hearth_media::Frame;

/// More frames than a group of pictures of 20 s at 30 frames a second.
const FRAMES_MAX: usize = 600;

/// A group of pictures of a 4K camera has about 10 MB.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// A bounded queue of frames in decoding order.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Ring {
    /// Adds a frame; gives it back if there is no room.
    pub(crate) fn push(&mut self, frame: Frame) -> Result<(), Frame> {
        if self.frames.len() >= FRAMES_MAX || self.bytes + frame.data.len() > BYTES_MAX {
            return Err(frame);
        }
        self.bytes += frame.data.len();
        self.frames.push_back(frame);
        Ok(())
    }

    /// Takes the oldest.
    pub(crate) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.data.len();
        Some(frame)
    }

    /// The oldest.
    pub(crate) fn first(&self) -> Option<&Frame> {
        self.frames.front()
    }

    /// The newest.
    pub(crate) fn last(&self) -> Option<&Frame> {
        self.frames.back()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.frames.len() as u64
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Drops all; how many those were.
    pub(crate) fn clear(&mut self) -> u64 {
        let count = self.frames.len() as u64;
        self.frames.clear();
        self.bytes = 0;
        count
    }

    /// Drops everything before the newest key frame if there is one behind the first frame; how
    /// many those were.
    pub(crate) fn skip_to_last_key(&mut self) -> u64 {
        let key = self.frames.iter().rposition(|frame| frame.is_key).unwrap_or(0);
        for _ in 0..key {
            self.pop();
        }
        key as u64
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hearth_media::{MediaTime, TrackKind};

    use super::*;

    fn frame(is_key: bool, bytes: usize) -> Frame {
        Frame {
            track: TrackKind::Video,
            pts: MediaTime::default(),
            duration_samples: None,
            is_key,
            after_loss: false,
            data: Bytes::from(vec![0; bytes]),
        }
    }

    #[test]
    fn a_full_ring_gives_frames_back_until_there_is_room() {
        let mut ring = Ring::default();
        assert!(ring.push(frame(true, BYTES_MAX)).is_ok());
        assert!(ring.push(frame(false, 1)).is_err());
        assert!(ring.pop().is_some());
        assert!(ring.push(frame(false, 1)).is_ok());
    }

    #[test]
    fn skipping_keeps_the_newest_key_frame_and_what_follows_it() {
        let mut ring = Ring::default();
        for is_key in [true, false, true, false, false] {
            ring.push(frame(is_key, 10)).expect("room");
        }
        assert_eq!(ring.skip_to_last_key(), 2);
        assert_eq!(ring.skip_to_last_key(), 0);
        assert!(ring.first().is_some_and(|first| first.is_key));
        assert_eq!(ring.clear(), 3);
    }
}
