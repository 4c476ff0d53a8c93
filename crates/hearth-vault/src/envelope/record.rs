//! The bytes of file and record headers, and the sealing of one record. Pure.

use crate::{
    FileId, FileKey, VaultError,
    key::{AeadKey, NONCE_BYTES, Purpose, TAG_BYTES},
};

/// First bytes of every sealed file.
const MAGIC: &[u8; 8] = b"HWSEAL1\0";
/// Bytes of the file header: magic and file id.
pub(crate) const FILE_HEADER_BYTES: usize = MAGIC.len() + 16;
/// Bytes of a record's header.
pub(crate) const HEADER_BYTES: usize = 20;
/// Bytes that sealing adds to a record.
pub(crate) const OVERHEAD_BYTES: usize = HEADER_BYTES + TAG_BYTES;
/// Most plaintext in one record.
pub(crate) const RECORD_BYTES_MAX: usize = 64 * 1024;
/// Bytes of the salt that an epoch record carries in clear.
pub(crate) const SALT_BYTES: usize = 32;
/// Epochs in one file. Each is a reopening after a crash or a failed append; a file that needs
/// more lies on a disk that should be given up.
pub(crate) const EPOCHS_MAX: u32 = 1024;
/// Records in one file: 256 GiB of full ones. Bounds the memory of a reader.
pub(crate) const RECORDS_MAX: usize = 4 * 1024 * 1024;

/// The flag in the kind byte: the item goes on in the next record of the same kind.
const MORE: u8 = 0x80;

/// What a record holds for its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A description, such as the initialization segment.
    Meta,
    /// A piece of the one stream of data.
    Data,
    /// An index of the data.
    Index,
}

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The salt of the records that follow.
    Epoch,
    /// For the user; `more` when the item goes on in the next record.
    User { kind: RecordKind, more: bool },
    /// Kinds and lengths of all records before it.
    Table,
    /// Nothing follows; says where the table is.
    End,
}

impl Kind {
    pub(crate) const DATA: Self = Self::User { kind: RecordKind::Data, more: false };

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Epoch => 1,
            Self::User { kind, more } => {
                let code = match kind {
                    RecordKind::Meta => 2,
                    RecordKind::Data => 3,
                    RecordKind::Index => 4,
                };
                if more { code | MORE } else { code }
            }
            Self::Table => 5,
            Self::End => 6,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        let more = code & MORE != 0;
        let user = |kind| Some(Self::User { kind, more });
        match (code & !MORE, more) {
            (1, false) => Some(Self::Epoch),
            (2, _) => user(RecordKind::Meta),
            (3, false) => Some(Self::DATA),
            (4, _) => user(RecordKind::Index),
            (5, false) => Some(Self::Table),
            (6, false) => Some(Self::End),
            _ => None,
        }
    }
}

/// The first bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileHeader {
    pub(crate) file: FileId,
}

impl FileHeader {
    pub(crate) fn to_bytes(self) -> [u8; FILE_HEADER_BYTES] {
        let mut bytes = [0; FILE_HEADER_BYTES];
        let (magic, file) = bytes.split_at_mut(MAGIC.len());
        magic.copy_from_slice(MAGIC);
        file.copy_from_slice(&self.file);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self { file: *bytes.strip_prefix(MAGIC)?.first_chunk()? })
    }
}

/// The clear part of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    /// Bytes of plaintext (for an epoch record: of the salt).
    pub(crate) length: u32,
    pub(crate) epoch: u32,
    /// Place in the file, from 0.
    pub(crate) number: u64,
    pub(crate) kind: Kind,
}

