//! Clips and pictures that are not part of the repository.

use std::path::{Path, PathBuf};

/// Where something of the test data would be: in the folder that `HEARTHWATCH_TEST_DATA` names, or
/// beside the workspace.
pub(crate) fn test_data(path: &str) -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or_else(beside, PathBuf::from);
    folder.join(path)
}
