//! Raises a threshold after false alarms and lets it fall again.

use hearth_media::MediaTime;

/// A false wake-up raises the threshold by this factor.
const STEP: f32 = 1.4;

/// A raised threshold falls to half of its excess in this time: rain passes.
const HALVED_MICROS: f32 = 120e6;

/// By how much a threshold is raised.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raise {
    factor: f32,
    at: MediaTime,
    max: f32,
}

impl Raise {
    /// Not raised; never raised by more than `max`.
    pub(crate) fn new(max: f32) -> Self {
        Self { factor: 1.0, at: MediaTime::default(), max }
    }

    /// The factor now, at least 1.
    pub(crate) fn factor(&self, now: MediaTime) -> f32 {
        let elapsed = now.micros_since(self.at).max(0) as f32;
        1.0 + (self.factor - 1.0) * 0.5f32.powf(elapsed / HALVED_MICROS)
    }

    /// There was a false alarm.
    pub(crate) fn raise(&mut self, now: MediaTime) {
        self.factor = (self.factor(now) * STEP).min(self.max);
        self.at = now;
    }
}
