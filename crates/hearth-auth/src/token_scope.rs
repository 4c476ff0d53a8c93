//! What a program may do with its token: actions, cameras, hours. Pure data.
//!
//! A scope only narrows: the policy also asks whether the token's account may do the same, so a
//! token never outgrows the person it belongs to.

use std::collections::BTreeSet;

use hearth_model::{CameraId, Weekday};

use crate::Action;

/// What a token is for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenScope {
    /// What it may do.
    #[schema(value_type = Vec<Action>)]
    pub actions: BTreeSet<Action>,
    /// With which cameras; absent means those that its account may use.
    #[serde(default)]
    #[schema(value_type = Option<Vec<CameraId>>)]
    pub cameras: Option<BTreeSet<CameraId>>,
    /// When, in the house's local time; absent means always.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Whether an assistant with it asks a person before it changes something.
    #[serde(default)]
    pub asks: Asks,
    /// How often an assistant with it may call in a day; absent means as often as it can.
    #[serde(default)]
    pub calls_per_day: Option<u32>,
}

/// Whether a person is asked before an assistant changes something or takes something out of the
/// house.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// In the dashboard, each time.
    #[default]
    Always,
    /// The assistant passes on a yes, and is believed.
    Never,
}

/// Some hours on some days of the week, in local time.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// On which days they begin.
    pub days: Vec<Weekday>,
    /// From this minute of the day, 0 to 1439.
    pub from_minute: u16,
    /// Until this minute, 1 to 1440; not later than `from_minute` means on the next day.
    pub to_minute: u16,
}

/// Why a scope is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenScopeError {
    /// It permits nothing.
    #[error("a token is for at least one action")]
    NoAction,
    /// An action that programs never have.
    #[error("accounts and tokens are managed by people, not by tokens")]
    NotForPrograms,
    /// An empty or too long list of cameras.
    #[error("name 1 to {} cameras, or leave the list out", TokenScope::CAMERAS_MAX)]
    Cameras,
    /// Some cameras only, for what is about all of them.
    #[error("rules of the house see all cameras: leave them, or the list of cameras, out")]
    RulesOfSomeCameras,
    /// Hours that never come.
    #[error("hours name 1 to 7 days and minutes between 0 and 1440")]
    Hours,
}

const MINUTES_A_DAY: u16 = 24 * 60;

impl TokenScope {
    /// More cameras than a house has; bounds what is stored of a token.
    pub const CAMERAS_MAX: usize = 256;

    /// For these actions, at any hour and with all cameras of its account.
    pub fn of(actions: impl IntoIterator<Item = Action>) -> Self {
        Self {
            actions: actions.into_iter().collect(),
            cameras: None,
            hours: None,
            asks: Asks::default(),
            calls_per_day: None,
        }
    }

    /// Refuses what makes no sense.
    pub fn check(&self) -> Result<(), TokenScopeError> {
        if self.actions.is_empty() {
            return Err(TokenScopeError::NoAction);
        }
        if !self.actions.iter().all(|action| action.is_for_programs()) {
            return Err(TokenScopeError::NotForPrograms);
        }
        let fits = |cameras: &BTreeSet<_>| (1..=Self::CAMERAS_MAX).contains(&cameras.len());
        if !self.cameras.as_ref().is_none_or(fits) {
            return Err(TokenScopeError::Cameras);
        }
        if self.cameras.is_some() && self.actions.contains(&Action::ManageRules) {
            return Err(TokenScopeError::RulesOfSomeCameras);
        }
        if self.hours.as_ref().is_none_or(Hours::is_sound) {
            Ok(())
        } else {
            Err(TokenScopeError::Hours)
        }
    }

    /// Whether it is for this action, on this camera if the action is about one. Hours are asked
    /// for when the token is presented, not here: the policy knows no time.
    pub fn admits(&self, action: Action, camera: Option<CameraId>) -> bool {
        let on_camera = match (&self.cameras, camera) {
            (Some(cameras), Some(camera)) => cameras.contains(&camera),
            // What rules see and do is about all cameras.
            (Some(_), None) => action != Action::ManageRules,
            (None, _) => true,
        };
        on_camera && action.is_for_programs() && self.actions.contains(&action)
    }
}

