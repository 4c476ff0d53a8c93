//! One camera's gate: asleep until something wakes it, awake while pictures change.

use hearth_media::MediaTime;
use hearth_vision::Luma;

use crate::{Need, key::KeyFrames, raise::Raise, size::SizeBaseline};

/// A camera without change sleeps again after this.
const QUIET_MICROS: i64 = 2_000_000;

/// If key frames are farther apart than this, they guarantee nothing: the pictures between them are
/// decoded too. Cameras with "smart" encoding stretch the distance when nothing moves.
const KEY_INTERVAL_MICROS_MAX: i64 = 5_000_000;

/// Key frames closer than this are not all looked at (MJPEG and all-intra streams).
const KEY_LOOK_MICROS_MIN: i64 = 500_000;

/// Sizes that keep waking falsely are as good as ignored for a while; key frames still guard.
const SIZE_RAISE_MAX: f32 = 8.0;

/// Key frames are the guarantee: their threshold rises only so far that 0.4 % of the picture still
/// wakes.
const KEY_RAISE_MAX: f32 = 2.5;

/// What is known about an access unit without decoding it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessUnit {
    /// Presentation time.
    pub pts: MediaTime,
    /// Decoding can start here.
    pub is_key: bool,
    /// Its size.
    pub bytes: u32,
}

/// What woke a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Access units grew.
    Size,
    /// A key frame looked different.
    Key,
    /// The camera itself said that something moves.
    Camera,
}

/// What to do with an access unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Do not decode it.
    Skip,
    /// Decode this key frame by itself and call [`Gate::looked`].
    Look,
    /// Decode everything from the last key frame up to and including this one, then go on.
    Wake(Cause),
    /// Decode it; call [`Gate::verified`] whenever a decoded picture was compared.
    Decode,
}

/// What a gate did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateCounters {
    /// Access units offered.
    pub seen: u64,
    /// Of them to be decoded.
    pub decoded: u64,
    /// Of them left out; a wake-up moves those since the last key frame to `decoded`.
    pub skipped: u64,
    /// Wake-ups because sizes grew.
    pub wakeups_size: u64,
    /// Wake-ups because a key frame differed.
    pub wakeups_key: u64,
    /// Wake-ups because the camera said so.
    pub wakeups_camera: u64,
    /// Wake-ups after which nothing was found.
    pub wakeups_false: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Asleep,
    Awake {
        /// What woke it.
        cause: Cause,
        /// When a change was last seen, or when it woke.
        last_change: MediaTime,
        /// A picture was compared since it woke.
        compared: bool,
        /// A change was seen since it woke.
        confirmed: bool,
    },
}

impl State {
    /// Awake since `at`, with a change seen then or none yet.
    fn awake(cause: Cause, at: MediaTime, confirmed: bool) -> Self {
        Self::Awake { cause, last_change: at, compared: confirmed, confirmed }
    }
}

/// One camera's gate. See the crate's description.
#[derive(Clone, Debug)]
pub struct Gate {
    state: State,
    always: bool,
    sizes: SizeBaseline,
    keys: KeyFrames,
    last_key: Option<MediaTime>,
    last_look: Option<MediaTime>,
    since_key: u64,
    skipped_since_key: u64,
    size_raise: Raise,
    key_raise: Raise,
    pending: Option<Cause>,
    counters: GateCounters,
}

impl Gate {
    /// A gate that knows nothing yet. With `always_decode` everything is decoded.
    pub fn new(always_decode: bool) -> Self {
        Self {
            state: State::Asleep,
            always: always_decode,
            sizes: SizeBaseline::default(),
            keys: KeyFrames::default(),
            last_key: None,
            last_look: None,
            since_key: 0,
            skipped_since_key: 0,
            size_raise: Raise::new(SIZE_RAISE_MAX),
            key_raise: Raise::new(KEY_RAISE_MAX),
            pending: None,
            counters: GateCounters::default(),
        }
    }

    /// Changes whether everything is decoded.
    pub fn set_always_decode(&mut self, always_decode: bool) {
        self.always = always_decode;
    }

    /// Whether pictures are being decoded one after the other.
    pub fn is_awake(&self) -> bool {
        self.always || matches!(self.state, State::Awake { .. })
    }

    /// Whether something was found since it woke.
    pub fn is_confirmed(&self) -> bool {
        matches!(self.state, State::Awake { confirmed: true, .. })
    }

    /// What decoding is for now. A size that grew is a hint, and the next key frame tells too; what a
    /// key frame or the camera itself told, nothing else may tell again.
    pub fn need(&self) -> Need {
        match self.state {
            State::Awake { cause: Cause::Size, confirmed: false, .. } if !self.always => {
                Need::Verify
            }
            State::Awake { .. } | State::Asleep => Need::Follow,
        }
    }

    /// What it did so far.
    pub fn counters(&self) -> GateCounters {
        self.counters
    }

