//! What one account may do with single cameras, where that differs from its role. Pure data.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::CameraId;

use crate::{Action, Scope};

/// Rules about single cameras. The default leaves everything to the role.
///
/// An entry both restricts and extends: for its camera the entry decides alone. A camera without
/// an entry follows the role, or, with `only_listed`, does not exist for this account.
/// Administrators have every camera whatever stands here: they could change it anyway.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields, default)]
pub struct CameraAccess {
    /// Cameras without an entry do not exist for this account.
    pub only_listed: bool,
    /// For each camera exactly what may be done with it.
    #[schema(value_type = std::collections::HashMap<String, Vec<Action>>)]
    pub cameras: BTreeMap<CameraId, BTreeSet<Action>>,
}

/// Why rules are not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraAccessError {
    /// An entry names an action that is not about a camera.
    #[error("an entry for a camera names only what is done with a camera")]
    NotOfCameras,
    /// Too many entries.
    #[error("there are at most {} entries", CameraAccess::ENTRIES_MAX)]
    TooMany,
}

impl CameraAccess {
    /// More cameras than a house has; bounds what is stored of an account.
    pub const ENTRIES_MAX: usize = 256;

    /// Refuses what makes no sense.
    pub fn check(&self) -> Result<(), CameraAccessError> {
        if self.cameras.len() > Self::ENTRIES_MAX {
            return Err(CameraAccessError::TooMany);
        }
        let of_cameras = |action: &Action| action.scope() == Scope::Camera;
        if self.cameras.values().flatten().all(of_cameras) {
            Ok(())
        } else {
            Err(CameraAccessError::NotOfCameras)
        }
    }

    /// What these rules say of a camera; `None` leaves it to the role.
    pub fn says(&self, camera: CameraId, action: Action) -> Option<bool> {
        match self.cameras.get(&camera) {
            Some(actions) => Some(actions.contains(&action)),
            None => self.only_listed.then_some(false),
        }
    }

    /// Whether any entry contains an action.
    pub fn anywhere(&self, action: Action) -> bool {
        self.cameras.values().any(|actions| actions.contains(&action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(only_listed: bool, actions: &[Action]) -> (CameraAccess, CameraId) {
        let camera = CameraId::new();
        let cameras = BTreeMap::from([(camera, actions.iter().copied().collect())]);
        (CameraAccess { only_listed, cameras }, camera)
    }

    #[test]
    fn an_entry_decides_alone_and_a_missing_one_follows_the_role_or_nothing() {
        let (access, listed) = access(false, &[Action::Live]);
        assert_eq!(access.says(listed, Action::Live), Some(true));
        assert_eq!(access.says(listed, Action::Playback), Some(false));
        assert_eq!(access.says(CameraId::new(), Action::Live), None);
        let only = CameraAccess { only_listed: true, ..access };
        assert_eq!(only.says(CameraId::new(), Action::Live), Some(false));
    }

    #[test]
    fn only_actions_of_cameras_fit() {
        assert_eq!(access(false, &[Action::Export]).0.check(), Ok(()));
        let wrong = access(false, &[Action::ManageUsers]).0.check();
        assert_eq!(wrong, Err(CameraAccessError::NotOfCameras));
    }

    #[test]
    fn they_read_the_same_again() {
        let (access, _) = access(true, &[Action::Live, Action::Faces]);
        let text = serde_json::to_string(&access).expect("JSON");
        assert_eq!(serde_json::from_str::<CameraAccess>(&text).expect("ours"), access);
        assert_eq!(
            serde_json::from_str::<CameraAccess>("{}").expect("empty"),
            CameraAccess::default()
        );
    }
}
