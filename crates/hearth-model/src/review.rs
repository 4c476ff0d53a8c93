//! Pictures that people look at to correct the detector, in words.

/// Why a picture is to be looked at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// The detector was not sure.
    Unsure,
    /// Somebody said that it is something else.
    Corrected,
    /// It was sure, and is looked at all the same: so it is seen when it is surely wrong.
    Sampled,
}

/// Whether somebody has looked at it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Nobody has.
    Waiting,
    /// Its labels and boxes are right.
    Done,
    /// It is of no use.
    Skipped,
}
