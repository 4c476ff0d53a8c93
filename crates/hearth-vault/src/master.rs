//! Where the key that unlocks a vault comes from: a key file, a passphrase or a credential.
//!
//! promise: D-02, D-35. The key never lies inside the data directory: a copied data directory, or
//! a stolen disk when the key is on another one, opens nothing. A TPM is used through
//! `systemd-creds encrypt --with-key=tpm2` and [`MasterKeySource::Credential`].

use std::{
    env, fs,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use hearth_secret::{Key256, SecretString};
use zeroize::Zeroizing;

use crate::{
    RecoveryKey, VaultError, VaultId, hex,
    key::random_key,
    private_file::{create_private_directory, create_private_file, read_bounded, sync_directory},
    shred::overwrite,
};

/// A key file is one comment line and 64 digits; more than this is some other file.
const KEY_FILE_BYTES_MAX: u64 = 1024;
/// First line of the key files that we write, followed by the vault's id.
const COMMENT: &str = "# key of hearthwatch vault ";

/// Where to take the unlock key from.
#[derive(Clone, Debug)]
pub enum MasterKeySource {
    /// A file with 32 random bytes, raw or as hexadecimal digits, readable by its owner only.
    /// Created with the vault if it does not exist.
    KeyFile(PathBuf),
    /// A passphrase, stretched with Argon2id.
    Passphrase(SecretString),
    /// A credential that the service manager provides (`$CREDENTIALS_DIRECTORY/name`), in the form
    /// of a key file. Never created.
    Credential(PathBuf),
    /// The recovery key, when the others are lost. It opens a vault, and then another source can be
    /// set; it cannot be the only one.
    Recovery(RecoveryKey),
}

/// Where the key file of a vault lies by default: under `$XDG_CONFIG_HOME` or `~/.config`, named
/// after the vault, so that several vaults of one user do not meet. `None` without a home.
pub fn default_key_file(vault: VaultId) -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(config.join("hearthwatch").join(format!("{vault}.key")))
}

/// Reads an existing key for `vault`.
pub(crate) fn read_key(source: KeyLocation<'_>, vault: VaultId) -> Result<Key256, VaultError> {
    let location = source.path.to_path_buf();
    let metadata = match fs::metadata(source.path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(VaultError::KeyMissing { location });
        }
        Err(error) => return Err(VaultError::io("look at the key file")(error)),
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & source.refused_mode != 0 {
        return Err(VaultError::KeyExposed { location, mode });
    }
    let bytes = read_bounded(source.path, KEY_FILE_BYTES_MAX).map(Zeroizing::new);
    let bytes = bytes.map_err(VaultError::io("read the key file"))?;
    let key = parse_key(&bytes).ok_or(VaultError::KeyMalformed { location })?;
    match key.vault {
        Some(expected) if expected != vault => {
            Err(VaultError::OtherVault { expected, found: vault })
        }
        _ => Ok(key.key),
    }
}

/// Reads the key file or, if there is none, makes one with a fresh key; durable on return.
pub(crate) fn read_or_create_key(path: &Path, vault: VaultId) -> Result<Key256, VaultError> {
    match read_key(KeyLocation::file(path), vault) {
        Err(VaultError::KeyMissing { .. }) => create_key(path, vault),
        read => read,
    }
}

/// The vault that an existing, readable key file names.
pub(crate) fn vault_named_in(path: &Path) -> Option<VaultId> {
    let bytes = Zeroizing::new(read_bounded(path, KEY_FILE_BYTES_MAX).ok()?);
    parse_key(&bytes)?.vault
}

/// Where the key that is about to replace the one in a key file lies meanwhile.
fn next_key_file(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    PathBuf::from(name)
}

/// Makes the key that is to replace the one in a key file, beside it; durable on return. The vault
/// must come to know it before [`adopt_next_key`].
pub(crate) fn create_next_key(path: &Path, vault: VaultId) -> Result<Key256, VaultError> {
    let next = next_key_file(path);
    // Left by an attempt that got no further: the vault does not know it.
    discard_next_key(path)?;
    create_key(&next, vault)
}

/// The key that [`create_next_key`] made, if a crash left it there.
pub(crate) fn read_next_key(path: &Path, vault: VaultId) -> Option<Key256> {
    read_key(KeyLocation::file(&next_key_file(path)), vault).ok()
}

/// Overwrites the key file's old key and puts the next one in its place; durable on return.
pub(crate) fn adopt_next_key(path: &Path) -> Result<(), VaultError> {
    let next = next_key_file(path);
    // Overwritten first: whatever happens now, the next key opens the vault.
    overwrite(path)
        .and_then(|()| fs::rename(&next, path))
        .and_then(|()| path.parent().map_or(Ok(()), sync_directory))
        .map_err(VaultError::io("replace the key file"))
}

/// Removes a next key that the vault does not know.
pub(crate) fn discard_next_key(path: &Path) -> Result<(), VaultError> {
    let next = next_key_file(path);
    match overwrite(&next).and_then(|()| fs::remove_file(&next)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(VaultError::io("remove a key file")(error))
        }
        _ => Ok(()),
    }
}

