//! Tokens for programs: what is shown once, what is stored, and when one may be used (promise V-02).
//!
//! A token is 256 random bits, so only its hash is stored and no guess needs to be slowed down.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_model::{FamilyId, TokenId, UserId, WallTime};
use hearth_secret::{Key256, SecretString};
use sha2::{Digest as _, Sha256};

use crate::random::random_bytes;
use crate::{Network, TokenHash, TokenScope};

// Scanners for leaked secrets recognise a prefix.
const TOKEN_PREFIX: &str = "hw_";
const REFRESH_PREFIX: &str = "hwr_";

/// What a program presents: shown once, when it is made.
#[derive(Clone, Debug)]
pub struct ApiTokenSecret(Key256);

impl ApiTokenSecret {
    /// A new one.
    pub fn generate() -> Self {
        Self(Key256::new(random_bytes()))
    }

    /// `hw_` and 43 characters of base64url.
    pub fn to_text(&self) -> SecretString {
        SecretString::new(format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(self.0.expose())))
    }

    /// Reads what a program presents.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(TOKEN_PREFIX)?;
        // 32 bytes are 43 characters.
        if digits.len() != 43 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(digits).ok()?;
        Some(Self(Key256::new(bytes.try_into().ok()?)))
    }

    /// What is stored and looked up.
    pub fn hash(&self) -> TokenHash {
        TokenHash::from_bytes(Sha256::digest(self.0.expose()).into())
    }
}

/// What a program trades for its next access token: the family it belongs to, and a secret that
/// works once. One that was used already ends the whole family (RFC 9700, 4.14.2).
#[derive(Clone, Debug)]
pub struct RefreshToken {
    family: FamilyId,
    secret: Key256,
}

impl RefreshToken {
    /// The next one of a family.
    pub fn generate(family: FamilyId) -> Self {
        Self { family, secret: Key256::new(random_bytes()) }
    }

    /// Which family.
    pub fn family(&self) -> FamilyId {
        self.family
    }

    /// `hwr_` and 64 characters of base64url.
    pub fn to_text(&self) -> SecretString {
        let mut bytes = [0; 48];
        let (family, secret) = bytes.split_at_mut(16);
        family.copy_from_slice(self.family.as_bytes());
        secret.copy_from_slice(self.secret.expose());
        SecretString::new(format!("{REFRESH_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads what a program presents.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(REFRESH_PREFIX)?;
        // 48 bytes are 64 characters.
        if digits.len() != 64 {
            return None;
        }
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(digits).ok()?.try_into().ok()?;
        let (family, secret) = bytes.split_first_chunk::<16>()?;
        let family = FamilyId::from_bytes(*family);
        Some(Self { family, secret: Key256::new(secret.try_into().ok()?) })
    }

    /// What is stored and compared.
    pub fn hash(&self) -> TokenHash {
        TokenHash::from_bytes(Sha256::digest(self.secret.expose()).into())
    }
}

/// What a token is called: one line of 1 to 64 characters.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct TokenName(String);

impl TokenName {
    /// As long as a line of a list.
    pub const CHARACTERS_MAX: usize = 64;

    /// `None` for control characters, space at the ends, nothing, or too much.
    pub fn new(text: &str) -> Option<Self> {
        let length = text.chars().take(Self::CHARACTERS_MAX + 1).count();
        let valid = (1..=Self::CHARACTERS_MAX).contains(&length)
            && text.trim() == text
            && !text.chars().any(char::is_control);
        valid.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> serde::Deserialize<'de> for TokenName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unfit = "a name is one line of 1 to 64 characters without control characters";
        Self::new(&text).ok_or_else(|| serde::de::Error::custom(unfit))
    }
}

/// A token as it is stored, next to its hash.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ApiToken {
    /// Its id.
    pub id: TokenId,
    /// Whose it is: it never may more than this account.
    pub user: UserId,
    /// What it is called.
    pub name: TokenName,
    /// What it is for.
    pub scope: TokenScope,
    /// From where it may be used; empty means from anywhere.
    pub networks: Vec<Network>,
    /// When it was made.
    pub created_at: WallTime,
    /// When it ends.
    pub expires_at: WallTime,
    /// When it was last used, to within a minute.
    pub used_at: Option<WallTime>,
    /// From where.
    pub used_from: Option<IpAddr>,
}

impl ApiToken {
    /// Longest life: whoever runs a program looks at its token once a year.
    pub const LIFETIME_MAX: Duration = Duration::from_secs(366 * 86_400);
    /// Life unless somebody says otherwise.
    pub const LIFETIME: Duration = Duration::from_secs(90 * 86_400);
    /// Networks of one token.
    pub const NETWORKS_MAX: usize = 16;
    /// `used_at` is written at most this often, or each request would be a write.
    pub const TOUCH_INTERVAL_MICROS: i64 = 60_000_000;