impl RecordHeader {
    pub(crate) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let (length, rest) = bytes.split_at_mut(4);
        let (epoch, rest) = rest.split_at_mut(4);
        let (number, kind) = rest.split_at_mut(8);
        length.copy_from_slice(&self.length.to_le_bytes());
        epoch.copy_from_slice(&self.epoch.to_le_bytes());
        number.copy_from_slice(&self.number.to_le_bytes());
        kind.copy_from_slice(&[self.kind.code(), 0, 0, 0]);
        bytes
    }

    /// `None` for what no writer writes.
    pub(crate) fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (epoch, rest) = rest.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let &[kind, 0, 0, 0] = rest else { return None };
        let length = u32::from_le_bytes(*length);
        if length as usize > RECORD_BYTES_MAX {
            return None;
        }
        let (epoch, number) = (u32::from_le_bytes(*epoch), u64::from_le_bytes(*number));
        Some(Self { length, epoch, number, kind: Kind::from_code(kind)? })
    }

    fn nonce(&self) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        let (epoch, number) = nonce.split_at_mut(4);
        epoch.copy_from_slice(&self.epoch.to_be_bytes());
        number.copy_from_slice(&self.number.to_be_bytes());
        nonce
    }

    /// Header and place in the stream. The place is 0 for all but data: their number says it all.
    fn authenticated(&self, data_offset: u64) -> [u8; HEADER_BYTES + 8] {
        let mut bytes = [0; HEADER_BYTES + 8];
        let (header, place) = bytes.split_at_mut(HEADER_BYTES);
        header.copy_from_slice(&self.to_bytes());
        let place_value = if self.kind == Kind::DATA { data_offset } else { 0 };
        place.copy_from_slice(&place_value.to_le_bytes());
        bytes
    }

    /// Encrypts the plaintext in place; the tag follows it on disk.
    pub(crate) fn seal(
        &self,
        key: &EpochKey,
        data_offset: u64,
        plaintext: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], VaultError> {
        key.0.seal_in_place(self.nonce(), &self.authenticated(data_offset), plaintext)
    }

    /// Decrypts ciphertext and tag in place; the plaintext is the front part.
    pub(crate) fn open<'a>(
        &self,
        key: &EpochKey,
        data_offset: u64,
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], VaultError> {
        key.0.open_in_place(self.nonce(), &self.authenticated(data_offset), sealed)
    }
}

/// The key of one epoch of one file.
pub(crate) struct EpochKey(AeadKey);

impl EpochKey {
    pub(crate) fn derive(
        key: &FileKey,
        header: FileHeader,
        epoch: u32,
        salt: &[u8; SALT_BYTES],
    ) -> Result<Self, VaultError> {
        let mut context = [0; FILE_HEADER_BYTES + 4];
        let (file, number) = context.split_at_mut(FILE_HEADER_BYTES);
        file.copy_from_slice(&header.to_bytes());
        number.copy_from_slice(&epoch.to_le_bytes());
        AeadKey::derive(key.raw(), Purpose::FileRecords, salt, &context).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn arbitrary_headers_never_panic_and_survive_their_bytes(bytes: [u8; HEADER_BYTES]) {
            if let Some(header) = RecordHeader::from_bytes(&bytes) {
                prop_assert_eq!(header.to_bytes(), bytes);
            }
        }

        #[test]
        fn every_kind_survives_its_code(code: u8) {
            if let Some(kind) = Kind::from_code(code) {
                prop_assert_eq!(kind.code(), code);
            }
        }

        #[test]
        fn nonces_differ_when_epoch_or_number_differ(a: (u32, u64), b: (u32, u64)) {
            let nonce = |(epoch, number)| {
                RecordHeader { length: 0, epoch, number, kind: Kind::DATA }.nonce()
            };
            prop_assert_eq!(nonce(a) == nonce(b), a == b);
        }
    }

    #[test]
    fn a_file_header_survives_its_bytes() {
        let header = FileHeader { file: [3; 16] };
        assert_eq!(FileHeader::from_bytes(&header.to_bytes()), Some(header));
        assert_eq!(FileHeader::from_bytes(b"HWSEAL2\0................"), None);
    }
}
