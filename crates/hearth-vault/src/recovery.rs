//! The recovery key: 256 random bits on paper that open the vault when every other key is lost.
//!
//! Only its public half stays (X25519, RFC 7748): what is wrapped for recovery (the master key, a
//! backup's key) is sealed *to* it, with an ephemeral key each time. So a new master key or a new
//! backup needs no paper, and nothing on the machine, not even the open vault, gives the recovery
//! key away. Pure apart from the system's random source.
//!
//! The text form is 14 groups of four characters in Crockford's alphabet (no I, L, O, U): 32 bytes
//! and 24 bits of checksum. Reading it forgives case, spaces, dashes and look-alikes.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    agreement::{PrivateKey, UnparsedPublicKey, X25519, agree},
    digest,
};
use hearth_secret::{Key256, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    VaultError, hex,
    key::{AeadKey, Purpose, WrappedKey, random_key},
};

const KEY_BYTES: usize = 32;
const CHECK_BYTES: usize = 3;
/// Characters of the text: 35 bytes are exactly 56 times five bits.
const CHARACTERS: usize = (KEY_BYTES + CHECK_BYTES) * 8 / 5;
const GROUP: usize = 4;
/// A text with so many separators is something else.
const TEXT_BYTES_MAX: usize = 256;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECK_LABEL: &[u8] = b"hearthwatch recovery key\0";

/// A recovery key. It cannot be printed but by [`RecoveryKey::to_text`].
#[derive(Clone)]
pub struct RecoveryKey(Key256);

/// Why a text is no recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryKeyError {
    /// Too few or too many characters.
    #[error(
        "a recovery key has {CHARACTERS} characters in groups of {GROUP}; this has another length"
    )]
    Length,
    /// A character that is in no recovery key.
    #[error("a recovery key has only digits and letters, without U")]
    Character,
    /// The characters do not belong together.
    #[error("a character of the recovery key is wrong; compare it with the paper")]
    Checksum,
}

impl RecoveryKey {
    /// A new key.
    pub(crate) fn random() -> Result<Self, VaultError> {
        random_key().map(Self)
    }

    /// The text to write down, to be shown once.
    pub fn to_text(&self) -> SecretString {
        let mut bytes = Zeroizing::new([0; KEY_BYTES + CHECK_BYTES]);
        let (key, check) = bytes.split_at_mut(KEY_BYTES);
        key.copy_from_slice(self.0.expose());
        check.copy_from_slice(&checksum(&self.0));
        // Reserved whole, so that growing leaves no unwiped piece behind.
        let mut text = String::with_capacity(CHARACTERS + CHARACTERS / GROUP);
        for number in 0..CHARACTERS {
            if number > 0 && number % GROUP == 0 {
                text.push('-');
            }
            let value = five_bits(&*bytes, number);
            text.push(char::from(ALPHABET.get(usize::from(value)).copied().unwrap_or(b'0')));
        }
        SecretString::new(text)
    }

    /// Its public half, which stays on the machine.
    pub(crate) fn public(&self) -> Result<RecoveryPublic, VaultError> {
        public_of(&self.private()?)
    }

    fn private(&self) -> Result<PrivateKey, VaultError> {
        PrivateKey::from_private_key(&X25519, self.0.expose()).map_err(|_| VaultError::Cryptography)
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey([secret])")
    }
}

impl FromStr for RecoveryKey {
    type Err = RecoveryKeyError;

    fn from_str(text: &str) -> Result<Self, RecoveryKeyError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(RecoveryKeyError::Length);
        }
        let mut values = Zeroizing::new([0; CHARACTERS]);
        let mut count = 0;
        for character in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–')) {
            let place = values.get_mut(count).ok_or(RecoveryKeyError::Length)?;
            *place = value_of(character).ok_or(RecoveryKeyError::Character)?;
            count += 1;
        }
        if count != CHARACTERS {
            return Err(RecoveryKeyError::Length);
        }
        let mut bytes = Zeroizing::new([0; KEY_BYTES + CHECK_BYTES]);
        for (number, value) in values.iter().enumerate() {
            put_five_bits(&mut *bytes, number, *value);
        }
        let (key, check) =
            bytes.split_first_chunk::<KEY_BYTES>().ok_or(RecoveryKeyError::Length)?;
        let key = Key256::new(*key);
        if checksum(&key) != check { Err(RecoveryKeyError::Checksum) } else { Ok(Self(key)) }
    }
}

