//! Which recorded time is where in a clip.
//!
//! The pictures lead: their decoding times, which are the presentation times in order, divide the
//! recorded time into slots. Where a slot would last over a hole, a span ends, and the next one
//! follows it directly in the clip. Without pictures the sound leads.
//!
//! All times here are ticks of 1/90,000 s.

use std::sync::Arc;

use hearth_media::MediaTime;

use super::{ClipSpan, micros};
use crate::{Mp4Error, SegmentIndex, VIDEO_TIMESCALE, sample::HOLE_US};

const HOLE: i64 = HOLE_US * VIDEO_TIMESCALE as i64 / 1_000_000;
/// A slot may be this many times longer than the one before it; see [`HOLE`] for slow streams.
const PAUSE_SLOTS_MAX: i64 = 4;
/// Pictures decoded at or after a time may be shown before it; no codec reorders by more.
const REORDER_MAX: usize = 32;

/// One leading frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) source: usize,
    /// Its place among the source's samples.
    pub(super) index: usize,
    /// Recorded time at which the slot begins; each begins later than the one before.
    pub(super) start: i64,
    /// Recorded presentation time of the frame.
    pub(super) pts: i64,
    duration: i64,
    is_key: bool,
}

/// Recorded time without a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
    /// What to add to a recorded time to get a time of the clip's media.
    pub(super) shift: i64,
}

impl Span {
    /// Where it begins in the clip's media.
    pub(super) fn clip_start(&self) -> i64 {
        self.start + self.shift
    }

    /// Where it ends in the clip's media.
    pub(super) fn clip_end(&self) -> i64 {
        self.end + self.shift
    }
}

/// The plan of a clip's time. Its media begins at 0 with the first slot.
#[derive(Debug)]
pub(super) struct Timeline {
    /// Whether the slots are pictures.
    pub(super) is_video: bool,
    /// The leading frames that are needed.
    pub(super) slots: Vec<Slot>,
    /// Spans from the first slot on, without gaps in the clip's media.
    pub(super) spans: Vec<Span>,
    /// Where the presentation begins in the clip's media.
    pub(super) from: i64,
    /// Where it ends.
    pub(super) to: i64,
    /// Where the media ends.
    end: i64,
    /// The recorded time that was asked for, exactly.
    wanted: MediaTime,
}

impl Timeline {
    pub(super) fn plan(
        indexes: &[Arc<SegmentIndex>],
        from: MediaTime,
        to: MediaTime,
    ) -> Result<Self, Mp4Error> {
        let (from_ticks, to_ticks) = (from.to_scale(VIDEO_TIMESCALE), to.to_scale(VIDEO_TIMESCALE));
        let is_video = indexes.iter().any(|index| !index.video.is_empty());
        let slots = slots(indexes, is_video);
        let spans = spans(&slots);
        let first = spans.iter().find(|span| span.end > from_ticks && span.start < to_ticks);
        let begin = first.ok_or(Mp4Error::NoFootage)?.start.max(from_ticks);
        let start = start_slot(&slots, begin).ok_or(Mp4Error::NoFootage)?;
        let begin = begin.max(slots[start].pts);
        let end = end_slot(&slots, to_ticks).filter(|&end| end > start);
        let end = end.ok_or(Mp4Error::NoFootage)?;
        let spans = place(&spans, slots[start].start, slots[end - 1].start);
        let at = |time: i64| clip_time(&spans, time).ok_or(Mp4Error::NoFootage);
        let (from_clip, to_clip) = (at(begin)?, at(to_ticks)?);
        if to_clip <= from_clip {
            return Err(Mp4Error::NoFootage);
        }
        let next = slots.get(end).map_or(i64::MAX, |next| next.start);
        let media_end = clip_time(&spans, next).unwrap_or(to_clip);
        let slots = slots[start..end].to_vec();
        Ok(Self {
            is_video,
            slots,
            spans,
            from: from_clip,
            to: to_clip,
            end: media_end,
            wanted: from,
        })
    }

    /// Length of the presentation.
    pub(super) fn duration(&self) -> i64 {
        self.to - self.from
    }

    /// Where the last slot ends in the clip's media: where the footage goes on, or has its hole.
    pub(super) fn media_end(&self) -> i64 {
        self.end
    }

    /// The spans as they are shown.
    pub(super) fn clip_spans(&self) -> Vec<ClipSpan> {
        let shown = self.spans.iter().filter_map(|span| {
            let (start, end) = (span.clip_start().max(self.from), span.clip_end().min(self.to));
            if end <= start {
                return None;
            }
            let recorded = start - span.shift;
            let is_wanted = recorded == self.wanted.to_scale(VIDEO_TIMESCALE);
            let recorded = MediaTime::from_scale(recorded, VIDEO_TIMESCALE);
            Some(ClipSpan {
                media_offset_us: micros(start - self.from),
                start: if is_wanted { self.wanted } else { recorded },
                duration_us: micros(end - start),
            })
        });
        shown.collect()
    }
}

