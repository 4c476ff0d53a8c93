//! The values that commands carry, each with its range. promise: K-02, T-01.
//!
//! Pure. A value out of range cannot be made, so a command with one cannot be sent.

use serde::{Deserialize, Serialize};

/// A value that no camera takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OutOfRange(pub &'static str);

/// Declares a value that has one word each; where the camera has one, it is the camera's.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

words! {
    /// Everything that is either on or off.
    Switch {
        /// The camera itself. Off is privacy: no picture, no sound, no recording.
        Power = "power",
        /// Recording around the clock on its card.
        RecordVideo = "record-video",
        /// Sound in recordings.
        RecordAudio = "record-audio",
        /// Noticing motion.
        DetectMotion = "detect-motion",
        /// Noticing a baby's cry.
        DetectBabyCry = "detect-baby-cry",
        /// Noticing people.
        DetectPerson = "detect-person",
        /// Noticing sound.
        DetectAudio = "detect-audio",
        /// Turning after what moves.
        MotionTracking = "motion-tracking",
        /// Looking around from preset to preset.
        Patrol = "patrol",
        /// The light on its front.
        StatusLed = "status-led",
        /// No notifications to the vendor's app.
        DoNotDisturb = "do-not-disturb",
    }
}

words! {
    /// What has a sensitivity.
    Detector {
        /// Of motion.
        Motion = "motion",
        /// Of sound.
        Sound = "sound",
    }
}

words! {
    /// How little is enough to be noticed.
    Sensitivity {
        /// Much must happen.
        Low = "low",
        /// Between both.
        Medium = "medium",
        /// Little is enough.
        High = "high",
    }
}

words! {
    /// Size of the picture in pixels.
    Resolution {
        /// 2560 x 1440.
        Wide1440 = "2560x1440",
        /// 1920 x 1080.
        Wide1080 = "1920x1080",
        /// 1280 x 720.
        Wide720 = "1280x720",
    }
}

words! {
    /// When the camera sees by infrared.
    NightVision {
        /// When it is dark.
        Auto = "auto",
        /// Never.
        Day = "day",
        /// Always.
        Night = "night",
    }
}

words! {
    /// Where to turn.
    Direction {
        /// To its left.
        Left = "left",
        /// Up.
        Up = "up",
        /// To its right.
        Right = "right",
        /// Down.
        Down = "down",
    }
}

/// How the picture stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rotation {
    /// The camera stands.
    #[serde(rename = "0")]
    Upright,
    /// The camera hangs from the ceiling.
    #[serde(rename = "180")]
    UpsideDown,
}

impl Rotation {
    /// In degrees: 0 or 180.
    pub fn degrees(self) -> u16 {
        match self {
            Self::Upright => 0,
            Self::UpsideDown => 180,
        }
    }

    /// # Errors
    /// Unless it is 0 or 180.
    pub fn from_degrees(degrees: u64) -> Result<Self, OutOfRange> {
        match degrees {
            0 => Ok(Self::Upright),
            180 => Ok(Self::UpsideDown),
            _ => Err(OutOfRange("a picture is rotated by 0 or 180 degrees")),
        }
    }
}

/// How long motion must last before it counts, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct TriggerTime {
    /// While it is light.
    day_ms: u16,
    /// While it sees by infrared.
    night_ms: u16,
}

impl TriggerTime {
    /// What lasts longer is no trigger any more.
    pub const MS_MAX: u16 = 60_000;

    /// # Errors
    /// Unless both are between 1 and [`TriggerTime::MS_MAX`].
    pub fn new(day_ms: u64, night_ms: u64) -> Result<Self, OutOfRange> {
        let fit = |ms: u64| {
            u16::try_from(ms)
                .ok()
                .filter(|ms| (1..=Self::MS_MAX).contains(ms))
                .ok_or(OutOfRange("a trigger time is between 1 and 60000 milliseconds"))
        };
        Ok(Self { day_ms: fit(day_ms)?, night_ms: fit(night_ms)? })
    }

