//! A sealed backup: one stream that a passphrase or the recovery key opens, on any machine.
//!
//! ```text
//! backup = "HWBKUP1\0" | length u32 | header (JSON) | piece ...
//! piece  = ciphertext (64 KiB, the last one shorter) | tag 16
//! ```
//!
//! A backup has a random key of its own. The header holds it wrapped by the stretched passphrase,
//! sealed to the recovery key, or both; the vault's everyday key is not needed and does not open
//! it. The pieces' key is derived from the backup's key and a hash of the header, so no byte of the
//! header can change. Nonce = number of the piece | whether it is the last: a piece that is
//! altered, moved, repeated or left out does not open, and neither does a backup that ends early or
//! goes on after its end. (The construction is STREAM: Hoang, Reyhanitabar, Rogaway, Vizár, 2015.)
//!
//! In clear are the vault's id, the time, and how it can be opened. What is inside is up to the
//! caller (`hearth-hub`).

use std::io::{self, Read, Write};

use aws_lc_rs::digest;
use hearth_model::WallTime;
use hearth_secret::{Key256, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    RecoveryKey, Vault, VaultError, VaultId, hex,
    key::{AeadKey, NONCE_BYTES, Purpose, TAG_BYTES, WrappedKey, random_key},
    recovery::RecoverySealed,
    stretching::Stretching,
    vault::lock,
};

const MAGIC: &[u8; 8] = b"HWBKUP1\0";
const FORMAT: u32 = 1;
/// A header has some 700 bytes.
const HEADER_BYTES_MAX: usize = 4096;
/// Plaintext in a piece.
const PIECE_BYTES: usize = 64 * 1024;
const SEALED_BYTES: usize = PIECE_BYTES + TAG_BYTES;

/// What a backup says of itself to anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupHead {
    /// Whose it is.
    pub vault: VaultId,
    /// When it was begun.
    pub made_at: WallTime,
    /// A passphrase opens it.
    pub has_passphrase: bool,
    /// The recovery key of that time opens it.
    pub has_recovery: bool,
}

/// What opens a backup.
#[derive(Clone, Debug)]
pub enum BackupKey {
    /// The passphrase that it was made with.
    Passphrase(SecretString),
    /// The vault's recovery key when it was made.
    Recovery(RecoveryKey),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u32,
    vault: String,
    made_us: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passphrase: Option<PassphraseWrapped>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<RecoverySealed>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassphraseWrapped {
    argon2id: Stretching,
    key: String,
}

impl PassphraseWrapped {
    fn seal(passphrase: &SecretString, key: &Key256) -> Result<Self, VaultError> {
        if passphrase.expose().is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        let argon2id = Stretching::recommended()?;
        let stretched = argon2id.stretch(passphrase)?.ok_or(VaultError::Cryptography)?;
        let wrapped = wrapping_key(&stretched)?.wrap(b"backup", key)?;
        Ok(Self { argon2id, key: hex::encode(&wrapped.to_bytes()) })
    }

    fn open(&self, passphrase: &SecretString) -> Result<Key256, VaultError> {
        let wrapped: Option<[u8; WrappedKey::BYTES]> = hex::decode(&self.key);
        let wrapped = wrapped.and_then(|bytes| WrappedKey::from_bytes(&bytes));
        let stretched = self.argon2id.stretch(passphrase)?.ok_or(VaultError::Altered)?;
        let opened =
            wrapping_key(&stretched)?.unwrap(b"backup", &wrapped.ok_or(VaultError::Altered)?);
        opened.map_err(|_| VaultError::WrongKey)
    }
}

fn wrapping_key(stretched: &Key256) -> Result<AeadKey, VaultError> {
    AeadKey::derive(stretched, Purpose::PassphraseWrapsBackup, &[], &[])
}

/// The key of the pieces: of the backup's key, for exactly this header.
fn pieces_key(key: &Key256, header: &[u8]) -> Result<AeadKey, VaultError> {
    let hash = digest::digest(&digest::SHA256, header);
    AeadKey::derive(key, Purpose::BackupPieces, hash.as_ref(), &[])
}

fn nonce(number: u64, is_last: bool) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    let (count, last) = nonce.split_at_mut(8);
    count.copy_from_slice(&number.to_be_bytes());
    last.copy_from_slice(&[0, 0, 0, u8::from(is_last)]);
    nonce
}

impl Header {
    fn to_bytes(&self) -> Result<Vec<u8>, VaultError> {
        serde_json::to_vec(self).map_err(|_| VaultError::Cryptography)
    }

