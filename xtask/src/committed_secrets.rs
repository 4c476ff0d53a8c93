//! Secrets that somebody committed by mistake: keys and tokens have shapes that nothing else has.
//!
//! Looks at every file that git knows (promise D-24). What a test needs is made by the test; a file
//! that must show such a shape says so in [`EXEMPT`].

use std::{fs, process::Command};

use anyhow::ensure;

use crate::{process, root};

/// Larger files are recordings, fonts or lock files.
const FILE_BYTES_MAX: u64 = 2 << 20;

/// How a secret begins, how many letters, digits, `-` and `_` follow at least, and what it is.
const SHAPES: [(&str, usize, &str); 8] = [
    ("-----BEGIN PRIVATE ", 3, "a private key"),
    ("-----BEGIN RSA PRIVATE ", 3, "a private key"),
    ("-----BEGIN EC PRIVATE ", 3, "a private key"),
    ("-----BEGIN OPENSSH PRIVATE ", 3, "a private key"),
    ("AKIA", 16, "a key of a cloud"),
    ("ghp_", 36, "a token of a code host"),
    ("xoxb-", 24, "a token of a chat"),
    ("hwt_", 43, "a token of this product"),
];

/// Files that speak about the shapes.
const EXEMPT: [&str; 1] = ["xtask/src/committed_secrets.rs"];

pub(crate) fn check() -> anyhow::Result<()> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z"]).current_dir(root());
    let listed = process::output(&mut command)?;
    let mut looked = 0_usize;
    let mut found = Vec::new();
    for name in listed.split('\0').filter(|name| !name.is_empty() && !EXEMPT.contains(name)) {
        let path = root().join(name);
        // A link, or a file that is removed and not yet committed.
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        if !about.is_file() || about.len() > FILE_BYTES_MAX {
            continue;
        }
        looked += 1;
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        found.extend(secrets(&text).map(|(line, what)| format!("{name}:{line}: {what}")));
    }
    ensure!(looked > 100, "git lists {looked} files only");
    ensure!(found.is_empty(), "committed secrets:\n{}", found.join("\n"));
    println!("secrets: none in {looked} files");
    Ok(())
}

/// Lines, from 1, that hold something with the shape of a secret.
fn secrets(text: &str) -> impl Iterator<Item = (usize, &'static str)> + '_ {
    text.lines().enumerate().filter_map(|(index, line)| Some((index + 1, secret(line)?)))
}

fn secret(line: &str) -> Option<&'static str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    SHAPES.iter().find_map(|(start, length, what)| {
        let mut places = line.match_indices(start);
        places
            .any(|(at, _)| {
                let rest = line.as_bytes().get(at + start.len()..).unwrap_or_default();
                rest.iter().take_while(|byte| is_part(byte)).count() >= *length
            })
            .then_some(*what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: D-24. A key or token in a file stops the build.
    #[test]
    fn a_key_or_token_is_recognised() {
        let key = format!("-----BEGIN {}KEY-----", "RSA PRIVATE ");
        let token = format!("let token = \"hwt_{}\";", "Ab-_".repeat(11));
        let text = format!("first\n{key}\n{token}\nhwt_ is how tokens begin");
        let found: Vec<_> = secrets(&text).collect();
        assert_eq!(found, [(2, "a private key"), (3, "a token of this product")]);
    }
}