fn checksum(key: &Key256) -> [u8; CHECK_BYTES] {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(CHECK_LABEL);
    hash.update(key.expose());
    let hash = hash.finish();
    let mut check = [0; CHECK_BYTES];
    check.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
    check
}

fn value_of(character: char) -> Option<u8> {
    let letter = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let letter = u8::try_from(letter).ok()?;
    let at = ALPHABET.iter().position(|known| *known == letter)?;
    u8::try_from(at).ok()
}

/// The `number`th group of five bits, the most significant first.
fn five_bits(bytes: &[u8], number: usize) -> u8 {
    (0..5).fold(0, |value, bit| {
        let at = number * 5 + bit;
        let byte = bytes.get(at / 8).copied().unwrap_or(0);
        value << 1 | (byte >> (7 - at % 8) & 1)
    })
}

fn put_five_bits(bytes: &mut [u8], number: usize, value: u8) {
    for bit in 0..5 {
        let at = number * 5 + bit;
        if let Some(byte) = bytes.get_mut(at / 8) {
            *byte |= (value >> (4 - bit) & 1) << (7 - at % 8);
        }
    }
}

/// The public half of a recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecoveryPublic([u8; KEY_BYTES]);

impl RecoveryPublic {
    pub(crate) fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

/// A key sealed to a recovery key, as it lies on disk: in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecoverySealed {
    public: String,
    ephemeral: String,
    key: String,
}

impl RecoverySealed {
    /// Seals a key; `purpose` is what for.
    pub(crate) fn seal(
        to: &RecoveryPublic,
        purpose: Purpose,
        key: &Key256,
    ) -> Result<Self, VaultError> {
        let ephemeral = PrivateKey::generate(&X25519).map_err(|_| VaultError::Cryptography)?;
        let sender = public_of(&ephemeral)?;
        let wrapped = shared(&ephemeral, to, &sender, to, purpose)?.wrap(b"recovery", key)?;
        Ok(Self {
            public: hex::encode(&to.0),
            ephemeral: hex::encode(&sender.0),
            key: hex::encode(&wrapped.to_bytes()),
        })
    }

    /// Opens it. [`VaultError::WrongKey`] if it was sealed to another recovery key, `None` if what
    /// is there is damaged.
    pub(crate) fn open(
        &self,
        with: &RecoveryKey,
        purpose: Purpose,
    ) -> Result<Option<Key256>, VaultError> {
        let own = with.public()?;
        if self.public().is_some_and(|public| public != own) {
            return Err(VaultError::WrongKey);
        }
        let sender = hex::decode(&self.ephemeral).map(RecoveryPublic);
        let wrapped: Option<[u8; WrappedKey::BYTES]> = hex::decode(&self.key);
        let wrapped = wrapped.and_then(|bytes| WrappedKey::from_bytes(&bytes));
        let (Some(sender), Some(wrapped)) = (sender, wrapped) else { return Ok(None) };
        // A sender that is no point of the curve is damage too.
        let Ok(key) = shared(&with.private()?, &sender, &sender, &own, purpose) else {
            return Ok(None);
        };
        Ok(key.unwrap(b"recovery", &wrapped).ok())
    }

    /// Whom it is sealed to.
    pub(crate) fn public(&self) -> Option<RecoveryPublic> {
        hex::decode(&self.public).map(RecoveryPublic)
    }
}

fn public_of(private: &PrivateKey) -> Result<RecoveryPublic, VaultError> {
    let public = private.compute_public_key().map_err(|_| VaultError::Cryptography)?;
    public.as_ref().try_into().map(RecoveryPublic).map_err(|_| VaultError::Cryptography)
}

