//! What a principal can ask for: a closed list, as values for tables and as types for grants.

/// Everything that needs permission. A new endpoint takes one of these or adds one here, and the
/// compiler then asks for its row in the policy's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
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
    pub const ALL: [Self; 13] = [
        Self::Live,
        Self::Playback,
        Self::Export,
        Self::Control,
        Self::Configure,
        Self::ListCameras,
        Self::ReadEvents,
        Self::ManageCameras,
        Self::ManageHolds,
        Self::ReadSystem,
        Self::Maintain,
        Self::ReadAudit,
        Self::ManageUsers,
    ];

    /// What it is about.
    pub const fn scope(self) -> Scope {
        match self {
            Self::Live | Self::Playback | Self::Export | Self::Control | Self::Configure => {
                Scope::Camera
            }
            Self::ListCameras
            | Self::ReadEvents
            | Self::ManageCameras
            | Self::ManageHolds
            | Self::ReadSystem
            | Self::Maintain
            | Self::ReadAudit
            | Self::ManageUsers => Scope::House,
        }
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

    asks!(CameraAction: Live, Playback, Export, Control, Configure);
    asks!(
        HouseAction: ListCameras, ReadEvents, ManageCameras, ManageHolds, ReadSystem, Maintain,
        ReadAudit, ManageUsers,
    );
}
