//! Folders of the user who runs a command without a hub.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// `hearthwatch` in the user's configuration folder (XDG Base Directory Specification).
pub(crate) fn configuration() -> Result<PathBuf, Failure> {
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))
        .map(|folder| folder.join("hearthwatch"))
        .ok_or_else(|| {
            Failure::Usage("Set HOME or XDG_CONFIG_HOME: this is kept there.".to_owned())
        })
}

/// Makes a folder for its owner alone, unless it is there.
pub(crate) fn make_private(folder: &Path) -> Result<(), Failure> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| Failure::File { path: folder.to_owned(), source })
}
