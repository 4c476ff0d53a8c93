//! Keys and what is derived from them.
//!
//! Every use of a key goes through its own HKDF-SHA256 sub-key ([`Purpose`]), so no key ever
//! encrypts two kinds of thing. Pure apart from the system's random source.
//!
//! Raw keys are held in [`Key256`], which wipes them on drop. Limit: the expanded AES key schedule
//! inside [`AeadKey`] belongs to aws-lc, which frees it without a promise to wipe it; and the
//! compiler may leave copies of a key on the stack, which later calls overwrite.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    rand,
};
use hearth_secret::{Key256, Key512, SecretBytes};
use zeroize::Zeroize;

use crate::{VaultError, sealed_bytes};

/// Bytes of an AES-GCM nonce (NIST SP 800-38D 8.2.1: 96 bits).
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes of an AES-GCM tag.
pub(crate) const TAG_BYTES: usize = 16;
/// Bytes of a key wrapped under another: the key and its tag.
pub(crate) const WRAPPED_BYTES: usize = 32 + TAG_BYTES;

/// The one use a derived key has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Unlock key (from key file or passphrase) over the master key.
    UnlockWrapsMaster,
    /// Master key over scope keys.
    MasterWrapsScopes,
    /// New master key over the one before, while scope keys are wrapped anew.
    MasterWrapsPrevious,
    /// Master key over the proof that a recovery key's public half is ours.
    MasterVouches,
    /// What recovery key and ephemeral key agreed on, over the master key.
    RecoveryWrapsMaster,
    /// What recovery key and ephemeral key agreed on, over a backup's key.
    RecoveryWrapsBackup,
    /// Stretched passphrase over a backup's key.
    PassphraseWrapsBackup,
    /// Backup's key over its pieces.
    BackupPieces,
    /// Scope key over file keys.
    ScopeWrapsFiles,
    /// Scope key over small sealed values.
    ScopeSeals,
    /// Scope key over keys that authenticate what need not be hidden.
    ScopeAuthenticates,
    /// Scope key over the pages of a database, and over the tweaks of their places.
    ScopeSealsPages,
    ScopeTweaksPages,
    /// File key over the records of one epoch of an envelope.
    FileRecords,
    /// File key over small sealed values that live and die with the file.
    FileSeals,
}

impl Purpose {
    fn info(self) -> &'static [u8] {
        match self {
            Self::UnlockWrapsMaster => b"hearthwatch/1 unlock wraps master\0",
            Self::MasterWrapsScopes => b"hearthwatch/1 master wraps scopes\0",
            Self::MasterWrapsPrevious => b"hearthwatch/1 master wraps previous\0",
            Self::MasterVouches => b"hearthwatch/1 master vouches\0",
            Self::RecoveryWrapsMaster => b"hearthwatch/1 recovery wraps master\0",
            Self::RecoveryWrapsBackup => b"hearthwatch/1 recovery wraps backup\0",
            Self::PassphraseWrapsBackup => b"hearthwatch/1 passphrase wraps backup\0",
            Self::BackupPieces => b"hearthwatch/1 backup pieces\0",
            Self::ScopeWrapsFiles => b"hearthwatch/1 scope wraps files\0",
            Self::ScopeSeals => b"hearthwatch/1 scope seals values\0",
            Self::ScopeAuthenticates => b"hearthwatch/1 scope authenticates\0",
            Self::ScopeSealsPages => b"hearthwatch/1 scope seals pages\0",
            Self::ScopeTweaksPages => b"hearthwatch/1 scope tweaks pages\0",
            Self::FileRecords => b"hearthwatch/1 file records\0",
            Self::FileSeals => b"hearthwatch/1 file seals values\0",
        }
    }
}

/// Random bytes from the system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| VaultError::Cryptography)?;
    Ok(bytes)
}

/// A fresh random key.
pub(crate) fn random_key() -> Result<Key256, VaultError> {
    random().map(Key256::new)
}

