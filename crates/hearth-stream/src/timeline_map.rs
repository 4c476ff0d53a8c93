//! From a camera's RTP clocks to the hub's timeline.
//!
//! Pure. A track is anchored where its first packet arrived and then follows the camera's clock, so
//! that the spacing of frames is the camera's and not the network's. The difference to the hub's
//! clock is measured over some seconds and removed slowly. When the camera's clock steps or
//! stops, the track is anchored anew. Sound follows the picture once sender reports tie both.
//! Invariants: times of a track without reordering only go up; with reordering, they never go back
//! below the previous group of pictures; a step of the clock makes no gap that was not in the
//! arrivals too (up to [`STEP_MICROS`], or what reordering can hide).

use hearth_media::{MediaTime, TrackKind};
use hearth_rtsp::rtcp::SenderReport;

/// A camera's time that runs this much ahead of the arrivals at once is a step of its clock.
const STEP_MICROS: i64 = 200_000;
/// B-frames of any camera reach back less than this.
const REORDER_MICROS_MAX: i64 = 1_000_000;
/// Frames that seem later than this come from a clock that runs wrong: a connection that stalls as
/// long counts as silent.
const LATE_MICROS_MAX: i64 = 5_000_000;
/// Between two frames when nothing better is known.
const SPACING_MICROS_MIN: i64 = 1_000;
/// Differences between the clocks are measured over this.
const WINDOW_MICROS: i64 = 2_000_000;
/// Smaller differences are left alone, so that spacing stays exact.
const DIFFERENCE_MICROS_MIN: i64 = 30_000;
/// Larger ones are removed fast.
const DIFFERENCE_MICROS_LARGE: i64 = 100_000;
/// Share of the elapsed time by which spacing may be changed: 1/200 cannot be seen or heard.
const SLEW_DIVISOR: i64 = 200;
/// The same for large differences.
const SLEW_DIVISOR_FAST: i64 = 8;
/// Sender reports older than this say nothing about now.
const REPORT_AGE_MICROS_MAX: i64 = 30_000_000;
/// Reports that put sound and picture further apart are nonsense, which cameras do send.
const SYNC_MICROS_MAX: i64 = 5_000_000;

/// The clocks of both tracks of a stream.
#[derive(Debug, Default)]
pub(crate) struct StreamClock {
    video: Option<TrackMap>,
    audio: Option<TrackMap>,
}

impl StreamClock {
    /// Adds a track; at most one of each kind.
    pub(crate) fn add(&mut self, kind: TrackKind, clock_rate: u32) {
        *self.slot(kind) = Some(TrackMap::new(clock_rate));
    }

    /// Tells whether video frames may come in another order than they are shown.
    pub(crate) fn set_reordered(&mut self, is_reordered: bool) {
        if let Some(video) = &mut self.video {
            video.is_reordered = is_reordered;
        }
    }

    /// The time of a frame. To be called in the order of arrival.
    pub(crate) fn map(
        &mut self,
        kind: TrackKind,
        timestamp: u32,
        is_key: bool,
        arrival: MediaTime,
    ) -> MediaTime {
        let map = self.slot(kind).as_mut();
        map.map_or(arrival, |map| map.map(timestamp, is_key, arrival))
    }

    /// The track has a new sender: its clock starts at any value.
    pub(crate) fn restart(&mut self, kind: TrackKind) {
        if let Some(map) = self.slot(kind) {
            map.restart();
        }
    }

    /// Takes a sender report; once there is one for each track, sound follows the picture.
    pub(crate) fn note_report(&mut self, kind: TrackKind, report: &SenderReport, at: MediaTime) {
        if let Some(map) = self.slot(kind) {
            map.report = Some((ntp_micros(report.ntp), report.rtp_timestamp, at));
        }
        if let (Some(video), Some(audio)) = (&self.video, &mut self.audio)
            && let Some(ahead) = audio.behind(video)
        {
            audio.follow(ahead, at);
        }
    }

    /// Times that a clock was anchored anew.
    pub(crate) fn jumps(&self) -> u64 {
        [&self.video, &self.audio].into_iter().flatten().map(|map| map.jumps).sum()
    }