/// The key that both sides derive: both public keys are bound into it.
fn shared(
    own: &PrivateKey,
    peer: &RecoveryPublic,
    sender: &RecoveryPublic,
    receiver: &RecoveryPublic,
    purpose: Purpose,
) -> Result<AeadKey, VaultError> {
    let mut context = [0; KEY_BYTES * 2];
    let (front, back) = context.split_at_mut(KEY_BYTES);
    front.copy_from_slice(&sender.0);
    back.copy_from_slice(&receiver.0);
    agree(own, UnparsedPublicKey::new(&X25519, peer.0), VaultError::Cryptography, |secret| {
        let secret: [u8; 32] = secret.try_into().map_err(|_| VaultError::Cryptography)?;
        AeadKey::derive(&Key256::new(secret), purpose, &[], &context)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> RecoveryKey {
        RecoveryKey(Key256::new([byte; 32]))
    }

    #[test]
    fn a_key_is_read_from_what_somebody_wrote_down() {
        let text = key(0xa7).to_text();
        let text = text.expose();
        assert_eq!((text.len(), text.split('-').count()), (69, 14));
        let sloppy = text.to_lowercase().replace('-', "  ").replace('0', "o").replace('1', "l");
        for written in [text.clone(), sloppy, text.replace('-', "")] {
            let read: RecoveryKey = written.parse().expect("a key");
            assert_eq!(read.0.expose(), &[0xa7; 32]);
        }
        let long = format!("{text}-0000");
        assert_eq!(long.parse::<RecoveryKey>().err(), Some(RecoveryKeyError::Length));
        let odd = text.replacen('-', "U", 1);
        assert_eq!(odd.parse::<RecoveryKey>().err(), Some(RecoveryKeyError::Character));
    }

    /// promise: T-15. A debug print of a recovery key shows none of it.
    #[test]
    fn a_recovery_key_is_not_printed() {
        assert_eq!(format!("{:?}", key(1)), "RecoveryKey([secret])");
    }

    #[test]
    fn a_sealed_key_opens_with_its_recovery_key_and_for_its_purpose_only() {
        let public = key(1).public().expect("a public half");
        let sealed =
            RecoverySealed::seal(&public, Purpose::RecoveryWrapsMaster, &Key256::new([9; 32]))
                .expect("seals");
        let opened = sealed.open(&key(1), Purpose::RecoveryWrapsMaster).expect("fits");
        assert_eq!(opened.expect("opens").expose(), &[9; 32]);
        let other = sealed.open(&key(2), Purpose::RecoveryWrapsMaster);
        assert!(matches!(other, Err(VaultError::WrongKey)));
        assert!(sealed.open(&key(1), Purpose::RecoveryWrapsBackup).expect("fits").is_none());
        for damage in [
            RecoverySealed { ephemeral: "00".repeat(32), ..sealed.clone() },
            RecoverySealed { ephemeral: "x".into(), ..sealed.clone() },
            RecoverySealed { key: sealed.key.replace(['0', '1', '2', '3'], "4"), ..sealed.clone() },
        ] {
            assert!(damage.open(&key(1), Purpose::RecoveryWrapsMaster).expect("fits").is_none());
        }
    }

    proptest! {
        #[test]
        fn every_key_survives_its_text_form(bytes: [u8; 32]) {
            let read: RecoveryKey =
                RecoveryKey(Key256::new(bytes)).to_text().expose().parse().expect("a key");
            prop_assert_eq!(read.0.expose(), &bytes);
        }

        #[test]
        fn one_wrong_character_is_noticed(at in 0_usize..CHARACTERS, by in 1_u8..32) {
            let text = key(0x3c).to_text().expose().replace('-', "");
            let mut letters = text.into_bytes();
            let value = value_of(char::from(letters[at])).expect("of the alphabet");
            letters[at] = ALPHABET[usize::from((value + by) % 32)];
            let read = String::from_utf8(letters).expect("text").parse::<RecoveryKey>();
            prop_assert_eq!(read.err(), Some(RecoveryKeyError::Checksum));
        }

        #[test]
        fn arbitrary_text_never_panics(text: String) {
            prop_assert!(text.parse::<RecoveryKey>().is_err());
        }
    }
}