/// Derives a key: HKDF-SHA256 (RFC 5869) with `salt`, the purpose and then `context` as info.
///
/// `context` must have a fixed length for a given purpose, so that no two inputs coincide.
pub(crate) fn derive(
    key: &Key256,
    purpose: Purpose,
    salt: &[u8],
    context: &[u8],
) -> Result<Key256, VaultError> {
    let mut bytes = [0; 32];
    let derived = Salt::new(HKDF_SHA256, salt)
        .extract(key.expose())
        .expand(&[purpose.info(), context], HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut bytes));
    let key = Key256::new(bytes);
    bytes.zeroize();
    derived.map_err(|_| VaultError::Cryptography)?;
    Ok(key)
}

/// Derives two keys that are used together, each for its own purpose.
pub(crate) fn derive_pair(
    key: &Key256,
    first: Purpose,
    second: Purpose,
) -> Result<Key512, VaultError> {
    let keys = [derive(key, first, &[], &[])?, derive(key, second, &[], &[])?];
    let mut bytes = [0; 64];
    for (half, key) in bytes.chunks_exact_mut(32).zip(&keys) {
        half.copy_from_slice(key.expose());
    }
    let pair = Key512::new(bytes);
    bytes.zeroize();
    Ok(pair)
}

/// An AES-256-GCM key that is derived for one purpose.
pub(crate) struct AeadKey(LessSafeKey);

impl AeadKey {
    /// Derives it, as [`derive`] does.
    pub(crate) fn derive(
        key: &Key256,
        purpose: Purpose,
        salt: &[u8],
        context: &[u8],
    ) -> Result<Self, VaultError> {
        let key = derive(key, purpose, salt, context)?;
        let unbound = UnboundKey::new(&AES_256_GCM, key.expose());
        Ok(Self(LessSafeKey::new(unbound.map_err(|_| VaultError::Cryptography)?)))
    }

    /// Encrypts in place and returns the tag. The caller answers for the nonce's uniqueness.
    pub(crate) fn seal_in_place(
        &self,
        nonce: [u8; NONCE_BYTES],
        aad: &[u8],
        bytes: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], VaultError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(aad), bytes)
            .map_err(|_| VaultError::Cryptography)?;
        tag.as_ref().try_into().map_err(|_| VaultError::Cryptography)
    }

    /// Decrypts `bytes` (ciphertext and tag) in place and returns the plaintext's part of it.
    pub(crate) fn open_in_place<'a>(
        &self,
        nonce: [u8; NONCE_BYTES],
        aad: &[u8],
        bytes: &'a mut [u8],
    ) -> Result<&'a mut [u8], VaultError> {
        self.0
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), bytes)
            .map_err(|_| VaultError::Altered)
    }

    /// Wraps a key. A random nonce is safe here: one wrapping key wraps far fewer than 2^32 keys
    /// (NIST SP 800-38D 8.3).
    pub(crate) fn wrap(&self, aad: &[u8], key: &Key256) -> Result<WrappedKey, VaultError> {
        let nonce = random()?;
        let mut wrapped = [0; WRAPPED_BYTES];
        let (body, tag) = wrapped.split_at_mut(32);
        body.copy_from_slice(key.expose());
        tag.copy_from_slice(&self.seal_in_place(nonce, aad, body)?);
        Ok(WrappedKey { nonce, wrapped })
    }

    /// Unwraps a key.
    pub(crate) fn unwrap(&self, aad: &[u8], key: &WrappedKey) -> Result<Key256, VaultError> {
        let mut bytes = key.wrapped;
        let opened = self.open_in_place(key.nonce, aad, &mut bytes).and_then(|plain| {
            let key: [u8; 32] = (&*plain).try_into().map_err(|_| VaultError::Altered)?;
            Ok(Key256::new(key))
        });
        bytes.zeroize();
        opened
    }
}

/// A key under another key, as it lies on disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WrappedKey {
    nonce: [u8; NONCE_BYTES],
    wrapped: [u8; WRAPPED_BYTES],
}

