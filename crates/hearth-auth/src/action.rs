//! What a principal can ask for: a closed list, as values for tables and as types for grants.

/// Everything that needs permission. A new endpoint takes one of these or adds one here, and the
/// compiler then asks for its row in the policy's table.
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
pub enum Action {
    /// See a camera's picture and hear its sound as it comes, and know how it fares.
    Live,
    /// Look at recorded footage and its timeline.
    Playback,
    /// Take footage out of the house as a file.
    Export,
    /// Move a camera, switch its light, its privacy mode.
    Control,
    /// Change one camera's settings and credentials.
    Configure,
    /// Learn the names of people that a camera recognised.
    Faces,
    /// List the cameras one may see.
    ListCameras,
    /// Read what happened, for the cameras one may see.
    ReadEvents,
    /// Add and remove cameras.
    ManageCameras,
    /// Protect footage from erasure, and end that protection.
    ManageHolds,
    /// See how the hub fares: storage, eyes, clock.
    ReadSystem,
    /// Check, back up, restore, reload.
    Maintain,
    /// See who signed in and who tried (promise D-25).
    ReadAudit,
    /// Add, change and remove accounts, and end their sessions.
    ManageUsers,
    /// Make, replace and revoke one's own tokens for programs.
    ManageTokens,
    /// Enrol and erase people who agreed to be known.
    ManagePeople,
    /// Switch plugs, lights and whatever else is not a camera.
    ControlDevices,
    /// Say who is told what, and how.
    ManageNotifications,
    /// Arm and disarm the house.
    Arm,
    /// Change what the house does by itself.
    ManageRules,
    /// Read figures for monitoring.
    ReadMetrics,
    /// Read incidents.
    ReadIncidents,
    /// Take over, annotate and close incidents.
    ManageIncidents,
    /// See devices, what they measure, and how the privacy switch stands.
    ReadDevices,
}

/// What an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One camera, which must be named.
    Camera,
    /// The house as a whole.
    House,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Live,
        Self::Playback,
        Self::Export,
        Self::Control,
        Self::Configure,
        Self::Faces,
        Self::ListCameras,
        Self::ReadEvents,
        Self::ManageCameras,
        Self::ManageHolds,
        Self::ReadSystem,
        Self::Maintain,
        Self::ReadAudit,
        Self::ManageUsers,
        Self::ManageTokens,
        Self::ManagePeople,
        Self::ControlDevices,
        Self::ManageNotifications,
        Self::Arm,
        Self::ManageRules,
        Self::ReadMetrics,
        Self::ReadIncidents,
        Self::ManageIncidents,
        Self::ReadDevices,
    ];

    /// Those about one camera.
    pub const OF_CAMERAS: [Self; 6] =
        [Self::Live, Self::Playback, Self::Export, Self::Control, Self::Configure, Self::Faces];

    /// What it is about.
    pub const fn scope(self) -> Scope {
        match self {
            Self::Live
            | Self::Playback
            | Self::Export
            | Self::Control
            | Self::Configure
            | Self::Faces => Scope::Camera,
            Self::ListCameras
            | Self::ReadEvents
            | Self::ManageCameras
            | Self::ManageHolds
            | Self::ReadSystem
            | Self::Maintain
            | Self::ReadAudit
            | Self::ManageUsers
            | Self::ManageTokens
            | Self::ManagePeople
            | Self::ControlDevices
            | Self::ManageNotifications
            | Self::Arm
            | Self::ManageRules
            | Self::ReadMetrics
            | Self::ReadIncidents
            | Self::ManageIncidents
            | Self::ReadDevices => Scope::House,
        }
    }

    /// Whether a token for a program may carry it. What makes accounts or tokens is for people: a
    /// program that could make a token would outlive the revocation of its own.
    pub const fn is_for_programs(self) -> bool {
        !matches!(self, Self::ManageUsers | Self::ManageTokens)
    }
}

mod sealed {
    pub trait Sealed {}
}

/// An action on one camera, as a type: `CameraGrant<ask::Export>` cannot stand in for
/// `CameraGrant<ask::Live>`.
pub trait CameraAction: sealed::Sealed {
    /// The same as a value.
    const ACTION: Action;
}

/// An action on the house, as a type.
pub trait HouseAction: sealed::Sealed {
    /// The same as a value.
    const ACTION: Action;
}

/// The actions as types. They have no values: they only stand in the type of a grant.
pub mod ask {
    use super::{Action, CameraAction, HouseAction, sealed::Sealed};

    macro_rules! asks {
        ($of:ident: $($name:ident),* $(,)?) => {$(
            #[doc = concat!("[`Action::", stringify!($name), "`] as a type.")]
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}

            impl Sealed for $name {}

            impl $of for $name {
                const ACTION: Action = Action::$name;
            }
        )*};
    }

    asks!(CameraAction: Live, Playback, Export, Control, Configure, Faces);
    asks!(
        HouseAction: ListCameras, ReadEvents, ManageCameras, ManageHolds, ReadSystem, Maintain,
        ReadAudit, ManageUsers, ManageTokens, ManagePeople, ControlDevices, ManageNotifications, Arm,
        ManageRules, ReadMetrics, ReadIncidents, ManageIncidents, ReadDevices,
    );
}
