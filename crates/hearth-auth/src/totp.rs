//! One-time codes from an authenticator app (RFC 6238 over RFC 4226), and the recovery codes for
//! the day it is lost.
//!
//! Pure: whether a code was used before is the store's to say; what is compared here is handed over
//! as the number of its time step. Codes are compared without telling how much of them was right.

use std::time::Duration;

use aws_lc_rs::hmac;
use hearth_model::WallTime;
use hearth_secret::{Secret, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::TokenHash;
use crate::random::random_bytes;

// What every authenticator app understands: SHA-1, six digits, half a minute (the defaults of the
// key URI format). HMAC-SHA-1 is not weakened by SHA-1's collisions.
const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
const MODULUS: u32 = 1_000_000;

// RFC 4226, 4: at least 128 bits, 160 recommended.
const SECRET_BYTES: usize = 20;

// Steps before and after now whose code is taken: a clock may be half a minute off.
const STEPS_OFF_MAX: i64 = 1;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an authenticator app and the hub share.
#[derive(Clone, Debug)]
pub struct TotpSecret(Secret<[u8; SECRET_BYTES]>);

impl TotpSecret {
    /// A new one.
    pub fn generate() -> Self {
        Self(Secret::new(random_bytes()))
    }

    /// From its sealed storage.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Secret::new(bytes.try_into().ok()?)))
    }

    /// For its sealed storage.
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// To type into an app: base32 (RFC 4648, 6), 32 characters.
    pub fn to_text(&self) -> SecretString {
        let mut text = String::with_capacity(32);
        for chunk in self.0.expose().chunks_exact(5) {
            let mut bits =
                chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) << 24;
            for _ in 0..8 {
                text.push(char::from(BASE32[(bits >> 59) as usize & 31]));
                bits <<= 5;
            }
        }
        SecretString::new(text)
    }

    /// To show as a QR code: the key URI that apps read.
    pub fn to_uri(&self, account: &str) -> SecretString {
        let mut label = String::new();
        for byte in account.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                label.push(char::from(byte));
            } else {
                label.push_str(&format!("%{byte:02X}"));
            }
        }
        let secret = self.to_text();
        SecretString::new(format!(
            "otpauth://totp/Hearthwatch:{label}?secret={}&issuer=Hearthwatch&digits=6&period=30",
            secret.expose()
        ))
    }

    /// The code of a time step.
    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.expose());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let bytes = tag.as_ref();
        // RFC 4226, 5.3: the last four bits say where to read; 15 + 4 are inside 20 bytes.
        let offset = bytes.last().map_or(0, |byte| usize::from(byte & 15));
        let word = bytes.get(offset..offset + 4).and_then(|word| word.try_into().ok());
        let number = u32::from_be_bytes(word.unwrap_or_default()) & 0x7fff_ffff;
        format!("{:0DIGITS$}", number % MODULUS)
    }

    /// The time step whose code this is, now or half a minute before or after.
    ///
    /// A step may be used once: the caller refuses one that is not later than the last one used.
    pub fn step_of(&self, code: &str, now: WallTime) -> Option<i64> {
        let typed: String = code.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
        let current = now.as_micros().div_euclid(STEP_SECONDS * 1_000_000);
        let mut found = None;
        // All are compared, so that the time taken does not tell which one it was.
        for step in current - STEPS_OFF_MAX..=current + STEPS_OFF_MAX {
            if bool::from(self.code(step).as_bytes().ct_eq(typed.as_bytes())) {
                found = Some(step);
            }
        }
        found
    }

    /// How long one code is shown.
    pub const STEP: Duration = Duration::from_secs(STEP_SECONDS.unsigned_abs());
}

/// A code for the day when the authenticator is lost: 80 random bits, used once, stored as a hash.
#[derive(Clone, Debug)]
pub struct RecoveryCode(SecretString);

// Crockford's alphabet, as in the claim code: nothing is misread.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RECOVERY_CHARACTERS: usize = 16;

// Longer than any way to type sixteen characters.
const INPUT_BYTES_MAX: usize = 64;

impl RecoveryCode {
    /// Codes of one set: enough for years, few enough to print.
    pub const SET: usize = 10;

    /// A new one.
    pub fn generate() -> Self {
        let bytes: [u8; RECOVERY_CHARACTERS] = random_bytes();
        let letters = bytes.map(|byte| char::from(CROCKFORD[usize::from(byte & 31)]));
        Self(SecretString::new(letters.iter().collect()))
    }

    /// Reads what somebody typed: case, spaces and dashes do not matter, and `O`, `I`, `L` are the
    /// digits they look like.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > INPUT_BYTES_MAX {
            return None;
        }
        let letters: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let fits = letters.len() == RECOVERY_CHARACTERS
            && letters.bytes().all(|byte| CROCKFORD.contains(&byte));
        fits.then(|| Self(SecretString::new(letters)))
    }

    /// To print: `XXXX-XXXX-XXXX-XXXX`.
    pub fn to_text(&self) -> SecretString {
        let letters: Vec<char> = self.0.expose().chars().collect();
        let parts: Vec<String> = letters.chunks(4).map(|part| part.iter().collect()).collect();
        SecretString::new(parts.join("-"))
    }

    /// What is stored and looked up. A fast hash is enough: nobody tries 2^80 codes.
    pub fn hash(&self) -> TokenHash {
        TokenHash::from_bytes(Sha256::digest(self.0.expose().as_bytes()).into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> WallTime {
        WallTime::from_micros(seconds * 1_000_000)
    }

    fn rfc() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").expect("20 bytes")
    }

    /// RFC 6238, appendix B, the SHA-1 rows, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().step_of(code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_taken_half_a_minute_around_its_time() {
        let code = "287082";
        for seconds in [0, 29, 30, 59, 60, 89] {
            assert_eq!(rfc().step_of(code, at(seconds)), Some(1), "{seconds}");
        }
        assert_eq!(rfc().step_of(code, at(90)), None);
        assert_eq!(rfc().step_of(" 287 082 ", at(59)), Some(1));
        for wrong in ["", "28708", "2870822", "287083", "０287082"] {
            assert_eq!(rfc().step_of(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn the_secret_is_shown_as_apps_read_it() {
        assert_eq!(rfc().to_text().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = rfc().to_uri("anna b");
        assert!(uri.expose().starts_with("otpauth://totp/Hearthwatch:anna%20b?secret=GEZDGNBV"));
    }

    #[test]
    fn a_recovery_code_is_read_however_it_is_typed() {
        let code = RecoveryCode::generate();
        let text = code.to_text().expose().clone();
        assert_eq!(text.len(), 19);
        let typed = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(RecoveryCode::parse(&typed).expect("read").hash(), code.hash());
        assert_ne!(RecoveryCode::generate().hash(), code.hash());
        assert!(RecoveryCode::parse("1234-5678").is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_compared_without_panic(text in "\\PC{0,80}", seconds in any::<i32>()) {
            let _step = rfc().step_of(&text, at(seconds.into()));
            let _code = RecoveryCode::parse(&text);
        }
    }
}
