//! `backup`: the whole house in one sealed file, with progress when a person watches.

use std::{io::IsTerminal, path::Path};

use hearth_secret::SecretString;
use http_body_util::BodyExt;
use hyper::{Response, body::Incoming};
use indicatif::ProgressBar;
use serde_json::json;

use super::tell;
use crate::{
    arguments::{BackupArguments, Media},
    client::Client,
    failure::Failure,
    output::bytes,
    private_file::PrivateFile,
};

const CUT: Failure =
    Failure::Broken("The backup was cut off, and no file was kept. The hub's log says why.");

#[derive(serde::Serialize)]
struct Wanted<'a> {
    media: &'static str,
    from: Option<hearth_model::WallTime>,
    to: Option<hearth_model::WallTime>,
    passphrase: Option<&'a str>,
}

pub(crate) async fn run(
    client: &Client,
    data: &Path,
    arguments: BackupArguments,
    passphrase: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    require_outside(&arguments.output, data)?;
    let media = match (arguments.from, arguments.media) {
        (Some(_), _) => "range",
        (None, Media::None) => "none",
        (None, Media::Held) => "held",
        (None, Media::All) => "all",
    };
    let passphrase = passphrase.as_ref().map(|text| text.expose().as_str());
    let wanted = Wanted { media, from: arguments.from, to: arguments.to, passphrase };
    // Before the hub begins: a place that takes no file should cost nothing.
    let mut file = PrivateFile::begin(&arguments.output)?;
    let response = client.open_secret("/api/v1/backup", &wanted).await?;
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let id = header("x-backup-id").unwrap_or_default().to_owned();
    let expected = header("x-backup-bytes").and_then(|text| text.parse().ok()).unwrap_or(0);
    let written = receive(response, &mut file, &bar(expected, json)).await?;
    file.keep()?;
    client.tell("/api/v1/backup/kept", &json!({ "id": id })).await?;
    let name = arguments.output.display().to_string();
    let words =
        format!("{name}: {}. Check it with: hearthwatch restore {name} --verify", bytes(written));
    tell(json, &json!({ "file": name, "bytes": written, "media": media, "id": id }), &words)
}

/// A backup in the data folder would be in the next one, and goes with the disk.
fn require_outside(output: &Path, data: &Path) -> Result<(), Failure> {
    let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    match (whole(folder.unwrap_or(Path::new("."))), whole(data)) {
        (Ok(folder), Ok(data)) if folder.starts_with(&data) => Err(Failure::Usage(
            "A backup must not lie inside the data folder; name a file elsewhere.".to_owned(),
        )),
        _ => Ok(()),
    }
}

async fn receive(
    response: Response<Incoming>,
    file: &mut PrivateFile,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let (mut body, mut written) = (response.into_body(), 0_u64);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| CUT)?.into_data() else { continue };
        file.append(&data)?;
        written = written.saturating_add(data.len() as u64);
        bar.set_position(written);
    }
    bar.finish_and_clear();
    Ok(written)
}

/// Shown only when stderr is a terminal and nobody asked for JSON.
fn bar(expected: u64, json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    match expected {
        0 => ProgressBar::new_spinner(),
        expected => super::export::byte_bar(expected),
    }
}