impl WrappedKey {
    /// Bytes on disk.
    pub(crate) const BYTES: usize = NONCE_BYTES + WRAPPED_BYTES;

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (nonce, wrapped) = bytes.split_at_mut(NONCE_BYTES);
        nonce.copy_from_slice(&self.nonce);
        wrapped.copy_from_slice(&self.wrapped);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (nonce, rest) = bytes.split_first_chunk()?;
        Some(Self { nonce: *nonce, wrapped: rest.try_into().ok()? })
    }
}

/// The key of one file of footage.
///
/// It lies wrapped in the slot file of its camera and day, never in the file itself, so that
/// [`Vault::destroy_file_key`](crate::Vault::destroy_file_key) makes every copy of the file
/// unreadable.
#[derive(Clone, Debug)]
pub struct FileKey(Key256);

impl FileKey {
    pub(crate) fn new(key: Key256) -> Self {
        Self(key)
    }

    pub(crate) fn raw(&self) -> &Key256 {
        &self.0
    }

    /// Seals a small value that lives and dies with the file; `context` says what it is and must
    /// be given again to open it.
    pub fn seal(&self, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        sealed_bytes::seal(&self.seals()?, context, plaintext)
    }

    /// Opens what [`FileKey::seal`] made; [`VaultError::Altered`] when it does not fit.
    pub fn unseal(&self, context: &[u8], sealed: &[u8]) -> Result<SecretBytes, VaultError> {
        sealed_bytes::unseal(&self.seals()?, context, sealed)
    }

    fn seals(&self) -> Result<AeadKey, VaultError> {
        AeadKey::derive(&self.0, Purpose::FileSeals, &[], &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed_by(key: &AeadKey) -> [u8; TAG_BYTES] {
        key.seal_in_place([0; NONCE_BYTES], &[], &mut [7; 4]).expect("seals")
    }

    #[test]
    fn every_purpose_salt_and_context_has_its_own_key() {
        let key = Key256::new([9; 32]);
        let derive = |purpose, salt: &[u8], context: &[u8]| {
            sealed_by(&AeadKey::derive(&key, purpose, salt, context).expect("derives"))
        };
        use Purpose::*;
        let mut tags: Vec<_> = [
            UnlockWrapsMaster,
            MasterWrapsScopes,
            MasterWrapsPrevious,
            MasterVouches,
            RecoveryWrapsMaster,
            RecoveryWrapsBackup,
            PassphraseWrapsBackup,
            BackupPieces,
            ScopeWrapsFiles,
            ScopeSeals,
            ScopeAuthenticates,
            ScopeSealsPages,
            ScopeTweaksPages,
            FileRecords,
            FileSeals,
        ]
        .map(|purpose| derive(purpose, b"", b""))
        .to_vec();
        tags.push(derive(FileRecords, b"salt", b""));
        tags.push(derive(FileRecords, b"", b"context"));
        let distinct: std::collections::HashSet<_> = tags.iter().collect();
        assert_eq!(distinct.len(), tags.len());
        assert_eq!(tags.get(13), Some(&derive(FileRecords, b"", b"")), "derivation is stable");
    }

    /// promise: T-15. A debug print of a key shows none of it.
    #[test]
    fn a_file_key_is_not_printed() {
        assert_eq!(format!("{:?}", FileKey::new(Key256::new([0x5a; 32]))), "FileKey([secret])");
    }

    #[test]
    fn a_wrapped_key_opens_only_with_its_binding() {
        let outer =
            AeadKey::derive(&Key256::new([1; 32]), Purpose::ScopeSeals, &[], &[]).expect("derives");
        let wrapped = outer.wrap(b"camera a", &Key256::new([2; 32])).expect("wraps");
        let wrapped = WrappedKey::from_bytes(&wrapped.to_bytes()).expect("same size");
        assert_eq!(outer.unwrap(b"camera a", &wrapped).expect("opens").expose(), &[2; 32]);
        assert!(matches!(outer.unwrap(b"camera b", &wrapped), Err(VaultError::Altered)));
    }
}