/// All leading frames in order of time.
fn slots(indexes: &[Arc<SegmentIndex>], is_video: bool) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    for (source, index) in indexes.iter().enumerate() {
        let (samples, timescale) = if is_video {
            (&index.video, VIDEO_TIMESCALE)
        } else {
            (&index.audio, index.audio_timescale())
        };
        let end = slots.last().map_or(i64::MIN, |last| last.start.saturating_add(last.duration));
        let mut is_overlapping = samples.first().is_some_and(|first| {
            let start = rescale(first.dts, timescale, VIDEO_TIMESCALE);
            start.saturating_add(HOLE) < end
        });
        for (at, sample) in samples.iter().enumerate() {
            let start = rescale(sample.dts, timescale, VIDEO_TIMESCALE);
            if is_overlapping && !(sample.is_key && start >= end) {
                continue;
            }
            is_overlapping = false;
            let earliest = slots.last().map_or(i64::MIN, |last| last.start.saturating_add(1));
            slots.push(Slot {
                source,
                index: at,
                start: start.max(earliest),
                pts: rescale(sample.pts(), timescale, VIDEO_TIMESCALE),
                duration: rescale(sample.duration.into(), timescale, VIDEO_TIMESCALE),
                is_key: sample.is_key,
            });
        }
    }
    slots
}

/// Cuts the slots where one would last over a hole. Shifts are not set yet.
fn spans(slots: &[Slot]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let Some(first) = slots.first() else {
        return spans;
    };
    let mut start = first.start;
    let mut usual = first.duration.clamp(1, HOLE);
    for (slot, next) in slots.iter().zip(slots.iter().skip(1)) {
        let length = next.start - slot.start;
        // How long the frame was meant to be shown, unless a stream that stopped stretched it.
        let shown = slot.duration.clamp(1, HOLE.max(usual.saturating_mul(PAUSE_SLOTS_MAX)));
        if length - shown > HOLE {
            spans.push(Span { start, end: slot.start + shown.min(usual), shift: 0 });
            start = next.start;
        } else {
            usual = length;
        }
    }
    if let Some(last) = slots.last() {
        let shown = last.duration.clamp(1, HOLE.max(usual.saturating_mul(PAUSE_SLOTS_MAX)));
        spans.push(Span { start, end: last.start + shown, shift: 0 });
    }
    spans
}

/// The key frame at which decoding must begin to show `begin`; without one, the next.
fn start_slot(slots: &[Slot], begin: i64) -> Option<usize> {
    let after = slots.partition_point(|slot| slot.start <= begin);
    let is_start = |at: &usize| slots[*at].is_key;
    (0..after)
        .rev()
        .find(|at| is_start(at) && slots[*at].pts <= begin)
        .or_else(|| (after.saturating_sub(1)..slots.len()).find(is_start))
}

/// The end of the frames that are shown before `to`.
fn end_slot(slots: &[Slot], to: i64) -> Option<usize> {
    let certain = slots.partition_point(|slot| slot.start < to);
    let reordered = (certain..slots.len()).take(REORDER_MAX).rev();
    let last = reordered.chain((0..certain).rev()).find(|&at| slots[at].pts < to)?;
    Some(last + 1)
}

/// The spans from `first` on and until that of `last`, one after another from 0.
fn place(spans: &[Span], first: i64, last: i64) -> Vec<Span> {
    let mut placed = Vec::new();
    let mut next = 0;
    for span in spans.iter().filter(|span| span.end > first && span.start <= last) {
        let start = span.start.max(first);
        placed.push(Span { start, end: span.end, shift: next - start });
        next += span.end - start;
    }
    placed
}

/// Within a hole, the place where it was; beyond the ends, the ends.
fn clip_time(spans: &[Span], recorded: i64) -> Option<i64> {
    let at = spans.partition_point(|span| span.end <= recorded);
    match spans.get(at) {
        Some(span) => Some(recorded.max(span.start) + span.shift),
        None => spans.last().map(Span::clip_end),
    }
}

/// `value` of `1/from` s in units of `1/to` s, rounded to the nearest. Times millions of years away,
/// which only a damaged index has, are brought nearer so that sums of a few cannot overflow.
pub(super) fn rescale(value: i64, from: u32, to: u32) -> i64 {
    const FAR: i64 = 1 << 60;
    if from == to {
        return value.clamp(-FAR, FAR);
    }
    let (from, to) = (i128::from(from.max(1)), i128::from(to));
    let scaled = (i128::from(value) * to + from / 2).div_euclid(from);
    i64::try_from(scaled).unwrap_or(if scaled < 0 { -FAR } else { FAR }).clamp(-FAR, FAR)
}
