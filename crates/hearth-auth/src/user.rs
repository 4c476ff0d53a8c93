//! Accounts.

use std::fmt;

use hearth_model::{Role, UserId, WallTime};

use crate::{CameraAccess, PasswordHash};

/// The name somebody signs in with.
///
/// Two names that differ only in upper and lower case are the same account: see [`UserName::key`].
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct UserName(String);

impl UserName {
    /// Long enough for an e-mail address.
    pub const CHARACTERS_MAX: usize = 64;

    /// One line of 1 to 64 characters, no control characters, no space at the ends; `None` for
    /// anything else.
    pub fn new(text: &str) -> Option<Self> {
        let length = text.chars().take(Self::CHARACTERS_MAX + 1).count();
        let valid = (1..=Self::CHARACTERS_MAX).contains(&length)
            && text.trim() == text
            && !text.chars().any(char::is_control);
        valid.then(|| Self(text.to_owned()))
    }

    /// The text as it was chosen.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What accounts are compared and found by.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> serde::Deserialize<'de> for UserName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| {
            serde::de::Error::custom(
                "a user name is one line of 1 to 64 characters without control characters",
            )
        })
    }
}

/// An account. It can be serialised only for the sealed copy of the house, never for an answer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What it signs in with.
    pub name: UserName,
    /// What it may do.
    pub role: Role,
    /// How its password is recognised.
    pub password: PasswordHash,
    /// When it was made.
    pub created_at: WallTime,
    /// Since when it may not sign in, if so.
    pub disabled_at: Option<WallTime>,
    /// When it ends by itself, for guests.
    #[serde(default)]
    pub expires_at: Option<WallTime>,
    /// Its password was chosen by somebody else: nothing but changing it works.
    #[serde(default)]
    pub must_change_password: bool,
    /// What it may do with single cameras.
    #[serde(default)]
    pub camera_access: CameraAccess,
}

impl User {
    /// Whether it can be used now.
    pub fn is_active(&self, now: WallTime) -> bool {
        self.disabled_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_visible_line() {
        assert!(UserName::new("Anna Ö").is_some());
        for bad in ["", " anna", "anna ", "an\nna", "an\0na", &"x".repeat(65)] {
            assert!(UserName::new(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn names_that_differ_in_case_are_the_same_account() {
        let key = |text| UserName::new(text).map(|name| name.key());
        assert_eq!(key("Anna"), key("aNNA"));
    }
}