    /// While it is light.
    pub fn day_ms(self) -> u16 {
        self.day_ms
    }

    /// While it sees by infrared.
    pub fn night_ms(self) -> u16 {
        self.night_ms
    }
}

/// Number of a stored position, 0 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PresetIndex(u8);

impl PresetIndex {
    /// The highest one that locam, the reference, lets pass.
    pub const MAX: u8 = 4;

    /// # Errors
    /// Above [`PresetIndex::MAX`].
    pub fn new(index: u64) -> Result<Self, OutOfRange> {
        let fit = u8::try_from(index).ok().filter(|index| *index <= Self::MAX);
        fit.map(Self).ok_or(OutOfRange("a preset is a number from 0 to 4"))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

/// How fast to turn, 1 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Speed(u8);

impl Speed {
    /// # Errors
    /// Unless it is between 1 and 10.
    pub fn new(speed: u64) -> Result<Self, OutOfRange> {
        let fit = u8::try_from(speed).ok().filter(|speed| (1..=10).contains(speed));
        fit.map(Self).ok_or(OutOfRange("a speed is a number from 1 to 10"))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

/// Where the camera looks, in steps of its motors. Each model has its own range within this one
/// and answers with an error beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Position {
    /// To the side.
    pub x: i16,
    /// Up and down.
    pub y: i16,
}

/// A time on the camera's clock, in whole seconds since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ClockTime(u32);

impl ClockTime {
    /// 2000-01-01: no camera is older, a clock before it was never set.
    const MIN: u64 = 946_684_800;
    /// 2100-01-01.
    const MAX: u64 = 4_102_444_800;

    /// # Errors
    /// Unless the time is in this century.
    pub fn from_epoch_seconds(seconds: u64) -> Result<Self, OutOfRange> {
        let fit = (Self::MIN..Self::MAX).contains(&seconds);
        u32::try_from(seconds)
            .ok()
            .filter(|_| fit)
            .map(Self)
            .ok_or(OutOfRange("a camera's time lies between 2000 and 2100"))
    }

    /// Seconds since 1970 (UTC).
    pub fn epoch_seconds(self) -> u32 {
        self.0
    }
}

/// From one time until before another one, in seconds since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct TimeSpan {
    start: u32,
    end: u32,
}

impl TimeSpan {
    /// # Errors
    /// Unless it ends after it starts, and both can be told to a camera.
    pub fn from_epoch_seconds(start: u64, end: u64) -> Result<Self, OutOfRange> {
        let fit = |seconds| {
            u32::try_from(seconds).map_err(|_| OutOfRange("a camera's time lies before 2106"))
        };
        if start >= end {
            return Err(OutOfRange("a span of time ends after it starts"));
        }
        Ok(Self { start: fit(start)?, end: fit(end)? })
    }

    /// The first second.
    pub fn start(self) -> u32 {
        self.start
    }

    /// The second after the last.
    pub fn end(self) -> u32 {
        self.end
    }
}

/// Where the camera's clock is: an offset as the camera writes it, and a name of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct TimeZone {
    offset: String,
    area: String,
}

impl TimeZone {
    /// The longest name in the database has 32 letters.
    const AREA_MAX: usize = 64;