    fn slot(&mut self, kind: TrackKind) -> &mut Option<TrackMap> {
        match kind {
            TrackKind::Video => &mut self.video,
            TrackKind::Audio => &mut self.audio,
        }
    }
}

/// Microseconds since 1900; 32 bits of fraction are more exact than that.
fn ntp_micros(ntp: u64) -> i64 {
    let micros = (u128::from(ntp) * 1_000_000) >> 32;
    i64::try_from(micros).unwrap_or(i64::MAX)
}

/// The clock of one track.
#[derive(Debug)]
struct TrackMap {
    clock_rate: u32,
    is_reordered: bool,
    state: Option<State>,
    must_restart: bool,
    /// Sender's wall time, the same on its RTP clock, and when that arrived.
    report: Option<(i64, u32, MediaTime)>,
    jumps: u64,
}

#[derive(Debug)]
struct State {
    last_timestamp: u32,
    /// `last_timestamp` without wraps, from 0.
    ticks: i64,
    /// Camera's microseconds plus this are the hub's.
    offset: i64,
    last_arrival: MediaTime,
    pts_last: i64,
    pts_max: i64,
    /// The highest time of all groups of pictures before this one.
    floor: i64,
    /// Least lateness in the window, and when that began.
    lateness_min: i64,
    window_began: MediaTime,
    /// What is left to be removed.
    difference: i64,
    /// Until then the difference comes from reports and not from arrivals.
    follows_until: Option<MediaTime>,
}

impl TrackMap {
    fn new(clock_rate: u32) -> Self {
        let (state, report) = (None, None);
        Self { clock_rate, is_reordered: false, state, must_restart: false, report, jumps: 0 }
    }

    fn restart(&mut self) {
        self.must_restart = true;
        self.report = None;
    }

    fn micros(&self, ticks: i64) -> i64 {
        MediaTime::from_scale(ticks, self.clock_rate).as_micros()
    }

    fn map(&mut self, timestamp: u32, is_key: bool, arrival: MediaTime) -> MediaTime {
        let Some(mut state) = self.state.take() else {
            self.state = Some(State::anchored(timestamp, arrival));
            return arrival;
        };
        let ticks = signed_difference(timestamp, state.last_timestamp);
        let elapsed = self.micros(ticks);
        state.ticks += ticks;
        state.last_timestamp = timestamp;
        if is_key {
            state.floor = state.pts_max;
        }
        state.slew(elapsed);
        let waited = arrival.micros_since(state.last_arrival).max(0);
        let camera = self.micros(state.ticks);
        let mut pts = camera.saturating_add(state.offset);
        let has_jumped = state.has_jumped(self.is_reordered, pts, elapsed, waited, arrival);
        if has_jumped || std::mem::take(&mut self.must_restart) {
            self.jumps += 1;
            pts = state.anchor_again(camera, waited, arrival);
        }
        // Pictures in another order come early by as much as others then come late; key frames are
        // in the same place of each group.
        if is_key || !self.is_reordered {
            state.measure(arrival.as_micros().saturating_sub(pts), arrival);
        }
        state.pts_last = pts;
        state.pts_max = state.pts_max.max(pts);
        state.last_arrival = state.last_arrival.max(arrival);
        self.state = Some(state);
        MediaTime::from_micros(pts)
    }

    /// The time of any instant near now on the track's RTP clock.
    fn time_of(&self, timestamp: u32) -> Option<i64> {
        let state = self.state.as_ref()?;
        let ticks = state.ticks + signed_difference(timestamp, state.last_timestamp);
        Some(self.micros(ticks).saturating_add(state.offset))
    }

