//! Passphrases made into keys with Argon2id (RFC 9106). Pure apart from the random salt.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use hearth_secret::{Key256, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{VaultError, hex, key::random};

/// The parameters of Argon2id for one passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stretching {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

impl Stretching {
    /// RFC 9106 section 4, second recommended option: 64 MiB, three passes, four lanes.
    pub(crate) fn recommended() -> Result<Self, VaultError> {
        let salt: [u8; 16] = random()?;
        Ok(Self { memory_kib: 64 * 1024, passes: 3, lanes: 4, salt: hex::encode(&salt) })
    }

    /// Whether these parameters are as hard as today's.
    pub(crate) fn is_current(&self) -> bool {
        self.memory_kib >= 64 * 1024 && self.passes >= 3
    }

    /// Four times (memory) or more what is recommended is not ours, and could exhaust the machine.
    fn is_sane(&self) -> bool {
        self.memory_kib <= 256 * 1024 && self.passes <= 16 && self.lanes <= 16
    }

    /// The key of a passphrase; `None` for parameters that no version of ours wrote.
    ///
    /// # Errors
    /// [`VaultError::Cryptography`] if the library refuses.
    pub(crate) fn stretch(&self, passphrase: &SecretString) -> Result<Option<Key256>, VaultError> {
        let salt: Option<[u8; 16]> = hex::decode(&self.salt);
        let (Some(salt), true) = (salt, self.is_sane()) else { return Ok(None) };
        let Ok(parameters) = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)) else {
            return Ok(None);
        };
        // Our own memory instead of the crate's, because it is full of what the passphrase gave.
        let mut memory = Zeroizing::new(vec![Block::default(); parameters.block_count()]);
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into_with_memory(
                passphrase.expose().as_bytes(),
                &salt,
                &mut *key,
                memory.as_mut_slice(),
            )
            .map_err(|_| VaultError::Cryptography)?;
        Ok(Some(Key256::new(*key)))
    }
}

#[cfg(test)]
impl Stretching {
    /// As an older version would have stretched.
    pub(crate) fn weak() -> Self {
        Self { memory_kib: 1024, passes: 1, lanes: 1, salt: "5a".repeat(16) }
    }

    /// As nobody should.
    pub(crate) fn absurd() -> Self {
        Self { memory_kib: u32::MAX, ..Self::weak() }
    }
}
