//! What the worker says of tracks, checked against what it can know.

use bytes::Bytes;
use hearth_media::MediaTime;
use hearth_model::{Label, Rect};

use super::{Feed, Inner, Registry};
use crate::{
    EyesReport, SeenFace,
    wire::{Activity, Slot},
};

/// Tracks of one camera that may be open at once; the worker follows no more.
const OPEN_MAX: usize = 64;

/// An activity the hub was told of.
#[derive(Clone, Debug)]
pub(super) struct OpenActivity {
    label: Label,
    score: f32,
    area: Rect,
    at: MediaTime,
}

/// The worker said something of a track that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::supervisor) struct Implausible;

/// Something to tell the hub, if the feed is still there.
type Told = Result<Option<EyesReport>, Implausible>;

impl Registry {
    /// A track began.
    pub(in crate::supervisor) fn activity_started(&self, activity: Activity) -> Told {
        let mut inner = self.lock();
        let generation = inner.generation;
        let Some(feed) = inner.known(activity.slot)? else { return Ok(None) };
        if feed.open.contains_key(&activity.track) || feed.open.len() >= OPEN_MAX {
            return Err(Implausible);
        }
        let activity = feed.within_reach(activity);
        feed.open.insert(activity.track, OpenActivity::from(&activity));
        Ok(Some(EyesReport::ActivityStarted {
            camera: feed.camera,
            track: number(generation, activity.track),
            at: activity.at,
            label: activity.label,
            score: activity.score,
            area: activity.area,
            zones: activity.zones,
        }))
    }

    /// A track is known better.
    pub(in crate::supervisor) fn activity_updated(&self, activity: Activity) -> Told {
        let mut inner = self.lock();
        let generation = inner.generation;
        let Some(feed) = inner.known(activity.slot)? else { return Ok(None) };
        let activity = feed.within_reach(activity);
        let open = feed.open.get_mut(&activity.track).ok_or(Implausible)?;
        *open = OpenActivity::from(&activity);
        Ok(Some(EyesReport::ActivityUpdated {
            camera: feed.camera,
            track: number(generation, activity.track),
            at: activity.at,
            label: activity.label,
            score: activity.score,
            area: activity.area,
            zones: activity.zones,
            directions: activity.directions,
        }))
    }

    /// A track ended.
    pub(in crate::supervisor) fn activity_ended(
        &self,
        activity: Activity,
        thumbnail: Option<Bytes>,
    ) -> Told {
        let mut inner = self.lock();
        let generation = inner.generation;
        let Some(feed) = inner.known(activity.slot)? else { return Ok(None) };
        feed.open.remove(&activity.track).ok_or(Implausible)?;
        let activity = feed.within_reach(activity);
        let report = EyesReport::ActivityEnded {
            camera: feed.camera,
            track: number(generation, activity.track),
            at: activity.at,
            label: activity.label,
            score: activity.score,
            area: activity.area,
            thumbnail,
        };
        inner.forget_removed();
        Ok(Some(report))
    }

    /// A face of a track was seen.
    pub(in crate::supervisor) fn face_seen(
        &self,
        slot: Slot,
        track: u32,
        at: MediaTime,
        face: Box<SeenFace>,
    ) -> Told {
        let mut inner = self.lock();
        let generation = inner.generation;
        let Some(feed) = inner.known(slot)? else { return Ok(None) };
        // Told only of who is followed, and only where faces are wanted.
        if !feed.open.contains_key(&track) {
            return Err(Implausible);
        }
        let (first, last) = feed.span.unwrap_or_default();
        let at = at.clamp(first, last);
        let report = EyesReport::FaceSeen {
            camera: feed.camera,
            track: number(generation, track),
            at,
            face,
        };
        Ok(Some(report).filter(|_| feed.settings.describes_faces()))
    }
}

impl Inner {
    /// The feed, `None` if it ended meanwhile; implausible if there never was one.
    fn known(&mut self, slot: Slot) -> Result<Option<&mut Feed>, Implausible> {
        if slot.0 >= self.next_slot { Err(Implausible) } else { Ok(self.feeds.get_mut(&slot)) }
    }
}

impl Feed {
    /// Ends what the worker followed when it died.
    pub(super) fn end_activities(&mut self, generation: u32) -> Vec<EyesReport> {
        let camera = self.camera;
        std::mem::take(&mut self.open)
            .into_iter()
            .map(|(track, open)| EyesReport::ActivityEnded {
                camera,
                track: number(generation, track),
                at: open.at,
                label: open.label,
                score: open.score,
                area: open.area,
                thumbnail: None,
            })
            .collect()
    }

    /// With a time the worker got a frame of, and zones this camera has.
    fn within_reach(&self, mut activity: Activity) -> Activity {
        let (first, last) = self.span.unwrap_or_default();
        activity.at = activity.at.clamp(first, last);
        activity.zones.retain(|id| self.settings.zones.iter().any(|zone| zone.id == *id));
        activity
    }
}

impl From<&Activity> for OpenActivity {
    fn from(activity: &Activity) -> Self {
        Self {
            label: activity.label.clone(),
            score: activity.score,
            area: activity.area,
            at: activity.at,
        }
    }
}

/// Workers number their tracks from zero; with the worker's own number no two are alike.
fn number(generation: u32, track: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(track)
}