fn create_key(path: &Path, vault: VaultId) -> Result<Key256, VaultError> {
    let directory = path.parent().ok_or(VaultError::KeyMissing { location: path.into() })?;
    // A folder that exists belongs to the user; only one that we make gets our mode.
    if !directory.exists() {
        create_private_directory(directory).map_err(VaultError::io("make the key's folder"))?;
    }
    let key = random_key()?;
    let digits = Zeroizing::new(hex::encode(key.expose()));
    let comment = format!("{COMMENT}{vault}");
    // Reserved whole: a buffer that grows leaves unwiped pieces behind.
    let mut text = Zeroizing::new(String::with_capacity(comment.len() + digits.len() + 2));
    [&comment, "\n", &digits, "\n"].iter().for_each(|part| text.push_str(part));
    create_private_file(path)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| sync_directory(directory))
        .map_err(VaultError::io("write the key file"))?;
    Ok(key)
}

/// A file that holds a key, and which permission bits it must not have.
#[derive(Clone, Copy)]
pub(crate) struct KeyLocation<'a> {
    path: &'a Path,
    refused_mode: u32,
}

impl<'a> KeyLocation<'a> {
    pub(crate) fn file(path: &'a Path) -> Self {
        Self { path, refused_mode: 0o077 }
    }

    /// systemd grants the service's user access by an ACL, whose mask shows as group bits
    /// (systemd.exec(5), Credentials); only access for everybody is wrong.
    pub(crate) fn credential(path: &'a Path) -> Self {
        Self { path, refused_mode: 0o007 }
    }
}

struct ParsedKey {
    key: Key256,
    vault: Option<VaultId>,
}

fn parse_key(bytes: &[u8]) -> Option<ParsedKey> {
    if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
        return Some(ParsedKey { key: Key256::new(raw), vault: None });
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let vault = text
        .lines()
        .find_map(|line| line.strip_prefix(COMMENT))
        .and_then(|id| id.trim().parse().ok());
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let key = hex::decode(lines.next()?)?;
    lines.next().is_none().then_some(ParsedKey { key: Key256::new(key), vault })
}

/// Refuses a key inside the data directory, also behind links and `..`.
pub(crate) fn require_outside(key: &Path, data: &Path) -> Result<(), VaultError> {
    let data = fs::canonicalize(data).map_err(VaultError::io("look at the data directory"))?;
    // The key, and some of its folders, may not exist yet: resolve the deepest part that does.
    let resolved = key.ancestors().find_map(|part| {
        let part = if part.as_os_str().is_empty() { Path::new(".") } else { part };
        fs::canonicalize(part).ok()
    });
    match resolved {
        Some(resolved) if resolved.starts_with(&data) => Err(VaultError::KeyInsideData),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VAULT: VaultId = VaultId::from_bytes([1; 16]);

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_created_key_file_reads_back_and_is_private() {
        let folder = folder();
        let path = folder.path().join("config/keys/house.key");
        let key = read_or_create_key(&path, VAULT).expect("creates");
        let again = read_or_create_key(&path, VAULT).expect("reads");
        assert_eq!(key.expose(), again.expose());
        let mode = fs::metadata(&path).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn raw_bytes_and_digits_are_both_keys() {
        let digits = hex::encode(&[0xab; 32]);
        for bytes in [vec![0xab; 32], digits.clone().into_bytes(), format!("{digits}\n").into()] {
            assert_eq!(parse_key(&bytes).expect("a key").key.expose(), &[0xab; 32]);
        }
        for bytes in [vec![0xab; 31], b"# comment\n".to_vec(), format!("{digits}\n00").into()] {
            assert!(parse_key(&bytes).is_none());
        }
    }

    /// promise: D-05. A key that others can read is refused, and the message says what to do.
    #[test]
    fn an_exposed_key_file_is_refused() {
        let folder = folder();
        let path = folder.path().join("key");
        read_or_create_key(&path, VAULT).expect("creates");
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("loosens");
            let refused = read_key(KeyLocation::file(&path), VAULT);
            assert!(matches!(refused, Err(VaultError::KeyExposed { .. })), "{mode:o}");
            let credential = read_key(KeyLocation::credential(&path), VAULT);
            assert_eq!(credential.is_ok(), mode & 0o007 == 0, "{mode:o}");
        }
    }

    #[test]
    fn a_key_of_another_vault_is_recognised() {
        let folder = folder();
        let path = folder.path().join("key");
        read_or_create_key(&path, VAULT).expect("creates");
        let other = VaultId::from_bytes([2; 16]);
        let read = read_key(KeyLocation::file(&path), other);
        assert!(matches!(read, Err(VaultError::OtherVault { expected, found })
            if expected == VAULT && found == other));
    }

    #[test]
    fn a_missing_key_says_where_it_should_be() {
        let missing = read_key(KeyLocation::file(Path::new("/nowhere/house.key")), VAULT);
        let error = missing.expect_err("there is none");
        assert!(error.to_string().contains("/nowhere/house.key"), "{error}");
        assert!(!error.fault().message.contains('/'), "a fault names no path");
    }

    /// promise: D-35. The key cannot be put into the data directory, not even by a detour.
    #[test]
    fn a_key_inside_the_data_directory_is_refused() {
        let folder = folder();
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("creates");
        std::os::unix::fs::symlink(&data, folder.path().join("link")).expect("links");
        for inside in ["data/key", "data/a/b/key", "link/key", "data/../data/key"] {
            let refused = require_outside(&folder.path().join(inside), &data);
            assert!(matches!(refused, Err(VaultError::KeyInsideData)), "{inside}");
        }
        for outside in ["key", "data2/key", "data/../key"] {
            require_outside(&folder.path().join(outside), &data).expect(outside);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_as_a_key_file_never_panic(bytes: Vec<u8>) {
            let parsed = parse_key(&bytes);
            prop_assert!(parsed.is_none() || bytes.len() >= 32);
        }
    }
}
