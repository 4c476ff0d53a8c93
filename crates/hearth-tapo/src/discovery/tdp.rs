//! TDP packets: 16 bytes of header with a CRC, then JSON.

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use hearth_secret::Secret;
use serde_json::{Value, json};

use super::{Announcement, DATAGRAM_BYTES_MAX, announcement};
use crate::{
    Malformed,
    call::code_of,
    cipher::{base64, cbc_decrypt, first, from_base64},
};

const HEADER_BYTES: usize = 16;
/// Stands in the place of the CRC while it is computed.
const CRC_PRESET: u32 = 0x5A6B_7C8D;

/// The client's key pair, under which devices send what not everybody should read.
pub struct ProbeKey {
    key: OaepPrivateDecryptingKey,
    pem: String,
}

impl ProbeKey {
    /// A new one; takes about a tenth of a second. `None` if there is no randomness.
    pub fn generate() -> Option<Self> {
        Self::new(PrivateDecryptingKey::generate(KeySize::Rsa2048).ok()?)
    }

    /// From PKCS#8.
    pub fn from_pkcs8(der: &[u8]) -> Option<Self> {
        Self::new(PrivateDecryptingKey::from_pkcs8(der).ok()?)
    }

    fn new(key: PrivateDecryptingKey) -> Option<Self> {
        let der: PublicKeyX509Der<'_> = key.public_key().as_der().ok()?;
        let text = base64(der.as_ref());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.push_str(std::str::from_utf8(line).ok()?);
            pem.push('\n');
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        Some(Self { key: OaepPrivateDecryptingKey::new(key).ok()?, pem })
    }

    /// Opens `encrypt_info` of an answer.
    fn open(&self, info: &Value) -> Option<Value> {
        let bytes = |key: &str| info.get(key).and_then(Value::as_str).and_then(from_base64);
        let mut buffer = vec![0; self.key.min_output_size()];
        let key = self.key.decrypt(&OAEP_SHA1_MGF1SHA1, &bytes("key")?, &mut buffer, None).ok()?;
        let key: Secret<[u8; 32]> = Secret::new(<[u8; 32]>::try_from(&*key).ok()?);
        let (key, vector) = (first(key.expose()), first(&key.expose()[16..]));
        serde_json::from_slice(&cbc_decrypt(&key, &vector, &bytes("data")?)?).ok()
    }
}

/// The question, with the key for the answers. `serial` should be random.
pub fn probe(key: &ProbeKey, serial: [u8; 4]) -> Vec<u8> {
    let body = json!({"params": {"rsa_key": key.pem}}).to_string();
    packet(0x11, serial, body.as_bytes())
}

/// The question of old clients, without a key.
///
/// ```
/// let packet = hearth_tapo::discovery::legacy_probe();
/// assert_eq!(packet[12..], [0x46, 0x3c, 0xb5, 0xd3], "the checksum");
/// ```
pub fn legacy_probe() -> Vec<u8> {
    packet(0, [0; 4], b"")
}

fn packet(flags: u8, serial: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("probes are built here and are short");
    // Version 2, message 0, operation 1 (probe).
    let mut packet = vec![2, 0, 0, 1];
    packet.extend(length.to_be_bytes());
    packet.extend([flags, 0]);
    packet.extend(serial);
    packet.extend(CRC_PRESET.to_be_bytes());
    packet.extend_from_slice(body);
    let crc = crc32fast::hash(&packet);
    packet[12..HEADER_BYTES].copy_from_slice(&crc.to_be_bytes());
    packet
}

/// Reads an answer. Devices are known to leave the CRC of answers wrong, so it is not looked at:
/// it is no protection anyway.
pub fn read_reply(datagram: &[u8], key: Option<&ProbeKey>) -> Result<Announcement, Malformed> {
    if datagram.len() > DATAGRAM_BYTES_MAX {
        return Err(Malformed::new("the datagram is too long"));
    }
    let body = datagram
        .get(HEADER_BYTES..)
        .filter(|_| datagram[0] == 2)
        .ok_or(Malformed::new("the datagram has no header of this protocol"))?;
    let answer: Value =
        serde_json::from_slice(body).map_err(|_| Malformed::new("no JSON in the datagram"))?;
    if code_of(&answer, "error_code")?.0 != 0 {
        return Err(Malformed::new("the datagram reports a failure"));
    }
    let result = answer.get("result").ok_or(Malformed::new("no result"))?;
    let sealed = result.get("encrypt_info").filter(|info| info.is_object());
    let opened = key.zip(sealed).and_then(|(key, info)| key.open(info));
    announcement::from_tdp(result, opened.as_ref())
}
