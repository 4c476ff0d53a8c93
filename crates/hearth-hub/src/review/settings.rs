//! Whether pictures are queued, which, how many, and for how long.

use std::sync::PoisonError;

use hearth_auth::{HouseGrant, ask};
use hearth_face::embedded_face_model;

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

/// Name under which the settings are stored.
pub(super) const SETTING: &str = "review";

/// More than anybody looks through in a day.
const PER_DAY_MAX: u32 = 500;

/// Pictures of a house are not kept longer than a year, even without anybody in them.
const KEEP_DAYS_MAX: u32 = 365;

/// What is queued.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewSettings {
    /// Whether anything is.
    pub is_on: bool,
    /// An activity whose best score is below this is queued, 0 to 1.
    pub below_score: f32,
    /// At most so many a day, spread over cameras: 1 to 500. What people correct is not counted.
    pub per_day_max: u32,
    /// How long pictures are kept, in days: 1 to 365.
    pub keep_days: u32,
}

impl Default for ReviewSettings {
    /// promise: D-06. Nothing is kept unless somebody says so.
    fn default() -> Self {
        Self { is_on: false, below_score: 0.6, per_day_max: 50, keep_days: 30 }
    }
}

/// What is queued, and whether it can be.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ReviewSettingsView {
    /// What is queued.
    #[serde(flatten)]
    pub settings: ReviewSettings,
    /// Whether pictures can be made in which nobody is recognised. Where they cannot, none is.
    pub available: bool,
    /// Why not.
    pub reason: Option<&'static str>,
}

impl Hub {
    /// What is queued.
    pub fn review_settings(&self, _grant: &HouseGrant<ask::ReadEvents>) -> ReviewSettingsView {
        self.house().review_settings_view()
    }

    /// Changes what is queued. What is queued already stays for as long as it may be kept.
    ///
    /// # Errors
    /// `invalid` for numbers that make no sense.
    pub async fn set_review_settings(
        &self,
        _grant: &HouseGrant<ask::ManageCameras>,
        settings: ReviewSettings,
    ) -> Result<ReviewSettingsView> {
        let is_fit = (0.0..=1.0).contains(&settings.below_score)
            && (1..=PER_DAY_MAX).contains(&settings.per_day_max)
            && (1..=KEEP_DAYS_MAX).contains(&settings.keep_days);
        if !is_fit {
            let text = "A score lies between 0 and 1; up to 500 pictures a day are kept for 1 to 365 \
                        days.";
            return Err(UseCaseError::bad_input("invalid", text));
        }
        let house = self.house();
        house.store.put_setting(SETTING, &settings).await.map_err(store_error)?;
        *house.review.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        house.keep_snapshot().await;
        Ok(house.review_settings_view())
    }
}

impl House {
    fn review_settings_view(&self) -> ReviewSettingsView {
        let reason = self.why_no_reviews();
        let settings = self.review.settings();
        ReviewSettingsView { settings, available: reason.is_none(), reason }
    }

    /// Why no picture can be made in which nobody is recognised.
    pub(super) fn why_no_reviews(&self) -> Option<&'static str> {
        let status = self.eyes.as_ref().map(hearth_eyes::Eyes::status);
        match status.filter(|status| status.running) {
            _ if embedded_face_model().is_none() => {
                Some("This build has no face model, so nobody could be hidden.")
            }
            None => Some("The part of the hub that looks at pictures is not running."),
            Some(status) if status.model.is_none() => {
                Some("There is no object model, so nobody can say where people are.")
            }
            Some(_) => None,
        }
    }
}
