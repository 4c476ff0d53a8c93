//! The first run: whoever reads the hub's terminal makes the first account (promise T-09).
//!
//! There is no default password. A claim code is printed where only the owner looks, lives for
//! fifteen minutes, survives few wrong guesses, and the door is gone once it was used. Renewing is
//! for whoever can make the hub print again.

use std::time::Duration;

use hearth_model::WallTime;
use hearth_secret::{Secret, SecretString};
use subtle::ConstantTimeEq as _;

use crate::random::random_bytes;

// Crockford's alphabet: no I, L, O, U, so nothing is misread and no word appears.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS: usize = 8;

// Longer than any way to type eight characters.
const INPUT_BYTES_MAX: usize = 64;

/// What the terminal shows: eight characters, 40 random bits.
#[derive(Clone, Debug)]
pub struct ClaimCode(Secret<[u8; CHARACTERS]>);

impl ClaimCode {
    fn generate() -> Self {
        let bytes: [u8; CHARACTERS] = random_bytes();
        // 256 is a multiple of 32, so the low five bits are as random as the byte.
        Self(Secret::new(bytes.map(|byte| ALPHABET[usize::from(byte & 31)])))
    }

    /// For the terminal: `XXXX-XXXX`.
    pub fn to_text(&self) -> SecretString {
        let text = |part: &[u8]| part.iter().map(|byte| char::from(*byte)).collect::<String>();
        let (left, right) = self.0.expose().split_at(CHARACTERS / 2);
        SecretString::new(format!("{}-{}", text(left), text(right)))
    }

    /// Whether somebody typed it: case, spaces and dashes do not matter, and `O`, `I`, `L` are read
    /// as the digits they look like.
    fn matches(&self, text: &str) -> bool {
        if text.len() > INPUT_BYTES_MAX {
            return false;
        }
        let typed: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-')
            .map(|byte| match byte.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            })
            .collect();
        self.0.expose().as_slice().ct_eq(&typed).into()
    }
}

/// Why a claim is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// Another code.
    #[error("this is not the code that the hub shows")]
    WrongCode,
    /// Too old, or guessed at too often: the hub has to show another.
    #[error("this code is no longer valid; restart the hub to see a new one")]
    Expired,
    /// The house has an owner.
    #[error("this hub has already been set up")]
    Closed,
}

/// Whether the house can be claimed, and with what.
#[derive(Debug)]
pub struct Claim {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    code: ClaimCode,
    expires_at: WallTime,
    tries_left: u32,
}

impl Claim {
    /// How long a code is valid.
    pub const LIFETIME: Duration = Duration::from_secs(15 * 60);
    /// Wrong guesses before a code is void: ten of 2^40.
    pub const TRIES_MAX: u32 = 10;

    /// For a house that has accounts already.
    pub const fn closed() -> Self {
        Self { open: None }
    }

    /// For a house without accounts, with the code to show.
    pub fn open(now: WallTime) -> (Self, ClaimCode) {
        let code = ClaimCode::generate();
        let expires_at = now.plus_micros(Self::LIFETIME.as_micros() as i64);
        let open = Open { code: code.clone(), expires_at, tries_left: Self::TRIES_MAX };
        (Self { open: Some(open) }, code)
    }

    /// A new code in place of the old one; `None` if the house has been claimed.
    pub fn renew(&mut self, now: WallTime) -> Option<ClaimCode> {
        self.open.as_ref()?;
        let (claim, code) = Self::open(now);
        *self = claim;
        Some(code)
    }

    /// Whether the house waits to be claimed.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether the code at hand has to be renewed before anybody can use it.
    pub fn is_expired(&self, now: WallTime) -> bool {
        self.open.as_ref().is_some_and(|open| open.tries_left == 0 || now >= open.expires_at)
    }

    /// Compares a code without using it up, so that a refused name or password can be corrected.
    /// A wrong one counts.
    ///
    /// The caller keeps `self` locked from here to [`Claim::close`], or two could claim at once.
    pub fn check(&mut self, code: &str, now: WallTime) -> Result<(), ClaimError> {
        let open = self.open.as_mut().ok_or(ClaimError::Closed)?;
        if open.tries_left == 0 || now >= open.expires_at {
            return Err(ClaimError::Expired);
        }
        if open.code.matches(code) {
            return Ok(());
        }
        open.tries_left -= 1;
        Err(ClaimError::WrongCode)
    }

    /// The first account exists: no code works any more.
    pub fn close(&mut self) {
        self.open = None;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: WallTime = WallTime::from_micros(1_800_000_000_000_000);

    fn after(seconds: i64) -> WallTime {
        START.plus_micros(seconds * 1_000_000)
    }

    /// promise: T-09. The code on the terminal opens the house, once.
    #[test]
    fn the_shown_code_works_until_the_house_is_claimed() {
        let (mut claim, code) = Claim::open(START);
        let code = code.to_text().expose().clone();
        assert_eq!(code.len(), 9);
        assert_eq!(claim.check(&code, after(1)), Ok(()));
        assert_eq!(claim.check(&code.to_lowercase().replace('-', " "), after(2)), Ok(()));
        claim.close();
        assert_eq!(claim.check(&code, after(3)), Err(ClaimError::Closed));
        assert!(claim.renew(after(4)).is_none());
    }

    /// promise: T-09. A code left on the screen is worthless after a quarter of an hour.
    #[test]
    fn a_code_expires_and_can_be_renewed() {
        let (mut claim, code) = Claim::open(START);
        let text = code.to_text();
        assert_eq!(claim.check(text.expose(), after(15 * 60)), Err(ClaimError::Expired));
        assert!(claim.is_expired(after(15 * 60)));
        let renewed = claim.renew(after(15 * 60)).expect("still open");
        assert_eq!(claim.check(renewed.to_text().expose(), after(16 * 60)), Ok(()));
        assert_eq!(claim.check(text.expose(), after(16 * 60)), Err(ClaimError::WrongCode));
    }

    /// promise: T-09. Guessing ends before it gets anywhere.
    #[test]
    fn ten_wrong_guesses_void_a_code() {
        let (mut claim, code) = Claim::open(START);
        for _ in 0..Claim::TRIES_MAX {
            assert_eq!(claim.check("no", START), Err(ClaimError::WrongCode));
        }
        assert_eq!(claim.check(code.to_text().expose(), START), Err(ClaimError::Expired));
    }

    #[test]
    fn characters_that_look_alike_are_read_as_the_digit() {
        let code = ClaimCode(Secret::new(*b"01A01B1Z"));
        assert_eq!(code.to_text().expose(), "01A0-1B1Z");
        assert!(code.matches("oia0-lb1z"));
        assert!(!code.matches("oia0-lb1"));
        assert!(!code.matches("oia0-lb1zz"));
    }

    proptest! {
        #[test]
        fn any_text_is_compared_without_panic(text in "\\PC{0,80}") {
            let (mut claim, _) = Claim::open(START);
            prop_assert!(claim.check(&text, START).is_err());
        }
    }
}
