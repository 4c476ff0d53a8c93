//! Records and their protection (RFC 5246, 6.2; RFC 5288; RFC 7366).

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{
        AES_128, AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
        UnboundCipherKey,
    },
    hmac,
    iv::FixedLength,
};
use hearth_secret::SecretBytes;

use super::{TlsError, suite::Cipher};
use crate::cipher::same;

/// TLS 1.2.
pub(super) const VERSION: [u8; 2] = [3, 3];
/// The most plaintext of a record.
const PLAIN_BYTES_MAX: usize = 1 << 14;
/// The most a record may be longer by protection.
const EXPANSION_MAX: usize = 2048;
const HEADER_BYTES: usize = 5;
const GCM_NONCE_BYTES: usize = 8;
const GCM_TAG_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;

/// What a record carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentType {
    ChangeCipher = 20,
    Alert = 21,
    Handshake = 22,
    Data = 23,
}

impl ContentType {
    fn of(byte: u8) -> Option<Self> {
        [Self::ChangeCipher, Self::Alert, Self::Handshake, Self::Data]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// Both directions of a connection.
#[derive(Default)]
pub(super) struct Records {
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    own: Option<Protector>,
    other_later: Option<Protector>,
    other: Option<Protector>,
}

impl Records {
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outgoing)
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.incoming.extend_from_slice(bytes);
    }

    /// Protects what is sent from now on; what comes, after the other side said that it does.
    pub(super) fn protect(&mut self, own: Protector, other: Protector) {
        self.own = Some(own);
        self.other_later = Some(other);
    }

    pub(super) fn expect_protection(&mut self) {
        self.other = self.other_later.take();
    }

    pub(super) fn send(&mut self, kind: ContentType, content: &[u8]) -> Result<(), TlsError> {
        for plain in content.chunks(PLAIN_BYTES_MAX) {
            let sealed = match &mut self.own {
                Some(protector) => protector.seal(kind, plain)?,
                None => plain.to_vec(),
            };
            let length = u16::try_from(sealed.len()).map_err(|_| TlsError::TooLong)?;
            self.outgoing.push(kind as u8);
            self.outgoing.extend(VERSION);
            self.outgoing.extend(length.to_be_bytes());
            self.outgoing.extend(sealed);
        }
        Ok(())
    }

    /// The next whole record, verified and decrypted.
    pub(super) fn next(&mut self) -> Result<Option<(ContentType, Vec<u8>)>, TlsError> {
        let [kind, major, _, a, b, rest @ ..] = self.incoming.as_slice() else { return Ok(None) };
        let kind = ContentType::of(*kind).filter(|_| *major == 3).ok_or(TlsError::Malformed)?;
        let length = usize::from(u16::from_be_bytes([*a, *b]));
        if length > PLAIN_BYTES_MAX + EXPANSION_MAX {
            return Err(TlsError::TooLong);
        }
        let Some(sealed) = rest.get(..length) else { return Ok(None) };
        let plain = match &mut self.other {
            Some(protector) => protector.open(kind, sealed)?,
            None => sealed.to_vec(),
        };
        if plain.len() > PLAIN_BYTES_MAX {
            return Err(TlsError::TooLong);
        }
        self.incoming.drain(..HEADER_BYTES + length);
        Ok(Some((kind, plain)))
    }
}

/// The protection of one direction.
pub(super) struct Protector {
    sequence: u64,
    kind: Kind,
}

enum Kind {
    Gcm { key: LessSafeKey, salt: [u8; 4] },
    Cbc { key: SecretBytes, mac: Box<hmac::Key>, mac_bytes: usize, encrypt_then_mac: bool },
}

impl Protector {
    pub(super) fn new(
        cipher: Cipher,
        key: &[u8],
        mac: &[u8],
        salt: &[u8],
        encrypt_then_mac: bool,
    ) -> Self {
        let kind = match cipher {
            Cipher::Gcm => {
                let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
                let key = UnboundKey::new(algorithm, key).expect("a key of the suite's length");
                Kind::Gcm { key: LessSafeKey::new(key), salt: crate::cipher::first(salt) }
            }
            Cipher::CbcSha256 | Cipher::CbcSha1 => {
                let algorithm = match cipher {
                    Cipher::CbcSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                    _ => hmac::HMAC_SHA256,
                };
                Kind::Cbc {
                    key: SecretBytes::new(key.to_vec()),
                    mac: Box::new(hmac::Key::new(algorithm, mac)),
                    mac_bytes: cipher.mac_bytes(),
                    encrypt_then_mac,
                }
            }
        };
        Self { sequence: 0, kind }
    }

    fn next_sequence(&mut self) -> Result<[u8; 8], TlsError> {
        let sequence = self.sequence.to_be_bytes();
        self.sequence = self.sequence.checked_add(1).ok_or(TlsError::TooLong)?;
        Ok(sequence)
    }