impl Hours {
    fn is_sound(&self) -> bool {
        (1..=7).contains(&self.days.len())
            && self.from_minute < MINUTES_A_DAY
            && (1..=MINUTES_A_DAY).contains(&self.to_minute)
    }

    /// Minutes that are left of the hours at this day and minute; `None` outside of them.
    pub fn left_at(&self, day: Weekday, minute: u16) -> Option<u16> {
        let over_night = self.to_minute <= self.from_minute;
        let end_today = if over_night { MINUTES_A_DAY + self.to_minute } else { self.to_minute };
        if self.days.contains(&day) && (self.from_minute..end_today).contains(&minute) {
            return Some(end_today - minute);
        }
        let since_yesterday = over_night && self.days.contains(&day.previous());
        (since_yesterday && minute < self.to_minute).then(|| self.to_minute - minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(actions: &[Action]) -> TokenScope {
        TokenScope::of(actions.to_vec())
    }

    #[test]
    fn a_scope_admits_its_actions_on_its_cameras_only() {
        let camera = CameraId::new();
        let cameras = Some(BTreeSet::from([camera]));
        let scope = TokenScope { cameras, ..scope(&[Action::Live, Action::ListCameras]) };
        assert!(scope.admits(Action::Live, Some(camera)));
        assert!(!scope.admits(Action::Live, Some(CameraId::new())));
        assert!(!scope.admits(Action::Playback, Some(camera)));
        assert!(scope.admits(Action::ListCameras, None));
    }

    /// promise: V-03. A token cannot make accounts or further tokens.
    #[test]
    fn no_token_is_for_accounts_or_tokens() {
        for action in [Action::ManageUsers, Action::ManageTokens] {
            assert_eq!(scope(&[action]).check(), Err(TokenScopeError::NotForPrograms));
            assert!(!scope(&[action]).admits(action, None), "not even if it was stored");
        }
        assert_eq!(scope(&[]).check(), Err(TokenScopeError::NoAction));
        assert_eq!(scope(&[Action::Live]).check(), Ok(()));
    }

    /// promise: V-03, T-05. Rules see all cameras, so a token for some cameras makes none.
    #[test]
    fn a_token_for_some_cameras_is_not_for_rules() {
        let cameras = Some(BTreeSet::from([CameraId::new()]));
        let narrow = TokenScope { cameras, ..scope(&[Action::ManageRules]) };
        assert_eq!(narrow.check(), Err(TokenScopeError::RulesOfSomeCameras));
        assert!(!narrow.admits(Action::ManageRules, None), "not even if it was stored");
        assert!(scope(&[Action::ManageRules]).admits(Action::ManageRules, None));
    }

    #[test]
    fn hours_end_and_may_go_over_midnight() {
        let day = Hours { days: vec![Weekday::Monday], from_minute: 480, to_minute: 1020 };
        assert_eq!(day.left_at(Weekday::Monday, 480), Some(540));
        assert_eq!(day.left_at(Weekday::Monday, 1020), None);
        assert_eq!(day.left_at(Weekday::Tuesday, 480), None);
        let night = Hours { days: vec![Weekday::Monday], from_minute: 1320, to_minute: 360 };
        assert_eq!(night.left_at(Weekday::Monday, 1320), Some(480));
        assert_eq!(night.left_at(Weekday::Tuesday, 359), Some(1));
        assert_eq!(night.left_at(Weekday::Tuesday, 360), None);
        assert_eq!(night.left_at(Weekday::Monday, 100), None);
    }

    #[test]
    fn hours_that_never_come_are_refused() {
        for (days, from_minute, to_minute) in
            [(vec![], 0, 10), (vec![Weekday::Monday], 1440, 10), (vec![Weekday::Monday], 0, 0)]
        {
            let hours = Some(Hours { days, from_minute, to_minute });
            let scope = TokenScope { hours, ..scope(&[Action::Live]) };
            assert_eq!(scope.check(), Err(TokenScopeError::Hours));
        }
    }
}
