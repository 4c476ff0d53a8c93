//! Whose PINs there are. Kept of a PIN is its Argon2id hash, under the seal of the house.

use hearth_auth::{PasswordHash, Verdict};
use hearth_rules::alarm::{PinMatch, PinVerifier};
use hearth_secret::SecretString;

use crate::{
    error::{Result, UseCaseError},
    name::PersonName,
};

/// People with a PIN. All hashes are tried each time, 30 ms each.
const HOLDERS_MAX: usize = 16;

/// Digits of a PIN.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

/// Somebody with a PIN.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Holder {
    name: PersonName,
    /// PHC string.
    hash: String,
    /// Of the PIN that disarms and calls for help without a sign.
    duress_hash: Option<String>,
}

/// All of them.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Pins(Vec<Holder>);

/// Somebody with a PIN.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PinView {
    /// Whose.
    pub holder: PersonName,
    /// Whether there is one for when they are forced to disarm.
    pub has_duress_pin: bool,
}

impl Pins {
    pub(super) fn views(&self) -> Vec<PinView> {
        let view = |holder: &Holder| PinView {
            holder: holder.name.clone(),
            has_duress_pin: holder.duress_hash.is_some(),
        };
        self.0.iter().map(view).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With the PIN of somebody, in place of the one they had.
    pub(super) fn with(
        &self,
        name: PersonName,
        pin: &SecretString,
        duress_pin: Option<&SecretString>,
    ) -> Result<Self> {
        for pin in [Some(pin), duress_pin].into_iter().flatten() {
            check_form(pin)?;
        }
        let mut others = self.clone();
        others.0.retain(|holder| holder.name != name);
        if others.0.len() >= HOLDERS_MAX {
            let text = "There are as many PINs as there may be. Remove one first.";
            return Err(UseCaseError::bad_input("too_many", text));
        }
        let is_taken = |pin: &SecretString| others.verify(pin) != PinMatch::Wrong;
        let are_same = duress_pin.is_some_and(|duress| duress.expose() == pin.expose());
        if are_same || is_taken(pin) || duress_pin.is_some_and(is_taken) {
            // Whose it is would be a help to whoever asks.
            let text = "Choose another PIN: each means one thing.";
            return Err(UseCaseError::bad_input("pin_taken", text));
        }
        let hash = |pin: &SecretString| PasswordHash::new(pin).as_str().to_owned();
        others.0.push(Holder { name, hash: hash(pin), duress_hash: duress_pin.map(hash) });
        Ok(others)
    }

    /// Without the PIN of somebody; `None` if they had none.
    pub(super) fn without(&self, name: &PersonName) -> Option<Self> {
        let mut others = self.clone();
        others.0.retain(|holder| holder.name != *name);
        (others.0.len() < self.0.len()).then_some(others)
    }
}

impl PinVerifier for Pins {
    fn verify(&self, pin: &SecretString) -> PinMatch {
        let fits = |hash: &str| {
            let hash = PasswordHash::parse(hash).ok();
            hash.is_some_and(|hash| matches!(hash.verify(pin), Verdict::Right { .. }))
        };
        // All of them, so that the time tells nothing.
        self.0.iter().fold(PinMatch::Wrong, |found, Holder { name, hash, duress_hash }| {
            let is_right = fits(hash);
            let is_forced = duress_hash.as_deref().is_some_and(fits);
            let holder = || name.to_string();
            match (is_right, is_forced) {
                (true, _) => PinMatch::Right { holder: holder() },
                (_, true) => PinMatch::Duress { holder: holder() },
                _ => found,
            }
        })
    }
}

/// Refuses what is no PIN, and what everybody tries first.
fn check_form(pin: &SecretString) -> Result<()> {
    let digits = pin.expose().as_bytes();
    if !DIGITS.contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(UseCaseError::bad_input("bad_pin", "A PIN has 4 to 12 digits."));
    }
    let steps = digits.windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
    let is_run = [-1, 0, 1].into_iter().any(|step| steps.clone().all(|by| by == step));
    if is_run {
        let text = "Choose a PIN that is not a row of digits: it is tried first.";
        return Err(UseCaseError::bad_input("weak_pin", text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(text: &str) -> SecretString {
        SecretString::new(text.to_owned())
    }

    fn name(text: &str) -> PersonName {
        PersonName::new(text).expect("a name")
    }

    fn code<T>(result: Result<T>) -> Option<&'static str> {
        result.err().map(|error| error.code)
    }

    #[test]
    fn a_pin_is_its_holders_and_nobody_elses() {
        let pins = Pins::default().with(name("Anna"), &pin("2580"), Some(&pin("8520")));
        let pins = pins.expect("good PINs");
        assert_eq!(pins.verify(&pin("2580")), PinMatch::Right { holder: "Anna".to_owned() });
        assert_eq!(pins.verify(&pin("8520")), PinMatch::Duress { holder: "Anna".to_owned() });
        assert_eq!(pins.verify(&pin("2581")), PinMatch::Wrong);
        for taken in ["2580", "8520"] {
            assert_eq!(code(pins.with(name("Ben"), &pin(taken), None)), Some("pin_taken"));
            let duress = pin(taken);
            let both = pins.with(name("Ben"), &pin("7391"), Some(&duress));
            assert_eq!(code(both), Some("pin_taken"));
        }
        let same = pins.with(name("Ben"), &pin("7391"), Some(&pin("7391")));
        assert_eq!(code(same), Some("pin_taken"));
        let changed = pins.with(name("Anna"), &pin("7391"), None).expect("hers");
        assert_eq!(changed.verify(&pin("2580")), PinMatch::Wrong);
        assert_eq!(changed.views().len(), 1);
        let nobody = changed.without(&name("Anna")).expect("removed");
        assert!(nobody.is_empty() && nobody.without(&name("Anna")).is_none());
    }

    #[test]
    fn what_everybody_tries_first_is_no_pin() {
        for weak in ["0000", "1234", "987654", "111111111111"] {
            assert_eq!(code(check_form(&pin(weak))), Some("weak_pin"), "{weak}");
        }
        for bad in ["", "123", "1234567890123", "12a4", "１２３４"] {
            assert_eq!(code(check_form(&pin(bad))), Some("bad_pin"), "{bad}");
        }
    }

    /// promise: T-17. Neither a PIN nor what is kept of it is printed with the list of holders.
    #[test]
    fn the_list_of_holders_has_no_pin() {
        let pins = Pins::default().with(name("Anna"), &pin("2580"), None).expect("a good PIN");
        let json = serde_json::to_string(&pins).expect("JSON");
        assert!(!json.contains("2580") && json.contains("argon2id"));
        let views = serde_json::to_string(&pins.views()).expect("JSON");
        assert_eq!(views, r#"[{"holder":"Anna","has_duress_pin":false}]"#);
    }
}
