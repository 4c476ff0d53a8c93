//! From the premaster secret to keys (RFC 5246, 6.3 and 8.1; RFC 7627).

use aws_lc_rs::{digest, tls_prf};
use hearth_secret::{Secret, SecretBytes};

use super::{
    record::Protector,
    suite::{Cipher, Suite},
};

/// Bytes of the salt of GCM's nonces.
const SALT_BYTES: usize = 4;

/// What goes in besides the secret.
pub(super) struct Inputs<'a> {
    pub(super) client_random: &'a [u8; 32],
    pub(super) server_random: &'a [u8; 32],
    /// Everything up to the key exchange, if the server knows the extension that binds it.
    pub(super) transcript: Option<&'a [u8]>,
}

/// The master secret and what follows from it.
pub(super) struct Secrets {
    suite: Suite,
    master: SecretBytes,
    key_seed: [u8; 64],
}

impl Secrets {
    pub(super) fn derive(suite: Suite, premaster: &Secret<[u8; 48]>, inputs: &Inputs<'_>) -> Self {
        let master = match inputs.transcript {
            Some(transcript) => {
                let hash = transcript_hash(suite, transcript);
                prf(suite, premaster.expose(), b"extended master secret", &hash, 48)
            }
            None => {
                let seed = [*inputs.client_random, *inputs.server_random].concat();
                prf(suite, premaster.expose(), b"master secret", &seed, 48)
            }
        };
        let mut key_seed = [0; 64];
        key_seed[..32].copy_from_slice(inputs.server_random);
        key_seed[32..].copy_from_slice(inputs.client_random);
        Self { suite, master, key_seed }
    }

    /// The proof at the end of a handshake.
    pub(super) fn finished(&self, label: &[u8], transcript: &[u8]) -> Vec<u8> {
        let hash = transcript_hash(self.suite, transcript);
        prf(self.suite, self.master.expose(), label, &hash, 12).expose().clone()
    }

    /// The protection of both directions: the client's and the server's.
    pub(super) fn protectors(&self, encrypt_then_mac: bool) -> (Protector, Protector) {
        let Suite { cipher, key_bytes, .. } = self.suite;
        let (mac, salt) = match cipher {
            Cipher::Gcm => (0, SALT_BYTES),
            _ => (cipher.mac_bytes(), 0),
        };
        let length = 2 * (mac + key_bytes + salt);
        let block = prf(self.suite, self.master.expose(), b"key expansion", &self.key_seed, length);
        let mut rest = block.expose().as_slice();
        let mut take = |length: usize| {
            let (taken, after) = rest.split_at(length);
            rest = after;
            taken
        };
        let macs = [take(mac), take(mac)];
        let keys = [take(key_bytes), take(key_bytes)];
        let salts = [take(salt), take(salt)];
        let protector = |side: usize| {
            Protector::new(cipher, keys[side], macs[side], salts[side], encrypt_then_mac)
        };
        (protector(0), protector(1))
    }
}

fn prf(suite: Suite, secret: &[u8], label: &[u8], seed: &[u8], length: usize) -> SecretBytes {
    let algorithm = if suite.sha384 { &tls_prf::P_SHA384 } else { &tls_prf::P_SHA256 };
    let derived = tls_prf::Secret::new(algorithm, secret)
        .and_then(|secret| secret.derive(label, seed, length))
        .expect("secrets and lengths that are built here");
    SecretBytes::new(derived.as_ref().to_vec())
}

fn transcript_hash(suite: Suite, transcript: &[u8]) -> Vec<u8> {
    let algorithm = if suite.sha384 { &digest::SHA384 } else { &digest::SHA256 };
    digest::digest(algorithm, transcript).as_ref().to_vec()
}