    fn seal(&mut self, kind: ContentType, plain: &[u8]) -> Result<Vec<u8>, TlsError> {
        let sequence = self.next_sequence()?;
        match &self.kind {
            Kind::Gcm { key, salt } => {
                let mut sealed = plain.to_vec();
                let aad = Aad::from(header(sequence, kind, plain.len()));
                key.seal_in_place_append_tag(nonce(*salt, sequence), aad, &mut sealed)
                    .map_err(|_| TlsError::TooLong)?;
                Ok([&sequence, sealed.as_slice()].concat())
            }
            Kind::Cbc { key, mac, encrypt_then_mac, .. } => {
                let mut vector = [0; BLOCK_BYTES];
                getrandom::fill(&mut vector).map_err(|_| TlsError::TooLong)?;
                let mut body = plain.to_vec();
                if !encrypt_then_mac {
                    body.extend(code(mac, &header(sequence, kind, plain.len()), plain));
                }
                // As many bytes as are missing to whole blocks, at least one, each saying how many
                // others there are.
                let padding = BLOCK_BYTES - body.len() % BLOCK_BYTES;
                body.resize(body.len() + padding, (padding - 1) as u8);
                encrypt(key.expose(), vector, &mut body);
                let mut sealed = [&vector, body.as_slice()].concat();
                if *encrypt_then_mac {
                    let tag = code(mac, &header(sequence, kind, sealed.len()), &sealed);
                    sealed.extend(tag);
                }
                Ok(sealed)
            }
        }
    }

    fn open(&mut self, kind: ContentType, sealed: &[u8]) -> Result<Vec<u8>, TlsError> {
        let sequence = self.next_sequence()?;
        match &self.kind {
            Kind::Gcm { key, salt } => {
                let (explicit, sealed) = sealed
                    .split_first_chunk::<GCM_NONCE_BYTES>()
                    .filter(|(_, sealed)| sealed.len() >= GCM_TAG_BYTES)
                    .ok_or(TlsError::Malformed)?;
                let aad = Aad::from(header(sequence, kind, sealed.len() - GCM_TAG_BYTES));
                let mut buffer = sealed.to_vec();
                let plain = key
                    .open_in_place(nonce(*salt, *explicit), aad, &mut buffer)
                    .map_err(|_| TlsError::NotAuthentic)?;
                Ok(plain.to_vec())
            }
            Kind::Cbc { key, mac, mac_bytes, encrypt_then_mac: true } => {
                let border = sealed.len().checked_sub(*mac_bytes).ok_or(TlsError::Malformed)?;
                let (sealed, tag) = sealed.split_at(border);
                let expected = code(mac, &header(sequence, kind, sealed.len()), sealed);
                if !same(&expected, tag) {
                    return Err(TlsError::NotAuthentic);
                }
                let plain = decrypt(key.expose(), sealed).ok_or(TlsError::Malformed)?;
                unpadded(&plain).map(<[u8]>::to_vec).ok_or(TlsError::NotAuthentic)
            }
            Kind::Cbc { key, mac, mac_bytes, encrypt_then_mac: false } => {
                let decrypted = decrypt(key.expose(), sealed).ok_or(TlsError::Malformed)?;
                // Wrong padding and a wrong code end in one error after the same amount of hashing,
                // and the connection ends with it, so that there is nothing to ask twice.
                let body = unpadded(&decrypted);
                let authentic = body.is_some();
                let body = body.unwrap_or(&decrypted);
                let border = body.len().checked_sub(*mac_bytes).ok_or(TlsError::NotAuthentic)?;
                let (plain, tag) = body.split_at(border);
                let expected = code(mac, &header(sequence, kind, plain.len()), plain);
                if same(&expected, tag) && authentic {
                    Ok(plain.to_vec())
                } else {
                    Err(TlsError::NotAuthentic)
                }
            }
        }
    }
}

/// What is authenticated besides the content.
fn header(sequence: [u8; 8], kind: ContentType, length: usize) -> [u8; 13] {
    let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    let mut header = [0; 13];
    header[..8].copy_from_slice(&sequence);
    header[8..].copy_from_slice(&[kind as u8, VERSION[0], VERSION[1], length[0], length[1]]);
    header
}

fn nonce(salt: [u8; 4], explicit: [u8; 8]) -> Nonce {
    let mut nonce = [0; 12];
    nonce[..4].copy_from_slice(&salt);
    nonce[4..].copy_from_slice(&explicit);
    Nonce::assume_unique_for_key(nonce)
}

fn code(key: &hmac::Key, header: &[u8], content: &[u8]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(key);
    context.update(header);
    context.update(content);
    context.sign().as_ref().to_vec()
}

fn unbound(key: &[u8]) -> UnboundCipherKey {
    let algorithm = if key.len() == 16 { &AES_128 } else { &AES_256 };
    UnboundCipherKey::new(algorithm, key).expect("a key of the suite's length")
}

fn encrypt(key: &[u8], vector: [u8; BLOCK_BYTES], blocks: &mut [u8]) {
    let context = EncryptionContext::Iv128(FixedLength::from(&vector));
    EncryptingKey::cbc(unbound(key))
        .and_then(|cipher| cipher.less_safe_encrypt(blocks, context))
        .expect("whole blocks");
}

/// Decrypts the blocks after the vector.
fn decrypt(key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (vector, blocks) = sealed.split_first_chunk::<BLOCK_BYTES>()?;
    if blocks.is_empty() || !blocks.len().is_multiple_of(BLOCK_BYTES) {
        return None;
    }
    let context = DecryptionContext::Iv128(FixedLength::from(vector));
    let mut buffer = blocks.to_vec();
    DecryptingKey::cbc(unbound(key)).ok()?.decrypt(&mut buffer, context).ok()?;
    Some(buffer)
}

/// The content before the padding; `None` if the padding is wrong.
fn unpadded(body: &[u8]) -> Option<&[u8]> {
    let padding = usize::from(*body.last()?);
    let border = body.len().checked_sub(padding + 1)?;
    let (content, padded) = body.split_at(border);
    let wrong = padded.iter().fold(0, |wrong, byte| wrong | usize::from(*byte) ^ padding);
    (wrong == 0).then_some(content)
}