    fn read(input: &mut impl Read) -> Result<(Self, Vec<u8>), VaultError> {
        let mut front = [0; MAGIC.len() + 4];
        read_whole(input, &mut front)?;
        let (magic, length) = front.split_at(MAGIC.len());
        let length = <[u8; 4]>::try_from(length).map_or(0, u32::from_le_bytes) as usize;
        if magic != MAGIC || length > HEADER_BYTES_MAX {
            return Err(VaultError::NotABackup);
        }
        let mut bytes = vec![0; length];
        read_whole(input, &mut bytes)?;
        Ok((Self::parse(&bytes)?, bytes))
    }

    fn parse(bytes: &[u8]) -> Result<Self, VaultError> {
        #[derive(Deserialize)]
        struct FormatOnly {
            format: u32,
        }
        let damaged = |_| VaultError::Altered;
        let FormatOnly { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format > FORMAT {
            return Err(VaultError::TooNew { found: format, supported: FORMAT });
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    fn head(&self) -> Result<BackupHead, VaultError> {
        Ok(BackupHead {
            vault: self.vault.parse().map_err(|_| VaultError::Altered)?,
            made_at: WallTime::from_micros(self.made_us),
            has_passphrase: self.passphrase.is_some(),
            has_recovery: self.recovery.is_some(),
        })
    }

    fn open(&self, with: &BackupKey) -> Result<Key256, VaultError> {
        match with {
            BackupKey::Passphrase(text) => {
                self.passphrase.as_ref().ok_or(VaultError::WrongKey)?.open(text)
            }
            BackupKey::Recovery(key) => {
                let sealed = self.recovery.as_ref().ok_or(VaultError::WrongKey)?;
                sealed.open(key, Purpose::RecoveryWrapsBackup)?.ok_or(VaultError::Altered)
            }
        }
    }
}

/// Reads all of `bytes`; an early end is [`VaultError::NotABackup`], so short is no backup.
fn read_whole(input: &mut impl Read, bytes: &mut [u8]) -> Result<(), VaultError> {
    input.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => VaultError::NotABackup,
        _ => VaultError::io("read the backup")(error),
    })
}

impl Vault {
    /// Begins a backup into `out`, to be opened by `passphrase` and, if the vault has one, by its
    /// recovery key. Takes about a third of a second for the passphrase.
    ///
    /// # Errors
    /// [`VaultError::NoRecoveryKey`] without either: nobody could open it.
    pub fn begin_backup<W: Write>(
        &self,
        mut out: W,
        made_at: WallTime,
        passphrase: Option<&SecretString>,
    ) -> Result<BackupWriter<W>, VaultError> {
        let recovery = lock(&self.0.opened).recovery;
        if passphrase.is_none() && recovery.is_none() {
            return Err(VaultError::NoRecoveryKey);
        }
        let key = random_key()?;
        let seal = |public| RecoverySealed::seal(&public, Purpose::RecoveryWrapsBackup, &key);
        let header = Header {
            format: FORMAT,
            vault: self.id().to_string(),
            made_us: made_at.as_micros(),
            passphrase: passphrase.map(|text| PassphraseWrapped::seal(text, &key)).transpose()?,
            recovery: recovery.map(seal).transpose()?,
        }
        .to_bytes()?;
        let length = u32::try_from(header.len()).map_err(|_| VaultError::Cryptography)?;
        [&MAGIC[..], &length.to_le_bytes(), &header]
            .iter()
            .try_for_each(|part| out.write_all(part))
            .map_err(VaultError::io("write the backup"))?;
        let pieces = pieces_key(&key, &header)?;
        let piece = Zeroizing::new(Vec::with_capacity(SEALED_BYTES));
        Ok(BackupWriter { out, pieces, piece, number: 0 })
    }
}

/// Takes a backup's content. Without [`BackupWriter::finish`] what was written is no backup.
pub struct BackupWriter<W: Write> {
    out: W,
    pieces: AeadKey,
    /// Plaintext of the piece that is being filled.
    piece: Zeroizing<Vec<u8>>,
    number: u64,
}

impl<W: Write> BackupWriter<W> {
    /// Ends the backup and hands back what it was written to.
    ///
    /// # Errors
    /// If the last piece cannot be written.
    pub fn finish(mut self) -> Result<W, VaultError> {
        self.seal_piece(true)?;
        self.out.flush().map_err(VaultError::io("write the backup"))?;
        Ok(self.out)
    }

