//! Tokens: the names by which a device knows its profiles, presets, sources and nodes.

use serde::Serialize;

/// Why a text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token has 1 to {} characters and no control characters", Token::CHARS_MAX)]
pub struct TokenError;

/// A `tt:ReferenceToken`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// The schema allows 64; some devices do not care.
    pub const CHARS_MAX: usize = 256;

    /// The token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let fits = !text.is_empty()
            && text.chars().count() <= Self::CHARS_MAX
            && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(TokenError) }
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