    /// Decides about the next access unit in decoding order. Before the first key frame, and after
    /// [`Gate::interrupted`], everything up to the next one is skipped.
    pub fn offer(&mut self, unit: AccessUnit) -> Decision {
        self.counters.seen += 1;
        if unit.is_key {
            self.last_key = Some(unit.pts);
            self.since_key = 0;
            self.skipped_since_key = 0;
        } else {
            self.since_key += 1;
        }
        let Some(last_key) = self.last_key else {
            self.counters.skipped += 1;
            return Decision::Skip;
        };
        self.fall_asleep(unit.pts);
        let quiet = !self.is_confirmed();
        let factor = self.size_raise.factor(unit.pts);
        let grown = !unit.is_key && self.sizes.observe(unit.bytes, quiet, factor);
        let decision = self.decide(unit, last_key, grown);
        match decision {
            Decision::Skip => {
                self.counters.skipped += 1;
                self.skipped_since_key += 1;
            }
            Decision::Wake(_) => {
                // Those passed over since the key frame are decoded after all.
                self.counters.skipped -= self.skipped_since_key;
                self.counters.decoded += self.skipped_since_key + 1;
                self.skipped_since_key = 0;
            }
            Decision::Look | Decision::Decode => self.counters.decoded += 1,
        }
        decision
    }

    fn decide(&mut self, unit: AccessUnit, last_key: MediaTime, grown: bool) -> Decision {
        let rare_keys = unit.pts.micros_since(last_key) > KEY_INTERVAL_MICROS_MAX;
        if self.always || matches!(self.state, State::Awake { .. }) {
            // Turning to decode everything in the middle of a group starts at its key frame.
            return if self.skipped_since_key > 0 { self.wake_quietly() } else { Decision::Decode };
        }
        let cause = self.pending.take().or(grown.then_some(Cause::Size));
        if let Some(cause) = cause {
            self.wake(cause, unit.pts);
            return if unit.is_key { Decision::Decode } else { Decision::Wake(cause) };
        }
        if unit.is_key {
            let due = self.last_look.is_none_or(|last| {
                unit.pts.micros_since(last) >= KEY_LOOK_MICROS_MIN || unit.pts < last
            });
            return if due { Decision::Look } else { Decision::Skip };
        }
        match rare_keys {
            true if self.skipped_since_key > 0 => self.wake_quietly(),
            true => Decision::Decode,
            false => Decision::Skip,
        }
    }

    /// Catches up without counting a wake-up.
    fn wake_quietly(&self) -> Decision {
        Decision::Wake(Cause::Key)
    }

    /// Takes a decoded key frame that [`Decision::Look`] asked for. `ignored` tells which places
    /// (as fractions of width and height) do not count. The camera is awake afterwards if the
    /// picture differed; the answer says so.
    pub fn looked(
        &mut self,
        pts: MediaTime,
        luma: Luma<'_>,
        ignored: impl Fn(f32, f32) -> bool,
    ) -> bool {
        self.last_look = Some(pts);
        let factor = self.key_raise.factor(pts);
        let differs = self.keys.differs(luma, pts.as_micros(), factor, ignored);
        let asleep = matches!(self.state, State::Asleep);
        if differs && asleep {
            self.wake(Cause::Key, pts);
        }
        differs && asleep
    }

    /// Takes the verifier's word about a decoded picture: whether anything changed in it.
    pub fn verified(&mut self, pts: MediaTime, changed: bool) {
        match &mut self.state {
            State::Awake { last_change, compared, confirmed, .. } => {
                *compared = true;
                if changed {
                    *last_change = (*last_change).max(pts);
                    *confirmed = true;
                }
            }
            // Decoded for another reason (rare key frames, always): it is awake from now on.
            State::Asleep if changed => self.state = State::awake(Cause::Key, pts, true),
            State::Asleep => {}
        }
    }

    /// The camera itself reported motion: wakes with the next access unit.
    pub fn camera_event(&mut self) {
        self.pending = Some(Cause::Camera);
    }

    /// Frames were lost or dropped: nothing can be decoded before the next key frame.
    pub fn interrupted(&mut self) {
        self.last_key = None;
        self.sizes.forget_newest();
    }

    /// A wake-up could not be afforded: the camera sleeps on, and its threshold is not raised.
    pub fn deferred(&mut self) {
        self.state = State::Asleep;
    }

    fn wake(&mut self, cause: Cause, pts: MediaTime) {
        match cause {
            Cause::Size => self.counters.wakeups_size += 1,
            Cause::Key => self.counters.wakeups_key += 1,
            Cause::Camera => self.counters.wakeups_camera += 1,
        }
        self.state = State::awake(cause, pts, false);
    }

    fn fall_asleep(&mut self, now: MediaTime) {
        let State::Awake { cause, last_change, compared, confirmed } = self.state else { return };
        if now.micros_since(last_change) < QUIET_MICROS {
            return;
        }
        // What nobody could afford to look at was not for nothing.
        if compared && !confirmed {
            self.counters.wakeups_false += 1;
            self.sizes.was_nothing();
            match cause {
                Cause::Size => self.size_raise.raise(now),
                Cause::Key => self.key_raise.raise(now),
                // The camera has a threshold of its own.
                Cause::Camera => {}
            }
        }
        self.state = State::Asleep;
        self.sizes.forget_newest();
    }
}

#[cfg(test)]
mod tests;
