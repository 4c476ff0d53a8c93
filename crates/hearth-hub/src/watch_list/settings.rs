//! What is set of the watch list: off unless somebody says so, in both its parts.

use hearth_model::WallTime;

use super::published::UID_BYTES_MAX;
use crate::{
    error::{Result, UseCaseError},
    place::is_url,
};

/// The list that the FBI publishes (<https://www.fbi.gov/wanted/api>), in whose form others may be.
const PUBLISHED_URL: &str = "https://api.fbi.gov/wanted/v1/list";

/// People taken from a published list: more than a person would review, and a search costs nothing.
const PUBLISHED_MAX: usize = 200;

/// Entries that do not come back; the oldest of more are forgotten.
const LEFT_OUT_MAX: usize = 500;

/// Headings of a published list (`poster_classification`). Missing people and those from whom a
/// statement is wanted are not among them: nobody is to be alarmed about those.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PublishedClass {
    /// The ten most wanted.
    Ten,
    /// Terrorists.
    Terrorist,
    /// All other fugitives.
    Default,
}

impl PublishedClass {
    /// Its name on the list.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ten => "ten",
            Self::Terrorist => "terrorist",
            Self::Default => "default",
        }
    }
}

/// What is set.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(default, deny_unknown_fields)]
pub struct WatchListSettings {
    /// Whether faces are compared with the list.
    pub is_on: bool,
    /// The published list.
    pub import: ImportSettings,
}

/// From where people are taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ImportSettings {
    /// Whether it is read, once a day.
    pub is_on: bool,
    /// Where. `https`, or `http` to this very machine.
    pub url: String,
    /// Which headings.
    pub classes: Vec<PublishedClass>,
    /// How many people at most: 1 to 200.
    pub most: usize,
    /// Entries that somebody took off by hand, and that do not come back.
    pub left_out: Vec<String>,
}

impl Default for ImportSettings {
    fn default() -> Self {
        Self {
            is_on: false,
            url: PUBLISHED_URL.to_owned(),
            classes: vec![PublishedClass::Ten],
            most: 50,
            left_out: Vec::new(),
        }
    }
}

/// How a reading of the published list ended.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(default)]
pub struct LastImport {
    /// When.
    pub at: Option<WallTime>,
    /// Why it was not read to its end; nobody was taken off then.
    pub error: Option<String>,
    /// People that were on it under the headings that are wanted.
    pub listed: usize,
    /// Those of them that are watched for now.
    pub kept: usize,
    /// How many of these are new.
    pub added: usize,
    /// How many were taken off, because the list names them no more.
    pub removed: usize,
    /// Those without a picture in which exactly one face is seen well enough.
    pub unusable: usize,
    /// The hosts that were asked.
    pub hosts: Vec<String>,
}

impl WatchListSettings {
    pub(super) const KEY: &'static str = "watch_list";

    pub(super) fn check(&mut self) -> Result<()> {
        let import = &mut self.import;
        import.classes.sort_unstable();
        import.classes.dedup();
        if !is_url(&import.url) {
            let text = "The address of a list begins with https:// and names a host.";
            return Err(UseCaseError::bad_input("bad_url", text));
        }
        let is_uid = |uid: &String| (1..=UID_BYTES_MAX).contains(&uid.len());
        if import.left_out.len() > LEFT_OUT_MAX || !import.left_out.iter().all(is_uid) {
            return Err(UseCaseError::bad_input("invalid", "So much is not left out."));
        }
        if !(1..=PUBLISHED_MAX).contains(&import.most) || import.classes.is_empty() {
            let text = format!("A list is read for 1 to {PUBLISHED_MAX} people of a heading.");
            return Err(UseCaseError::bad_input("invalid", text));
        }
        Ok(())
    }
}

impl ImportSettings {
    /// Leaves an entry out from now on.
    pub(super) fn leave_out(&mut self, uid: &str) {
        self.left_out.push(uid.to_owned());
        let too_many = self.left_out.len().saturating_sub(LEFT_OUT_MAX);
        self.left_out.drain(..too_many);
    }
}

impl LastImport {
    pub(super) const KEY: &'static str = "watch_list_import";
}
