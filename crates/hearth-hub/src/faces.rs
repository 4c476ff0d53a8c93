//! What is done with faces in this house: how much of visitors is kept, and what recognises them.

use std::sync::{PoisonError, RwLock};

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_face::{FACE_MODEL_SHA256, OperatingPoint, embedded_face_model};
use hearth_model::{CameraId, CameraName};
use hearth_store::{Store, StoreError};

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

/// Name under which the settings are stored.
const SETTING: &str = "faces";

/// A year of visitors' pictures is more than anybody may need.
const RETENTION_DAYS_MAX: u32 = 365;

/// How much of visitors is shown in what is kept and sent (promises D-06, D-33).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// Every face is hidden before a picture of a visit is kept or sent.
    Strict,
    /// Faces of people who agreed to be known are shown, those of others are hidden.
    #[default]
    Moderate,
    /// Pictures are kept and sent as they are.
    Minimal,
}

/// What is done with faces.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FaceSettings {
    /// How much of visitors is shown.
    pub privacy: Privacy,
    /// Whether pictures of visits are kept at all.
    pub keep_pictures: bool,
    /// How long, in days.
    pub retention_days: u32,
}

impl Default for FaceSettings {
    /// promise: D-06. Nothing is kept unless somebody says so, and then for a week.
    fn default() -> Self {
        Self { privacy: Privacy::default(), keep_pictures: false, retention_days: 7 }
    }
}

/// What can be changed; what is left out stays.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FacePatch {
    /// How much of visitors is shown.
    pub privacy: Option<Privacy>,
    /// Whether pictures of visits are kept at all.
    pub keep_pictures: Option<bool>,
    /// How long, in days: 1 to 365.
    pub retention_days: Option<u32>,
}

/// What recognises faces here.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct FaceModelView {
    /// SHA-256 of the model's file.
    pub sha256: String,
    /// What finds faces.
    pub detector: &'static str,
}

/// What one camera does with faces.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct FaceCamera {
    /// Which.
    pub camera: CameraId,
    /// What it is called.
    pub name: CameraName,
    /// Whether it compares faces.
    pub faces: bool,
    /// Whether it looks at a door.
    pub visits: bool,
}

/// Faces in this house.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct FacesView {
    /// Whether faces can be recognised at the moment.
    pub available: bool,
    /// Why not.
    pub reason: Option<&'static str>,
    /// What recognises them.
    pub model: Option<FaceModelView>,
    /// Up to this distance a face is somebody's.
    pub threshold: f32,
    /// What is done with them.
    pub settings: FaceSettings,
    /// The cameras one may see.
    pub cameras: Vec<FaceCamera>,
}

/// The settings in force.
#[derive(Default)]
pub(crate) struct Faces(RwLock<FaceSettings>);

impl Faces {
    pub(crate) async fn open(store: &Store) -> std::result::Result<Self, StoreError> {
        let kept: Option<FaceSettings> = store.setting(SETTING).await?;
        Ok(Self(RwLock::new(kept.unwrap_or_default())))
    }

    pub(crate) fn settings(&self) -> FaceSettings {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Faces in this house, with the cameras one may see.
    pub fn faces(&self, grant: &HouseGrant<ask::ListCameras>) -> FacesView {
        self.house().faces_view(grant.principal())
    }

    /// Says how much of visitors is kept and shown. What is kept already and is now too much goes
    /// with the next sweep.
    ///
    /// # Errors
    /// `invalid` for a time that is none.
    pub async fn set_faces(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        patch: FacePatch,
    ) -> Result<FacesView> {
        let house = self.house();
        let now = house.faces.settings();
        let settings = FaceSettings {
            privacy: patch.privacy.unwrap_or(now.privacy),
            keep_pictures: patch.keep_pictures.unwrap_or(now.keep_pictures),
            retention_days: patch.retention_days.unwrap_or(now.retention_days),
        };
        if !(1..=RETENTION_DAYS_MAX).contains(&settings.retention_days) {
            let text = "Pictures of visits are kept for 1 to 365 days.";
            return Err(UseCaseError::bad_input("invalid", text));
        }
        house.store.put_setting(SETTING, &settings).await.map_err(store_error)?;
        *house.faces.0.write().unwrap_or_else(PoisonError::into_inner) = settings;
        house.keep_snapshot().await;
        Ok(house.faces_view(grant.principal()))
    }
}

impl House {
    fn faces_view(&self, to: &Principal) -> FacesView {
        let has_model = embedded_face_model().is_some();
        let has_eyes = self.eyes.as_ref().is_some_and(|eyes| eyes.status().running);
        let reason = match (has_model, has_eyes) {
            (false, _) => Some("This build has no face model."),
            (true, false) => Some("The part of the hub that looks at pictures is not running."),
            (true, true) => None,
        };
        let cameras = self.cameras.all();
        let visible = cameras.iter().filter(|one| self.policy.visible(to, one.id()));
        let camera = |camera: &std::sync::Arc<crate::camera::handle::Camera>| {
            let settings = camera.settings();
            FaceCamera {
                camera: camera.id(),
                name: settings.name.clone(),
                faces: settings.detection.faces,
                visits: settings.detection.visits,
            }
        };
        FacesView {
            available: reason.is_none(),
            reason,
            model: has_model.then(|| FaceModelView {
                sha256: FACE_MODEL_SHA256.to_string(),
                detector: "built_in",
            }),
            threshold: OperatingPoint::DEFAULT.threshold,
            settings: self.faces.settings(),
            cameras: visible.map(camera).collect(),
        }
    }
}
