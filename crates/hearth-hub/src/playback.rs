//! Recorded footage: what there is, and its bytes.

use std::{io, ops::Range};

use bytes::Bytes;
use hearth_auth::{CameraGrant, ask};
use hearth_model::{CameraId, FaultKind, TimeRange, WallTime};
use hearth_recorder::{ClipReader, RecorderError};
use hearth_store::Activity;

use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
    views::{ActivityView, Gap, KeyFrameView, Span, TimelineView},
};

/// Segments at most this far apart are one run of footage for a person: a file ends with its last
/// frame, and the next begins with the next one.
const JOIN_MICROS: i64 = 2_000_000;

/// Longest time a timeline shows at once.
const TIMELINE_MICROS_MAX: i64 = 32 * 86_400 * 1_000_000;

/// A clip and how its own timeline maps to the wall clock.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ClipView {
    /// Bytes of the MP4 file.
    pub bytes: u64,
    /// Its length.
    pub duration_seconds: f64,
    /// The `codecs` parameter (RFC 6381).
    pub codecs: String,
    /// Runs of footage in it; what was not recorded is left out.
    pub spans: Vec<SpanView>,
}

/// A run of footage in a clip.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SpanView {
    /// Where it begins in the clip.
    pub offset_seconds: f64,
    /// When that was.
    pub from: WallTime,
    /// When it ended.
    pub to: WallTime,
}

/// A clip's bytes, in any order.
#[derive(Clone)]
pub struct ClipStream {
    hub: Hub,
    camera: CameraId,
    clip: ClipReader,
}

impl ClipStream {
    /// Bytes of the whole file.
    pub fn bytes(&self) -> u64 {
        self.clip.bytes()
    }

    /// What it is.
    pub fn view(&self) -> ClipView {
        let seconds = |micros: i64| micros as f64 / 1e6;
        let spans = self.clip.spans().iter().map(|span| SpanView {
            offset_seconds: seconds(span.offset_us),
            from: span.from,
            to: span.from.plus_micros(span.duration_us),
        });
        ClipView {
            bytes: self.clip.bytes(),
            duration_seconds: seconds(self.clip.duration_us()),
            codecs: self.clip.codecs(),
            spans: spans.collect(),
        }
    }

    /// The next piece of a range, at most [`hearth_recorder::READ_PIECE_BYTES_MAX`]; empty at its
    /// end.
    ///
    /// # Errors
    /// If footage was erased meanwhile, or its file is damaged.
    pub async fn read_piece(&self, range: Range<u64>) -> io::Result<Bytes> {
        // A file that still grows is held open by the clip: erasing it alone would not end this.
        if self.hub.running(self.camera).is_err() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the camera was removed"));
        }
        self.clip.read_piece(range).await
    }
}

impl Hub {
    /// What there is of a camera over a time: footage, holes with their cause, activities.
    ///
    /// # Errors
    /// `range_too_long` beyond a month.
    pub async fn timeline(
        &self,
        grant: CameraGrant<ask::Playback>,
        range: TimeRange,
    ) -> Result<TimelineView> {
        if range.micros() > TIMELINE_MICROS_MAX {
            let message = "A timeline shows at most 32 days.";
            return Err(UseCaseError::bad_input("range_too_long", message));
        }
        let house = self.house();
        let camera = self.running(grant.camera())?.id();
        let spans = house.store.footage_spans(camera, range, JOIN_MICROS).await;
        let spans: Vec<Span> = spans
            .map_err(store_error)?
            .into_iter()
            .map(|span| Span { from: span.from(), to: span.to() })
            .collect();
        let causes = house.store.gaps_in(camera, range).await.map_err(store_error)?;
        let now = house.clock.wall_now();
        let gaps = causes.iter().flat_map(|gap| {
            let to = gap.to.unwrap_or(now).min(range.to());
            let gap = Gap { from: gap.from.max(range.from()), to, cause: gap.cause };
            uncovered(gap, &spans)
        });
        let gaps = gaps.collect();
        let activities = house.store.activities_in(camera, range).await.map_err(store_error)?;
        let activities = activities.iter().map(activity_view).collect();
        Ok(TimelineView { from: range.from(), to: range.to(), spans, gaps, activities })
    }