    /// By how much this track's times must grow to agree with the other's, as the reports of both
    /// have it.
    fn behind(&self, other: &Self) -> Option<i64> {
        let (own_wall, own_timestamp, own_at) = self.report?;
        let (other_wall, other_timestamp, other_at) = other.report?;
        let is_recent = own_at.micros_since(other_at).abs() <= REPORT_AGE_MICROS_MAX;
        let apart = own_wall.saturating_sub(other_wall);
        if !is_recent || apart.saturating_abs() > 2 * REPORT_AGE_MICROS_MAX {
            return None;
        }
        let right = other.time_of(other_timestamp)?.saturating_add(apart);
        let behind = right.saturating_sub(self.time_of(own_timestamp)?);
        (behind.saturating_abs() <= SYNC_MICROS_MAX).then_some(behind)
    }

    fn follow(&mut self, behind: i64, now: MediaTime) {
        if let Some(state) = &mut self.state {
            state.difference = behind;
            state.follows_until = Some(now.plus_micros(REPORT_AGE_MICROS_MAX));
        }
    }
}

impl State {
    fn anchored(timestamp: u32, arrival: MediaTime) -> Self {
        let pts = arrival.as_micros();
        Self {
            last_timestamp: timestamp,
            ticks: 0,
            offset: pts,
            last_arrival: arrival,
            pts_last: pts,
            pts_max: pts,
            floor: i64::MIN,
            lateness_min: 0,
            window_began: arrival,
            difference: 0,
            follows_until: None,
        }
    }

    fn has_jumped(
        &self,
        is_reordered: bool,
        pts: i64,
        elapsed: i64,
        waited: i64,
        arrival: MediaTime,
    ) -> bool {
        let ahead = pts.saturating_sub(arrival.as_micros());
        // A picture that others refer to comes before those that are shown before it.
        let step = if is_reordered { REORDER_MICROS_MAX } else { STEP_MICROS };
        let forward = elapsed > waited + step && ahead > step;
        let stuck = elapsed == 0;
        let backward = if is_reordered {
            pts <= self.floor || pts < self.pts_max.saturating_sub(REORDER_MICROS_MAX)
        } else {
            pts <= self.pts_last
        };
        forward || stuck || backward || ahead < -LATE_MICROS_MAX
    }

    /// Continues after all that came, as much later as the arrival was.
    fn anchor_again(&mut self, camera: i64, waited: i64, arrival: MediaTime) -> i64 {
        let lowest = self.pts_max.saturating_add(SPACING_MICROS_MIN);
        let highest = self.pts_max.saturating_add(waited.max(SPACING_MICROS_MIN));
        let pts = arrival.as_micros().clamp(lowest, highest);
        self.offset = pts.saturating_sub(camera);
        self.difference = 0;
        self.follows_until = None;
        self.lateness_min = i64::MAX;
        self.window_began = arrival;
        pts
    }

    /// Removes a bit of the difference.
    fn slew(&mut self, elapsed: i64) {
        let is_large = self.difference.saturating_abs() > DIFFERENCE_MICROS_LARGE;
        let divisor = if is_large { SLEW_DIVISOR_FAST } else { SLEW_DIVISOR };
        let most = elapsed.max(0) / divisor;
        let change = self.difference.clamp(-most, most);
        self.difference -= change;
        self.offset = self.offset.saturating_add(change);
        self.lateness_min = self.lateness_min.saturating_sub(change);
    }

    /// The frame that took the shortest way tells how the clocks differ: the network can only delay.
    fn measure(&mut self, lateness: i64, arrival: MediaTime) {
        self.lateness_min = self.lateness_min.min(lateness);
        if arrival.micros_since(self.window_began) < WINDOW_MICROS {
            return;
        }
        let follows_reports = self.follows_until.is_some_and(|until| arrival < until);
        if !follows_reports {
            let is_small = self.lateness_min.saturating_abs() < DIFFERENCE_MICROS_MIN;
            self.difference = if is_small { 0 } else { self.lateness_min };
        }
        self.lateness_min = i64::MAX;
        self.window_began = arrival;
    }
}

/// The shorter way around the wrap.
fn signed_difference(a: u32, b: u32) -> i64 {
    let ahead = i64::from(a.wrapping_sub(b));
    if ahead > i64::from(i32::MAX) { ahead - (1 << 32) } else { ahead }
}

#[cfg(test)]
mod tests;
