//! Roles of principals.

/// What a principal may do in general; grants on objects narrow it further.
///
/// promise: V-03.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Admin,
    /// Watches, plays back, exports and controls; changes no accounts and no cameras.
    Operator,
    /// Watches and plays back.
    Viewer,
    /// Watches live only.
    Guest,
    /// A program with exactly the grants it was given.
    Service,
}
