//! Embeds the face model (`models/dist/faces.pack`, made by `cargo xtask models`) if it is there.

use std::{
    env, fs,
    io::{self, Error},
    path::PathBuf,
};

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../..");
    let models = root.join("models");
    let pack = models.join("dist/faces.pack");
    // While the file is missing, the folder above is watched until it is made.
    let watched = if pack.is_file() { &pack } else { &models };
    println!("cargo:rerun-if-changed={}", watched.display());
    println!("cargo:rerun-if-changed=build.rs");
    let row = if pack.is_file() {
        format!("Some(include_bytes!({:?}))\n", fs::canonicalize(&pack)?)
    } else {
        "None\n".to_owned()
    };
    fs::write(PathBuf::from(variable("OUT_DIR")?).join("face_model.rs"), row)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(Error::other)
}