    fn seal_piece(&mut self, is_last: bool) -> Result<(), VaultError> {
        let nonce = nonce(self.number, is_last);
        let tag = self.pieces.seal_in_place(nonce, &[], &mut self.piece)?;
        self.number = self.number.checked_add(1).ok_or(VaultError::Cryptography)?;
        self.piece.extend_from_slice(&tag);
        let written = self.out.write_all(&self.piece);
        self.piece.clear();
        written.map_err(VaultError::io("write the backup"))
    }
}

impl<W: Write> Write for BackupWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Sealed only when more comes, so that the last piece is known to be the last.
        if self.piece.len() >= PIECE_BYTES && !bytes.is_empty() {
            self.seal_piece(false).map_err(io_error)?;
        }
        let room = PIECE_BYTES - self.piece.len();
        let now = bytes.get(..room).unwrap_or(bytes);
        self.piece.extend_from_slice(now);
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Gives a backup's content. Every byte it gives is authentic; that it was all is known at its end
/// (a read of 0 bytes).
pub struct BackupReader<R: Read> {
    input: R,
    pieces: AeadKey,
    head: BackupHead,
    piece: Zeroizing<Vec<u8>>,
    /// How much of the piece was given.
    given: usize,
    /// The byte behind the piece, read to see whether there is one.
    ahead: Option<u8>,
    number: u64,
    is_over: bool,
}

impl<R: Read> BackupReader<R> {
    /// What the backup says of itself; nothing of it is proved yet.
    ///
    /// # Errors
    /// [`VaultError::NotABackup`], [`VaultError::TooNew`], [`VaultError::Altered`].
    pub fn peek(mut input: R) -> Result<BackupHead, VaultError> {
        Header::read(&mut input)?.0.head()
    }

    /// Opens a backup.
    ///
    /// # Errors
    /// As [`BackupReader::peek`]; [`VaultError::WrongKey`] if the passphrase or recovery key does
    /// not fit.
    pub fn open(mut input: R, with: &BackupKey) -> Result<Self, VaultError> {
        let (header, bytes) = Header::read(&mut input)?;
        let head = header.head()?;
        let pieces = pieces_key(&header.open(with)?, &bytes)?;
        let piece = Zeroizing::new(Vec::with_capacity(SEALED_BYTES));
        let (given, ahead, number, is_over) = (0, None, 0, false);
        Ok(Self { input, pieces, head, piece, given, ahead, number, is_over })
    }

    /// What it says of itself, proved as soon as the first byte was read.
    pub fn head(&self) -> &BackupHead {
        &self.head
    }

    fn next_piece(&mut self) -> Result<(), VaultError> {
        self.piece.clear();
        self.given = 0;
        self.piece.extend(self.ahead.take());
        let wanted = (SEALED_BYTES + 1).saturating_sub(self.piece.len()) as u64;
        let input = &mut self.input;
        // One byte more than a piece, into room that is there already.
        self.piece.reserve_exact(SEALED_BYTES + 1);
        input
            .take(wanted)
            .read_to_end(&mut self.piece)
            .map_err(VaultError::io("read the backup"))?;
        if self.piece.len() > SEALED_BYTES {
            self.ahead = self.piece.pop();
        }
        self.is_over = self.ahead.is_none();
        if self.piece.len() < TAG_BYTES {
            return Err(VaultError::Truncated);
        }
        // Opening a piece that fails destroys it, and which way it fails tells a person what to do.
        let sealed = self.is_over.then(|| self.piece.clone());
        let opened =
            self.pieces.open_in_place(nonce(self.number, self.is_over), &[], &mut self.piece);
        let length = match (opened, sealed) {
            (Ok(plain), _) => plain.len(),
            (Err(_), Some(mut sealed)) => {
                let goes_on =
                    self.pieces.open_in_place(nonce(self.number, false), &[], &mut sealed);
                return Err(goes_on.map_or(VaultError::Altered, |_| VaultError::Truncated));
            }
            (Err(error), None) => return Err(error),
        };
        self.piece.truncate(length);
        self.number += 1;
        Ok(())
    }
}

impl<R: Read> Read for BackupReader<R> {
    /// A [`VaultError`] is inside the error: see [`VaultError::of_io`].
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.piece.len() && !self.is_over {
            self.next_piece().map_err(io_error)?;
        }
        let left = self.piece.get(self.given..).unwrap_or_default();
        let count = left.len().min(buffer.len());
        buffer.iter_mut().zip(left).for_each(|(to, from)| *to = *from);
        self.given += count;
        Ok(count)
    }
}

fn io_error(error: VaultError) -> io::Error {
    match error {
        VaultError::Io { source, .. } => source,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests;
