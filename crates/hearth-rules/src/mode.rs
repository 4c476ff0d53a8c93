//! What the alarm of a house is set to.

/// A mode of the alarm.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Off; what is tampered with is told nevertheless.
    Disarmed,
    /// Somebody is at home.
    Home,
    /// Nobody is.
    Away,
    /// Everybody sleeps.
    Night,
    /// Nobody is for days.
    Vacation,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Disarmed, Self::Home, Self::Away, Self::Night, Self::Vacation];
    /// Those in which the house is armed.
    pub const ARMED: [Self; 4] = [Self::Home, Self::Away, Self::Night, Self::Vacation];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disarmed => "disarmed",
            Self::Home => "home",
            Self::Away => "away",
            Self::Night => "night",
            Self::Vacation => "vacation",
        }
    }

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Whether the house is armed.
    pub const fn is_armed(self) -> bool {
        !matches!(self, Self::Disarmed)
    }
}
