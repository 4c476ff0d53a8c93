//! `cargo xtask models`: the face model, out of its npm package, in the form the product embeds.
//!
//! The package is pinned by `models/package-lock.json`; nothing of it is run. Its quantised weights
//! are read and written by our own code into `models/dist/faces.pack`, whose SHA-256 is a constant of
//! the product: another file is neither written here nor loaded there.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use hearth_face::{FACE_MODEL_SHA256, Pack, Sha256Sum, read_manifest};

use crate::{root, tools, ui};

/// Networks by the names they have in the pack, and in the package.
const NETWORKS: [(&str, &str); 3] = [
    ("detection", "ssd_mobilenetv1_model"),
    ("landmarks", "face_landmark_68_model"),
    ("recognition", "face_recognition_model"),
];

/// Installs the package and converts its weights.
pub(crate) fn build() -> anyhow::Result<()> {
    tools::require_node()?;
    let models = root().join("models");
    // Nothing of the package may run, not even when it is installed.
    ui::install_with(&models, &["--ignore-scripts"])?;
    let file = convert(&models.join("node_modules/@vladmandic/face-api/model"))?;
    let sum = Sha256Sum::of(&file);
    ensure!(
        sum == FACE_MODEL_SHA256,
        "the face model became {sum}, but the product loads {FACE_MODEL_SHA256} only"
    );
    let dist = models.join("dist");
    fs::create_dir_all(&dist)?;
    let path = dist.join("faces.pack");
    // Untouched if it is there already, so that nothing is built anew.
    if fs::read(&path).is_ok_and(|there| there == file) {
        return Ok(());
    }
    fs::write(&path, file).with_context(|| path.display().to_string())
}

/// Whether the face model is there.
pub(crate) fn are_built() -> bool {
    root().join("models/dist/faces.pack").is_file()
}

/// Converts the face model if it is not there; without it the product says that it has none.
pub(crate) fn build_if_missing() {
    if are_built() {
        return;
    }
    if let Err(error) = build() {
        eprintln!("note: built without a face model: {error:#}");
    }
}

fn convert(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let mut pack = Pack::default();
    for (network, name) in NETWORKS {
        let read = |file: String| {
            let path = folder.join(file);
            fs::read(&path).with_context(|| format!("could not read {}", path.display()))
        };
        let manifest = read(format!("{name}-weights_manifest.json"))?;
        let numbers = read(format!("{name}.bin"))?;
        pack.add(network, read_manifest(&manifest, &numbers).context(name)?);
    }
    Ok(pack.write()?)
}
