//! Embeds the built dashboard (`web/dist`) into the crate: one row a file, with its content type,
//! its hash and, where it pays, its compressed form. Without a built dashboard the list is empty.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// Deeper than any bundle: a loop of links ends here.
const DEPTH_MAX: usize = 8;

/// Compression below this saves less than its header costs.
const COMPRESSED_FROM_BYTES: usize = 512;

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let web = root.join("../../web");
    let dist = web.join("dist");
    // Cargo runs this script every time while a watched path is missing, so the folder above is
    // watched until the dashboard has been built.
    let watched = if dist.is_dir() { &dist } else { &web };
    println!("cargo:rerun-if-changed={}", watched.display());
    println!("cargo:rerun-if-changed=build.rs");

    let mut files = Vec::new();
    if dist.is_dir() {
        list(&dist, DEPTH_MAX, &mut files)?;
    }
    files.sort();
    let mut rows = String::new();
    for (number, file) in files.iter().enumerate() {
        rows.push_str(&row(&dist, file, &out, number)?);
    }
    fs::write(out.join("dashboard.rs"), format!("&[\n{rows}]\n"))
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && depth > 0 {
            list(&path, depth - 1, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn row(dist: &Path, file: &Path, out: &Path, number: usize) -> io::Result<String> {
    let inside = file.strip_prefix(dist).map_err(io::Error::other)?;
    let path = format!("/{}", inside.to_str().ok_or_else(|| io::Error::other("file name"))?);
    let bytes = fs::read(file)?;
    let digest: String =
        Sha256::digest(&bytes).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let kind = content_type(&path);
    let packed = if is_text(kind) && bytes.len() >= COMPRESSED_FROM_BYTES {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&bytes)?;
        let target = out.join(format!("{number}.gz"));
        fs::write(&target, encoder.finish()?)?;
        format!("Some(include_bytes!({target:?}))")
    } else {
        "None".to_owned()
    };
    // The bundler puts files whose name holds their hash into `assets/`.
    let immutable = path.starts_with("/assets/");
    // A copy, so that the dashboard can be built again while the crate is being compiled.
    let plain = out.join(format!("{number}.plain"));
    fs::write(&plain, &bytes)?;
    Ok(format!(
        "    Asset {{ path: {path:?}, content_type: {kind:?}, etag: \"\\\"{digest}\\\"\", \
         immutable: {immutable}, bytes: include_bytes!({plain:?}), gzip: {packed} }},\n"
    ))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn is_text(content_type: &str) -> bool {
    !matches!(content_type, "image/png" | "font/woff2" | "application/octet-stream")
}