    /// A zone such as `UTC-05:00` in `America/New_York`.
    ///
    /// # Errors
    /// Unless both have these forms.
    pub fn new(offset: &str, area: &str) -> Result<Self, OutOfRange> {
        if !is_offset(offset) {
            return Err(OutOfRange("an offset is written like UTC-05:00, up to 14 hours"));
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
        if area.is_empty() || area.len() > Self::AREA_MAX || !area.chars().all(is_plain) {
            return Err(OutOfRange("an area is a name like America/New_York"));
        }
        Ok(Self { offset: offset.to_owned(), area: area.to_owned() })
    }

    /// Like `UTC-05:00`.
    pub fn offset(&self) -> &str {
        &self.offset
    }

    /// Like `America/New_York`.
    pub fn area(&self) -> &str {
        &self.area
    }
}

fn is_offset(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("UTC") else { return false };
    let Some(rest) = rest.strip_prefix(['+', '-']) else { return false };
    let Some((hours, minutes)) = rest.split_once(':') else { return false };
    let two = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u8>().ok()).flatten()
    };
    match (two(hours), two(minutes)) {
        (Some(14), Some(minutes)) => minutes == 0,
        (Some(hours), Some(minutes)) => hours < 14 && minutes % 15 == 0 && minutes < 60,
        _ => false,
    }
}

/// Who plays recordings from the card, as the camera tells players apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PlayerId(String);

impl PlayerId {
    /// A UUID has 36.
    const MAX: usize = 64;

    /// # Errors
    /// Unless it is 1 to 64 letters, digits, `-` or `_`.
    pub fn new(id: &str) -> Result<Self, OutOfRange> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if id.is_empty() || id.len() > Self::MAX || !id.chars().all(is_plain) {
            return Err(OutOfRange("a player id is 1 to 64 letters, digits, - or _"));
        }
        Ok(Self(id.to_owned()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-02. No value outside of what a camera takes can be made.
    #[test]
    fn values_out_of_range_cannot_be_made() {
        assert!(Speed::new(0).is_err() && Speed::new(1).is_ok());
        assert!(Speed::new(10).is_ok() && Speed::new(11).is_err() && Speed::new(257).is_err());
        assert!(PresetIndex::new(4).is_ok() && PresetIndex::new(5).is_err());
        assert!(PresetIndex::new(256).is_err());
        assert!(TriggerTime::new(1500, 60_000).is_ok());
        for (day, night) in [(0, 1), (1, 0), (60_001, 1), (1, 65_537)] {
            assert!(TriggerTime::new(day, night).is_err(), "{day} {night}");
        }
        assert!(Rotation::from_degrees(180).is_ok() && Rotation::from_degrees(90).is_err());
        assert!(ClockTime::from_epoch_seconds(1_631_639_476).is_ok());
        for seconds in [0, 946_684_799, 4_102_444_800, u64::MAX] {
            assert!(ClockTime::from_epoch_seconds(seconds).is_err(), "{seconds}");
        }
        assert!(TimeSpan::from_epoch_seconds(1, 2).is_ok());
        for (start, end) in [(2, 2), (3, 2), (1, 1 << 33)] {
            assert!(TimeSpan::from_epoch_seconds(start, end).is_err(), "{start} {end}");
        }
    }

    #[test]
    fn a_time_zone_is_an_offset_and_a_name() {
        for offset in ["UTC-05:00", "UTC+05:45", "UTC+14:00", "UTC+00:00"] {
            assert!(TimeZone::new(offset, "America/Port-au-Prince").is_ok(), "{offset}");
        }
        for offset in
            ["", "UTC", "UTC5", "UTC+5:00", "UTC+15:00", "UTC+14:15", "UTC+01:10", "GMT+01:00"]
        {
            assert!(TimeZone::new(offset, "Etc/GMT+5").is_err(), "{offset}");
        }
        for area in ["", "a b", "a\"b", "Ä", &"a".repeat(65)] {
            assert!(TimeZone::new("UTC+01:00", area).is_err(), "{area}");
        }
    }

    #[test]
    fn a_player_is_told_by_a_plain_word() {
        assert!(PlayerId::new("abc-1_2").is_ok());
        for id in ["", "a b", "ä", "{}", &"a".repeat(65)] {
            assert!(PlayerId::new(id).is_err(), "{id}");
        }
    }

    #[test]
    fn words_are_read_back() {
        for value in NightVision::ALL {
            assert_eq!(NightVision::from_word(value.as_str()), Some(*value));
        }
        assert_eq!(Resolution::from_word("640x480"), None);
    }
}
