//! What some cameras want the password to go through first, because they keep it like that.
//!
//! `passwd_id` 5 is SHA-256-crypt (the `$5$` of Unix, Drepper 2007), 2 is SHA-1.

use std::fmt::Write as _;

use hearth_secret::SecretString;
use serde_json::Value;
use zeroize::Zeroizing;

use super::super::LoginError;
use crate::{
    Malformed,
    cipher::{hex_lower, sha1, sha256},
};

/// The default and the only number of rounds that was seen.
const ROUNDS_DEFAULT: u32 = 5_000;
/// A device that asks for more only wants to keep this machine busy.
const ROUNDS_MAX: u32 = 100_000;
/// What the algorithm takes of a salt.
const SALT_CHARS_MAX: usize = 16;
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Does what `extra_crypt` asks for.
pub(super) fn apply(extra: &Value, credential: &SecretString) -> Result<SecretString, LoginError> {
    if extra.get("type").and_then(Value::as_str) != Some("password_shadow") {
        return Err(LoginError::Unsupported("a TPAP password transformation"));
    }
    let params = extra.get("params").ok_or(Malformed::new("no parameters of the password"))?;
    match params.get("passwd_id").and_then(Value::as_u64) {
        Some(2) => Ok(SecretString::new(hex_lower(&sha1(&[credential.expose().as_bytes()])))),
        Some(5) => {
            let prefix = params.get("passwd_prefix").and_then(Value::as_str);
            let prefix = prefix.ok_or(Malformed::new("no prefix of the password"))?;
            Ok(crypt(credential, prefix)?)
        }
        _ => Err(LoginError::Unsupported("a TPAP password transformation")),
    }
}

/// SHA-256-crypt; the prefix is `$5$SALT$` or `$5$rounds=N$SALT$`.
fn crypt(password: &SecretString, prefix: &str) -> Result<SecretString, Malformed> {
    let wrong = Malformed::new("the prefix of the password is wrong");
    let rest = prefix.strip_prefix("$5$").ok_or(wrong)?;
    let (rounds, rest) = match rest.strip_prefix("rounds=") {
        None => (ROUNDS_DEFAULT, rest),
        Some(rest) => {
            let (count, rest) = rest.split_once('$').ok_or(wrong)?;
            (count.parse::<u32>().map_err(|_| wrong)?.max(1_000), rest)
        }
    };
    if rounds > ROUNDS_MAX || !rest.is_ascii() {
        return Err(wrong);
    }
    let salt = rest.split('$').next().unwrap_or_default();
    let salt = &salt.as_bytes()[..salt.len().min(SALT_CHARS_MAX)];
    let digest = stretched(password.expose().as_bytes(), salt, rounds);
    let mut text = prefix.to_owned();
    if !text.ends_with('$') {
        text.push('$');
    }
    push_encoded(&mut text, &digest);
    Ok(SecretString::new(text))
}

fn stretched(key: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let inner = sha256(&[key, salt, key]);
    let mut outer = Zeroizing::new([key, salt].concat());
    outer.extend(inner.iter().cycle().take(key.len()));
    let mut bits = key.len();
    while bits > 0 {
        outer.extend_from_slice(if bits & 1 == 1 { &inner } else { key });
        bits >>= 1;
    }
    let mut digest = sha256(&[&outer]);
    let stretch = |hash: [u8; 32], length: usize| -> Zeroizing<Vec<u8>> {
        Zeroizing::new(hash.iter().copied().cycle().take(length).collect())
    };
    let p = stretch(sha256(&vec![key; key.len()]), key.len());
    let s = stretch(sha256(&vec![salt; 16 + usize::from(digest[0])]), salt.len());
    for round in 0..rounds {
        let odd = round & 1 == 1;
        let parts: [&[u8]; 4] = [
            if odd { &p } else { &digest },
            if round % 3 != 0 { &s } else { &[] },
            if round % 7 != 0 { &p } else { &[] },
            if odd { &digest } else { &p },
        ];
        digest = sha256(&parts);
    }
    digest
}

/// The algorithm's own order of bytes, and base64 from the low end.
fn push_encoded(text: &mut String, digest: &[u8; 32]) {
    let mut push = |bytes: [u8; 3], chars: usize| {
        let mut word = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for _ in 0..chars {
            let digit = char::from(ALPHABET[(word & 63) as usize]);
            text.write_char(digit).expect("a String takes every write");
            word >>= 6;
        }
    };
    let (mut a, mut b, mut c) = (0, 10, 20);
    for _ in 0..10 {
        push([digest[a], digest[b], digest[c]], 4);
        (a, b, c) = ((c + 1) % 30, (a + 1) % 30, (b + 1) % 30);
    }
    push([0, digest[31], digest[30]], 3);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(extra: Value) -> Result<String, LoginError> {
        let credential = SecretString::from("09d0b757737aa16f47a96a1fa9a42049");
        apply(&extra, &credential).map(|text| text.expose().clone())
    }

    #[test]
    fn sha256_crypt_gives_the_text_of_the_vector() {
        let params = json!({"passwd_id": 5, "passwd_prefix": "$5$saltsalt$"});
        let text = applied(json!({"type": "password_shadow", "params": params}));
        let expected = "$5$saltsalt$EEab.DqAUjO2moCxXf2xYBLFK8vM/vzqvXyekZiFiIC";
        assert_eq!(text.as_deref(), Ok(expected));
    }

    #[test]
    fn unknown_transformations_and_senseless_rounds_are_refused() {
        let unknown = applied(json!({"type": "password_shadow", "params": {"passwd_id": 9}}));
        assert!(matches!(unknown, Err(LoginError::Unsupported(_))));
        let params = json!({"passwd_id": 5, "passwd_prefix": "$5$rounds=999999999$salt$"});
        let costly = applied(json!({"type": "password_shadow", "params": params}));
        assert!(matches!(costly, Err(LoginError::Malformed(_))));
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_prefixes_never_panic(prefix in "(\\$5\\$)?\\PC{0,40}") {
            crypt(&SecretString::from("x"), &prefix).ok();
        }
    }
}
