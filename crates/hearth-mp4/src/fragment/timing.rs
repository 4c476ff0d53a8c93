//! Decoding times and durations of the frames of a fragment.
//!
//! Pictures keep their presentation times. Sound flows on sample by sample, as decoders count it,
//! and follows its presentation times only when the two have come apart audibly.

use hearth_media::{Frame, MediaTime};

use crate::{Mp4Error, VIDEO_TIMESCALE, sample::HOLE_US};

/// How long a picture lasts if nothing tells: 1/15 s, a common rate of cameras.
const PICTURE_TICKS_DEFAULT: u32 = VIDEO_TIMESCALE / 15;
/// The last picture may be shown this many times longer than usual until the next one comes; a
/// longer pause is a hole. Slow streams are held by [`HOLE_US`] instead.
const PAUSE_PICTURES_MAX: i64 = 4;
/// Sound and picture may come apart by this much before sound is moved. ITU-R BT.1359 puts the
/// threshold of detectability at 45 ms.
const AUDIO_SLACK_US: i64 = 40_000;
/// Samples of an audio packet if neither it nor one before tells.
const PACKET_SAMPLES_DEFAULT: u32 = 1_024;

/// When a sample is decoded and shown, in ticks of its track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) dts: i64,
    pub(super) cts: i32,
    pub(super) duration: u32,
}

/// Times pictures.
#[derive(Clone, Debug)]
pub(super) struct VideoClock {
    has_reordering: bool,
    /// How long a picture usually lasts, in ticks.
    usual: u32,
    /// Decoding time of the last picture.
    last: Option<i64>,
}

impl VideoClock {
    pub(super) fn new(has_reordering: bool) -> Self {
        Self { has_reordering, usual: PICTURE_TICKS_DEFAULT, last: None }
    }

    /// Sets how long a picture usually lasts.
    pub(super) fn expect_duration(&mut self, micros: u32) {
        let ticks = MediaTime::from_micros(i64::from(micros)).to_scale(VIDEO_TIMESCALE);
        self.usual = u32::try_from(ticks).unwrap_or(PICTURE_TICKS_DEFAULT).max(1);
    }

    /// The times of pictures with presentation times `pts` in decoding order. `next` is that of the
    /// picture after them.
    pub(super) fn times(&mut self, pts: &[i64], next: Option<i64>) -> Result<Vec<Times>, Mp4Error> {
        let dts = decoding_times(pts);
        let Some((&first, &last)) = dts.first().zip(dts.last()) else {
            return Ok(Vec::new());
        };
        if first < 0 {
            return Err(Mp4Error::Malformed("a frame's time"));
        }
        let is_reordered = self.has_reordering || !pts.is_sorted();
        self.learn(&dts);
        let rest = next.filter(|_| !is_reordered).map(|next| next.saturating_sub(last));
        let last_duration = rest.filter(|rest| (1..=self.pause_max()).contains(rest));
        let last_duration = last_duration.unwrap_or(i64::from(self.usual));
        self.last = Some(last);
        let ends = dts.iter().skip(1).copied().chain([last.saturating_add(last_duration)]);
        dts.iter().zip(ends).zip(pts).map(|((&dts, end), &pts)| times(dts, end, pts)).collect()
    }

    /// Learns the usual duration: the median of these, or the time since the last fragment's frame.
    fn learn(&mut self, dts: &[i64]) {
        let mut gaps: Vec<i64> =
            dts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        if let (true, Some(last), [first]) = (gaps.is_empty(), self.last, dts) {
            let gap = first.saturating_sub(last);
            gaps.extend((1..=self.pause_max()).contains(&gap).then_some(gap));
        }
        gaps.sort_unstable();
        if let Some(median) = gaps.get(gaps.len() / 2).and_then(|&gap| u32::try_from(gap).ok()) {
            self.usual = median.max(1);
        }
    }

    /// The longest that a picture is shown before the stream counts as interrupted.
    fn pause_max(&self) -> i64 {
        let hole = MediaTime::from_micros(HOLE_US).to_scale(VIDEO_TIMESCALE);
        hole.max(i64::from(self.usual) * PAUSE_PICTURES_MAX)
    }
}

/// The presentation times in order, each later than the one before.
fn decoding_times(pts: &[i64]) -> Vec<i64> {
    let mut dts = pts.to_vec();
    dts.sort_unstable();
    for at in 1..dts.len() {
        dts[at] = dts[at].max(dts[at - 1].saturating_add(1));
    }
    dts
}

fn times(dts: i64, end: i64, pts: i64) -> Result<Times, Mp4Error> {
    const WHAT: &str = "the time between frames";
    Ok(Times {
        dts,
        cts: i32::try_from(pts.saturating_sub(dts)).map_err(|_| Mp4Error::TooLarge(WHAT))?,
        duration: u32::try_from(end.saturating_sub(dts)).map_err(|_| Mp4Error::TooLarge(WHAT))?,
    })
}

/// Times sound.
#[derive(Clone, Debug)]
pub(super) struct AudioClock {
    rate: u32,
    /// Where the last packet began and ends.
    last: Option<(i64, i64)>,
    /// Samples of the last packet that told.
    packet_samples: u32,
}

impl AudioClock {
    pub(super) fn new(rate: u32) -> Self {
        Self { rate, last: None, packet_samples: PACKET_SAMPLES_DEFAULT }
    }

    /// The times of packets in order.
    pub(super) fn times(&mut self, packets: &[&Frame]) -> Result<Vec<Times>, Mp4Error> {
        let mut starts = Vec::with_capacity(packets.len() + 1);
        for packet in packets {
            starts.push(self.place(packet));
        }
        let Some((&first, &(_, end))) = starts.first().zip(self.last.as_ref()) else {
            return Ok(Vec::new());
        };
        if first < 0 {
            return Err(Mp4Error::Malformed("a frame's time"));
        }
        starts.push(end);
        starts.windows(2).map(|pair| times(pair[0], pair[1], pair[0])).collect()
    }

    /// Where the packet begins.
    fn place(&mut self, packet: &Frame) -> i64 {
        self.packet_samples = packet.duration_samples.unwrap_or(self.packet_samples).max(1);
        let told = packet.pts.to_scale(self.rate);
        let slack = MediaTime::from_micros(AUDIO_SLACK_US).to_scale(self.rate);
        let start = match self.last {
            None => told,
            Some((_, end)) if told.saturating_sub(end).abs() <= slack => end,
            Some((_, end)) if told > end => told,
            // Too much sound for the time: packets are shortened by at most half until it fits,
            // because time cannot go back.
            Some((start, end)) => {
                told.max(start.saturating_add((end.saturating_sub(start) / 2).max(1)))
            }
        };
        self.last = Some((start, start.saturating_add(i64::from(self.packet_samples))));
        start
    }
}
