//! How a password is stored and recognised: Argon2id in a PHC string (promise V-09).
//!
//! One call costs about 30 ms and 19 MiB on purpose; run it off the event loop and few at a time.

use std::fmt;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use hearth_secret::SecretString;

use crate::random::random_bytes;

/// Longer than any password somebody types or a manager makes; bounds what is hashed.
pub const PASSWORD_BYTES_MAX: usize = 256;

// The OWASP Password Storage Cheat Sheet's first choice for Argon2id with one pass more: with two, a
// sign-in took 48.7 ms on two cores of a server, and it is meant to cost 50 to 250 (`bench sign-in`).
// More memory would hold up a small board that also records; raising these upgrades each account at
// its next sign-in.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

// 128 bits: RFC 9106, 3.1.
const SALT_BYTES: usize = 16;

// What a stored hash may ask of us. Above it, whoever changed the row wants our memory.
const MEMORY_KIB_MAX: u32 = 256 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 4;

/// Why a stored text is not the hash of a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Argon2id hash with acceptable parameters")]
pub struct PasswordHashError;

/// What is kept of a password: algorithm, parameters, salt and hash as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Whether a password is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not.
    Wrong,
    /// It is. If `needs_upgrade`, its hash was made with other parameters than today's: make a
    /// new one from the password at hand and store it.
    Right {
        /// Whether the stored hash is out of date.
        needs_upgrade: bool,
    },
}

impl PasswordHash {
    /// Hashes a password with a fresh salt. Whether it is good enough is asked before, with
    /// [`check_strength`](crate::check_strength).
    pub fn new(password: &SecretString) -> Self {
        let salt: [u8; SALT_BYTES] = random_bytes();
        let hash = hasher()
            .hash_password_with_salt(password.expose().as_bytes(), &salt)
            .expect("the parameters are constants that Argon2 accepts");
        Self(hash.to_string())
    }

    /// Reads a stored hash.
    pub fn parse(text: &str) -> Result<Self, PasswordHashError> {
        let hash = phc::PasswordHash::new(text).map_err(|_| PasswordHashError)?;
        let params = Params::try_from(&hash).map_err(|_| PasswordHashError)?;
        let acceptable = hash.algorithm == Algorithm::Argon2id.ident()
            && hash.salt.is_some()
            && hash.hash.is_some()
            && params.m_cost() <= MEMORY_KIB_MAX
            && params.t_cost() <= PASSES_MAX
            && params.p_cost() <= LANES_MAX;
        acceptable.then(|| Self(text.to_owned())).ok_or(PasswordHashError)
    }

    /// For storage only.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares a password with it.
    pub fn verify(&self, password: &SecretString) -> Verdict {
        let Ok(hash) = phc::PasswordHash::new(&self.0) else { return Verdict::Wrong };
        match hasher().verify_password(password.expose().as_bytes(), &hash) {
            Ok(()) => Verdict::Right { needs_upgrade: !is_current(&hash) },
            Err(_) => Verdict::Wrong,
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[password hash]")
    }
}

impl serde::Serialize for PasswordHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PasswordHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Does the work of a verification that cannot succeed, for a name that no account has.
///
/// Neither the answer nor its delay then tells whether the account exists (promise D-11).
pub fn verify_nobody(password: &SecretString) {
    let mut hash = [0; Params::DEFAULT_OUTPUT_LEN];
    hasher()
        .hash_password_into(password.expose().as_bytes(), &[0; SALT_BYTES], &mut hash)
        .expect("the parameters are constants that Argon2 accepts");
    std::hint::black_box(hash);
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constants within limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn is_current(hash: &phc::PasswordHash) -> bool {
    let current = |params: Params| {
        (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
    };
    hash.version == Some(Version::V0x13.into()) && Params::try_from(hash).is_ok_and(current)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // Of "correct horse" with m=64, t=1: what an earlier release might have stored.
    fn outdated(password: &str) -> PasswordHash {
        let params = Params::new(64, 1, 1, None).expect("valid");
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(password.as_bytes(), b"0123456789abcdef")
            .expect("valid");
        PasswordHash::parse(&hash.to_string()).expect("acceptable")
    }

    /// promise: V-09. Argon2id with a salt of its own, and the right password only.
    #[test]
    fn a_password_is_recognised_by_its_hash() {
        let password = SecretString::from("a fine long password");
        let (one, two) = (PasswordHash::new(&password), PasswordHash::new(&password));
        assert!(one.as_str().starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{}", one.as_str());
        assert_ne!(one, two);
        assert_eq!(one.verify(&password), Verdict::Right { needs_upgrade: false });
        assert_eq!(one.verify(&SecretString::from("a fine long Password")), Verdict::Wrong);
        assert_eq!(PasswordHash::parse(one.as_str()), Ok(one));
    }

    /// promise: V-09. A hash with yesterday's parameters still works and asks to be replaced.
    #[test]
    fn an_outdated_hash_asks_for_an_upgrade() {
        let verdict = outdated("correct horse").verify(&SecretString::from("correct horse"));
        assert_eq!(verdict, Verdict::Right { needs_upgrade: true });
    }

    #[test]
    fn a_hash_that_asks_for_too_much_is_refused() {
        let fine = outdated("x").as_str().to_owned();
        for (from, to) in [
            ("m=64", "m=4194304"),
            ("t=1", "t=9999"),
            ("p=1", "p=64"),
            ("argon2id", "argon2i"),
            ("$argon2id", "argon2id"),
        ] {
            assert_eq!(PasswordHash::parse(&fine.replace(from, to)), Err(PasswordHashError));
        }
    }

    #[test]
    fn a_hash_is_not_printed() {
        assert_eq!(format!("{:?}", outdated("x")), "[password hash]");
    }

    /// promise: D-11. An unknown name is hashed with the parameters that stored hashes have, so the
    /// work is the same.
    #[test]
    fn a_verification_for_nobody_uses_the_parameters_of_new_hashes() {
        let stored = PasswordHash::new(&SecretString::from("a fine long password"));
        let stored = phc::PasswordHash::new(stored.as_str()).expect("our own");
        assert!(is_current(&stored));
        verify_nobody(&SecretString::from("whatever"));
    }

    proptest! {
        #[test]
        fn any_stored_text_is_read_or_refused_without_panic(text in "\\PC{0,120}") {
            let _outcome = PasswordHash::parse(&text);
        }

        #[test]
        fn any_damage_to_a_hash_is_read_or_refused_without_panic(at in 0usize..90, byte in 32u8..127) {
            let mut bytes = outdated("x").as_str().as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            let text = String::from_utf8(bytes).expect("ASCII");
            if let Ok(hash) = PasswordHash::parse(&text) {
                let _outcome = hash.verify(&SecretString::from("x"));
            }
        }
    }
}
