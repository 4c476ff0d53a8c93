//! Secrets that cannot be printed and are wiped from memory.
//!
//! [`Secret`] has no `Display`, its `Debug` shows a mark, and it refuses to be serialised; the only
//! way to the value is [`Secret::expose`], which is easy to search for in a review.

#![forbid(unsafe_code)]

use zeroize::{Zeroize, Zeroizing};

/// A value that is never printed, compared in the open or serialised, and is wiped when dropped.
///
/// promise: K-07, T-15.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

/// A password, token or passphrase.
pub type SecretString = Secret<String>;

/// Key material of any length.
pub type SecretBytes = Secret<Vec<u8>>;

/// A 256-bit key.
pub type Key256 = Secret<[u8; 32]>;

/// Two 256-bit keys that are used together, such as those of AES-256-XTS.
pub type Key512 = Secret<[u8; 64]>;

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of the value.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Hands out the value. Call it at the last possible place, and never keep a copy.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl SecretBytes {
    /// The JSON form of a value with secrets in it.
    ///
    /// Written twice: first to count, then into room of exactly that size, because a buffer that
    /// grows leaves unwiped copies of its content behind.
    ///
    /// # Errors
    /// If the value has no JSON form.
    pub fn of_json(value: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        let mut length = Length(0);
        serde_json::to_writer(&mut length, value)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *bytes, value)?;
        Ok(Self(bytes))
    }
}

/// Counts bytes and keeps none.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<T: Zeroize> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

impl From<&str> for SecretString {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl<'de> serde::Deserialize<'de> for SecretString {
    /// Secrets come in (a password in a request body) but have no way out: there is no `Serialize`.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: K-07. A secret inside a debug print of anything stays hidden.
    #[test]
    fn debug_shows_a_mark_instead_of_the_value() {
        let secret = SecretString::from("hunter2");
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(secret.expose(), "hunter2");
    }

    /// promise: T-15. JSON with a secret in it is written into room of its exact size, so that no
    /// unwiped piece of it stays behind.
    #[test]
    fn json_with_a_secret_never_moves_while_it_is_written() {
        let value = [("password", "hunter2".repeat(100))];
        let json = SecretBytes::of_json(&value).expect("JSON");
        assert_eq!(json.expose().capacity(), json.expose().len());
        assert_eq!(*json.expose(), serde_json::to_vec(&value).expect("JSON"));
    }

    #[test]
    fn a_secret_is_read_from_json() {
        let secret: SecretString = serde_json::from_str("\"hunter2\"").expect("a string");
        assert_eq!(secret.expose(), "hunter2");
    }
}
