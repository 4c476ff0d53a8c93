//! The samples of a clip, with their times in it.

use std::sync::Arc;

use hearth_media::{AudioParameters, VideoParameters};

use super::timeline::{Timeline, rescale};
use crate::{Mp4Error, Sample, SegmentIndex, VIDEO_TIMESCALE};

/// Decoders of AAC and Opus need some sound before that which is to be heard; Opus asks for 80 ms
/// (RFC 7845, 4.6), AAC for one frame.
const PRE_ROLL: i64 = VIDEO_TIMESCALE as i64 * 80 / 1_000;
/// Parameter changes beyond this many in one clip are refused: each takes its own sample entry.
const ENTRIES_MAX: usize = 256;

/// A stored sample's place in a track of the clip.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) source: usize,
    /// Which of the track's sample entries it needs, from 0.
    pub(super) entry: usize,
    pub(super) offset: u64,
    pub(super) bytes: u32,
    /// Decoding time in the track's ticks; 0 for the first.
    pub(super) dts: i64,
    pub(super) cts: i32,
    pub(super) is_key: bool,
}

/// One track of a clip.
#[derive(Debug)]
pub(super) struct TrackSelection<P> {
    pub(super) entries: Vec<P>,
    pub(super) timescale: u32,
    /// Where its media begins in the clip's media, in ticks of 1/90,000 s.
    pub(super) start: i64,
    pub(super) samples: Vec<Placed>,
    /// Where its media ends, in its own ticks.
    pub(super) end: i64,
    /// Where the presentation begins in its media, in its own ticks; negative if it begins later.
    pub(super) from: i64,
}

/// The tracks of a clip.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) video: Option<TrackSelection<VideoParameters>>,
    pub(super) audio: Option<TrackSelection<AudioParameters>>,
}

impl Selection {
    pub(super) fn new(
        indexes: &[Arc<SegmentIndex>],
        timeline: &Timeline,
    ) -> Result<Self, Mp4Error> {
        let video = if timeline.is_video { Some(pictures(indexes, timeline)?) } else { None };
        let audio = sound(indexes, timeline)?;
        if video.is_none() && audio.is_none() {
            return Err(Mp4Error::NoFootage);
        }
        Ok(Self { video, audio })
    }

    /// All codecs, each once.
    pub(super) fn codecs(&self) -> String {
        let video = self.video.iter().flat_map(|track| &track.entries);
        let audio = self.audio.iter().flat_map(|track| &track.entries);
        let all = video.map(|entry| &entry.rfc6381).chain(audio.map(|entry| &entry.rfc6381));
        let mut names: Vec<&str> = Vec::new();
        for name in all {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names.join(",")
    }
}

fn pictures(
    indexes: &[Arc<SegmentIndex>],
    timeline: &Timeline,
) -> Result<TrackSelection<VideoParameters>, Mp4Error> {
    let mut entries = Entries::default();
    let mut samples = Vec::with_capacity(timeline.slots.len());
    let mut shifts = timeline.spans.iter().peekable();
    for slot in &timeline.slots {
        while shifts.next_if(|span| span.end <= slot.start).is_some() {}
        let shift = shifts.peek().map_or(0, |span| span.shift);
        let index = &indexes[slot.source];
        let sample = &index.video[slot.index];
        let parameters = index.parameters.video.as_ref().ok_or(Mp4Error::NoSuchTrack)?;
        samples.push(Placed {
            source: slot.source,
            entry: entries.of(slot.source, parameters)?,
            offset: sample.offset,
            bytes: sample.bytes,
            dts: slot.start + shift,
            cts: i32::try_from(slot.pts - slot.start)
                .map_err(|_| Mp4Error::Malformed("a segment index"))?,
            is_key: sample.is_key,
        });
    }
    Ok(TrackSelection {
        entries: entries.list,
        timescale: VIDEO_TIMESCALE,
        start: 0,
        samples,
        end: timeline.media_end(),
        from: timeline.from,
    })
}

/// The sound that is heard, and what decoders need before it.
fn sound(
    indexes: &[Arc<SegmentIndex>],
    timeline: &Timeline,
) -> Result<Option<TrackSelection<AudioParameters>>, Mp4Error> {
    let mut entries = Entries::default();
    let mut placed: Vec<Placed> = Vec::new();
    let mut clip_timescale = None;
    let mut end = 0;
    for (source, index) in indexes.iter().enumerate() {
        let Some(parameters) = index.parameters.audio.as_ref() else {
            continue;
        };
        let timescale = index.audio_timescale();
        for span in &timeline.spans {
            let clip_rate = clip_timescale.unwrap_or(timescale);
            let shift = rescale(span.shift, VIDEO_TIMESCALE, clip_rate);
            let heard = heard(&index.audio, timescale, span, timeline);
            for sample in heard {
                let dts = rescale(sample.dts, timescale, clip_rate).saturating_add(shift);
                // What overlaps with the source before it was heard already.
                if placed.last().is_some_and(|last| dts <= last.dts) {
                    continue;
                }
                clip_timescale = Some(clip_rate);
                let duration = rescale(sample.duration.into(), timescale, clip_rate);
                end = dts.saturating_add(duration.max(1));
                placed.push(Placed {
                    source,
                    entry: entries.of(source, parameters)?,
                    offset: sample.offset,
                    bytes: sample.bytes,
                    dts,
                    cts: 0,
                    is_key: true,
                });
            }
        }
    }
    let Some((timescale, start)) = clip_timescale.zip(placed.first().map(|first| first.dts)) else {
        return Ok(None);
    };
    placed.iter_mut().for_each(|sample| sample.dts -= start);
    Ok(Some(TrackSelection {
        entries: entries.list,
        timescale,
        start: rescale(start, timescale, VIDEO_TIMESCALE),
        samples: placed,
        end: end - start,
        from: rescale(timeline.from, VIDEO_TIMESCALE, timescale) - start,
    }))
}

/// The samples that begin in a span and are heard, or needed before.
fn heard<'a>(
    samples: &'a [Sample],
    timescale: u32,
    span: &super::timeline::Span,
    timeline: &Timeline,
) -> &'a [Sample] {
    let first = (timeline.from - PRE_ROLL - span.shift).max(span.start);
    let last = (timeline.to - span.shift).min(span.end);
    let first = rescale(first, VIDEO_TIMESCALE, timescale);
    let last = rescale(last, VIDEO_TIMESCALE, timescale);
    let begin = samples.partition_point(|sample| sample.dts < first);
    let end = samples.partition_point(|sample| sample.dts < last);
    samples.get(begin..end).unwrap_or(&[])
}

/// Sample entries, each set of parameters once.
struct Entries<P> {
    list: Vec<P>,
    /// The source asked for last and its entry: parameters hold for a whole source.
    last: Option<(usize, usize)>,
}

impl<P> Default for Entries<P> {
    fn default() -> Self {
        Self { list: Vec::new(), last: None }
    }
}

impl<P: Clone + PartialEq> Entries<P> {
    fn of(&mut self, source: usize, parameters: &P) -> Result<usize, Mp4Error> {
        if let Some((_, entry)) = self.last.filter(|(last, _)| *last == source) {
            return Ok(entry);
        }
        let entry = match self.list.iter().position(|known| known == parameters) {
            Some(entry) => entry,
            None if self.list.len() == ENTRIES_MAX => {
                return Err(Mp4Error::TooLarge("the number of parameter changes"));
            }
            None => {
                self.list.push(parameters.clone());
                self.list.len() - 1
            }
        };
        self.last = Some((source, entry));
        Ok(entry)
    }
}
