//! The bytes of an audit file: a head, then records that are sealed and chained. Pure.
//!
//! ```text
//! file   = "HWAUDIT1" number:u64 first:u64 before:32 tag:32        (all numbers little endian)
//!          record*
//! record = length:u32 sealed:length mac:32
//! mac    = HMAC(chain key, mac of the record before | number of this record:u64 | length | sealed)
//! ```
//!
//! `before` is the mac of the last record of the file before, so the chain goes through all files.
//! What a record says is sealed (who watched what is personal); the chain over it can be checked
//! without opening it. Both keys are the vault's.

use hearth_vault::{MAC_BYTES, MacKey};

/// A tag in the chain.
pub(crate) type Mac = [u8; MAC_BYTES];

/// Bytes of a sealed entry: every text of it at its limit, escaped, and the seal around it.
pub(crate) const SEALED_BYTES_MAX: usize = 16 * 1024;

const MAGIC: &[u8; 8] = b"HWAUDIT1";

/// Where the chain is: the number of a record and its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) seq: u64,
    pub(crate) mac: Mac,
}

impl Link {
    /// Before the first record of all. The key is the vault's own, so no two chains have the same
    /// continuation of it.
    pub(crate) const START: Self = Self { seq: 0, mac: [0; MAC_BYTES] };

    /// The link that a record makes.
    pub(crate) fn next(self, key: &MacKey, sealed: &[u8]) -> Self {
        let seq = self.seq.saturating_add(1);
        let length = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
        let mac = key.tag(&[&self.mac, &seq.to_le_bytes(), &length.to_le_bytes(), sealed]);
        Self { seq, mac }
    }
}

/// The head of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Which file: grows by one.
    pub(crate) number: u64,
    /// The link before its first record.
    pub(crate) before: Link,
}

impl Head {
    pub(crate) const BYTES: usize = 8 + 8 + 8 + MAC_BYTES + MAC_BYTES;

    pub(crate) fn to_bytes(self, key: &MacKey) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.number.to_le_bytes());
        bytes.extend_from_slice(&self.before.seq.to_le_bytes());
        bytes.extend_from_slice(&self.before.mac);
        bytes.extend_from_slice(&key.tag(&[&bytes]));
        bytes
    }

    /// `None` if it is torn, altered or somebody else's.
    pub(crate) fn from_bytes(key: &MacKey, bytes: &[u8]) -> Option<Self> {
        let (head, _) = bytes.split_at_checked(Self::BYTES)?;
        let (content, tag) = head.split_at_checked(Self::BYTES - MAC_BYTES)?;
        if !key.verify(&[content], tag) {
            return None;
        }
        let (number, rest) = content.strip_prefix(MAGIC)?.split_first_chunk()?;
        let (seq, mac) = rest.split_first_chunk()?;
        let before = Link { seq: u64::from_le_bytes(*seq), mac: mac.try_into().ok()? };
        Some(Self { number: u64::from_le_bytes(*number), before })
    }
}

/// Appends a record to `bytes` and says where the chain is then.
pub(crate) fn append(bytes: &mut Vec<u8>, key: &MacKey, before: Link, sealed: &[u8]) -> Link {
    let link = before.next(key, sealed);
    bytes.extend_from_slice(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(sealed);
    bytes.extend_from_slice(&link.mac);
    link
}

/// What stands at a place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A record that continues the chain.
    Record {
        /// Its link.
        link: Link,
        /// What it says, sealed.
        sealed: &'a [u8],
    },
    /// A whole record whose tag is wrong: altered, moved, or with something missing before it.
    Altered {
        /// Which number it stands in for.
        seq: u64,
    },
    /// Bytes that are no whole record: a torn append, or a cut.
    Torn {
        /// Which number would have been here.
        seq: u64,
    },
}

/// Goes through the records of one file.
pub(crate) struct Walk<'a> {
    key: &'a MacKey,
    bytes: &'a [u8],
    offset: usize,
    link: Link,
    is_torn: bool,
}

impl<'a> Walk<'a> {
    /// Over the bytes of a file whose head was read.
    pub(crate) fn new(key: &'a MacKey, head: Head, bytes: &'a [u8]) -> Self {
        Self { key, bytes, offset: Head::BYTES, link: head.before, is_torn: false }
    }

    /// The last link so far.
    pub(crate) fn link(&self) -> Link {
        self.link
    }

    /// Bytes from the file's begin to here.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        if rest.is_empty() || self.is_torn {
            return None;
        }
        let seq = self.link.seq.saturating_add(1);
        let Some((sealed, mac, length)) = split(rest) else {
            self.is_torn = true;
            return Some(Found::Torn { seq });
        };
        let expected = self.link.next(self.key, sealed);
        self.offset += length;
        // The tag that stands there is what the next one was made from, if only this one was
        // altered: so one altered record is told as one.
        self.link = Link { seq, mac };
        // Not secret, so there is nothing to learn from how long the comparison takes.
        if expected.mac == mac {
            Some(Found::Record { link: expected, sealed })
        } else {
            Some(Found::Altered { seq })
        }
    }
}

fn split(rest: &[u8]) -> Option<(&[u8], Mac, usize)> {
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length == 0 || length > SEALED_BYTES_MAX {
        return None;
    }
    let (sealed, rest) = rest.split_at_checked(length)?;
    let mac: &Mac = rest.first_chunk()?;
    Some((sealed, *mac, 4 + length + MAC_BYTES))
}