    /// The newest key frame at or before an instant, as it was recorded.
    ///
    /// # Errors
    /// `no_footage`.
    pub async fn key_frame(
        &self,
        grant: CameraGrant<ask::Playback>,
        at: WallTime,
    ) -> Result<KeyFrameView> {
        let camera = self.running(grant.camera())?.id();
        let found = self.house().recorder.footage().key_frame(camera, at).await;
        let found = found.map_err(footage_error)?;
        Ok(KeyFrameView { at: found.at, video: found.video, data: found.data })
    }

    /// Footage as a standard MP4, to play.
    ///
    /// # Errors
    /// `no_footage`, `range_too_long`.
    pub async fn clip(
        &self,
        grant: CameraGrant<ask::Playback>,
        range: TimeRange,
    ) -> Result<ClipStream> {
        self.plan(grant.camera(), range).await
    }

    /// Footage as a standard MP4, to take away.
    ///
    /// # Errors
    /// `no_footage`, `range_too_long`.
    pub async fn export(
        &self,
        grant: CameraGrant<ask::Export>,
        range: TimeRange,
    ) -> Result<ClipStream> {
        self.plan(grant.camera(), range).await
    }

    async fn plan(&self, camera: CameraId, range: TimeRange) -> Result<ClipStream> {
        let camera = self.running(camera)?.id();
        self.house().recorder.flush_index().await;
        let clip = self.house().recorder.footage().clip(camera, range).await;
        let clip = clip.map_err(footage_error)?;
        Ok(ClipStream { hub: self.clone(), camera, clip })
    }
}

/// The parts of a noted hole that no footage covers: its noted edges are a few seconds rough.
fn uncovered(gap: Gap, spans: &[Span]) -> Vec<Gap> {
    let mut holes = Vec::new();
    let mut from = gap.from;
    for span in spans.iter().filter(|span| span.to > gap.from && span.from < gap.to) {
        holes.push(Gap { from, to: span.from, cause: gap.cause });
        from = span.to.max(from);
    }
    holes.push(Gap { from, to: gap.to, cause: gap.cause });
    holes.retain(|hole: &Gap| hole.to.micros_since(hole.from) > JOIN_MICROS);
    holes
}

fn activity_view(activity: &Activity) -> ActivityView {
    ActivityView {
        id: activity.id,
        from: activity.from,
        to: activity.to,
        label: activity.label.clone(),
        score: activity.score,
        thumbnail: activity.thumbnail,
    }
}

/// A failure of the recorder as it may leave the hub.
pub(crate) fn footage_error(error: RecorderError) -> UseCaseError {
    match error {
        RecorderError::NoFootage | RecorderError::Mp4(hearth_mp4::Mp4Error::NoFootage) => {
            let message = "Nothing was recorded at that time.";
            UseCaseError::new(FaultKind::NotFound, "no_footage", message)
        }
        RecorderError::RangeTooLong(_) => {
            UseCaseError::bad_input("range_too_long", error.to_string())
        }
        RecorderError::Store(error) => store_error(error),
        error => UseCaseError::internal(&error),
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::GapCause;

    use super::*;

    fn at(seconds: i64) -> WallTime {
        WallTime::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn footage_trims_the_rough_edges_of_a_noted_hole() {
        let gap = Gap { from: at(10), to: at(60), cause: GapCause::Camera };
        let spans = [Span { from: at(0), to: at(15) }, Span { from: at(55), to: at(90) }];
        assert_eq!(uncovered(gap, &spans), [Gap { from: at(15), to: at(55), ..gap }]);
        assert_eq!(uncovered(gap, &[Span { from: at(0), to: at(90) }]), []);
        assert_eq!(uncovered(gap, &[]), [gap]);
    }
}