    /// Whether it may be used from an address now; its hours are asked for beside this.
    pub fn is_usable(&self, address: IpAddr, now: WallTime) -> bool {
        let from = |network: &Network| network.contains(address);
        now < self.expires_at && (self.networks.is_empty() || self.networks.iter().any(from))
    }

    /// Whether its use should be written down again.
    pub fn needs_touch(&self, now: WallTime, address: IpAddr) -> bool {
        let fresh = |at: WallTime| (0..Self::TOUCH_INTERVAL_MICROS).contains(&now.micros_since(at));
        !self.used_at.is_some_and(fresh) || self.used_from != Some(address)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Action;

    const START: WallTime = WallTime::from_micros(1_800_000_000_000_000);

    fn token(networks: &[&str]) -> ApiToken {
        let parse = |text: &&str| text.parse().expect("a network");
        ApiToken {
            id: TokenId::new(),
            user: UserId::new(),
            name: TokenName::new("panel").expect("a name"),
            scope: TokenScope::of([Action::Live]),
            networks: networks.iter().map(parse).collect(),
            created_at: START,
            expires_at: START.plus_micros(1_000_000),
            used_at: None,
            used_from: None,
        }
    }

    /// promise: V-02. What is shown is read again, what is stored is not what is shown.
    #[test]
    fn a_secret_is_shown_once_and_found_by_its_hash() {
        let secret = ApiTokenSecret::generate();
        let text = secret.to_text();
        let read = ApiTokenSecret::parse(text.expose()).expect("ours");
        assert_eq!(read.hash(), secret.hash());
        assert_ne!(ApiTokenSecret::generate().hash(), secret.hash());
        assert!(ApiTokenSecret::parse(&text.expose()[3..]).is_none());
        let refresh = RefreshToken::generate(FamilyId::new());
        let again = RefreshToken::parse(refresh.to_text().expose()).expect("ours");
        assert_eq!((again.family(), again.hash()), (refresh.family(), refresh.hash()));
        assert!(ApiTokenSecret::parse(refresh.to_text().expose()).is_none());
        assert_eq!(format!("{secret:?}"), "ApiTokenSecret([secret])");
    }

    #[test]
    fn a_token_ends_and_keeps_to_its_networks() {
        let (home, away) = ([192, 168, 1, 5].into(), [203, 0, 113, 9].into());
        let anywhere = token(&[]);
        assert!(anywhere.is_usable(away, START));
        assert!(!anywhere.is_usable(away, START.plus_micros(1_000_000)));
        let bound = token(&["192.168.1.0/24", "10.0.0.1"]);
        assert!(bound.is_usable(home, START));
        assert!(!bound.is_usable(away, START));
    }

    #[test]
    fn a_use_is_written_down_once_a_minute_and_from_each_new_address() {
        let (home, away) = ([192, 168, 1, 5].into(), [203, 0, 113, 9].into());
        let used = ApiToken { used_at: Some(START), used_from: Some(home), ..token(&[]) };
        assert!(!used.needs_touch(START.plus_micros(59_999_999), home));
        assert!(used.needs_touch(START.plus_micros(60_000_000), home));
        assert!(used.needs_touch(START, away));
        assert!(used.needs_touch(START.plus_micros(-1), home), "the clock stepped back");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "(hw_|hwr_)?[A-Za-z0-9_=-]{0,70}") {
            if let Some(secret) = ApiTokenSecret::parse(&text) {
                let shown = secret.to_text();
                prop_assert_eq!(shown.expose(), &text);
            }
            if let Some(token) = RefreshToken::parse(&text) {
                let shown = token.to_text();
                prop_assert_eq!(shown.expose(), &text);
            }
        }
    }
}
