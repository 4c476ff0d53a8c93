//! Somebody at a door, in words.

/// Why somebody is taken to be at a door.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VisitTrigger {
    /// A doorbell rang.
    Ring,
    /// Somebody pressed the button of the dashboard, an app or a program.
    Button,
    /// A person was seen.
    Approach,
}

/// What became of a visit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// Nobody has looked at it.
    New,
    /// Somebody has.
    Seen,
    /// Somebody answered at the door.
    Answered,
    /// It rang, it is over, and nobody had looked.
    Missed,
}
