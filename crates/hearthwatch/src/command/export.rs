//! `export`: footage as an MP4 file, with progress when a person watches.

use std::io::IsTerminal;

use http::{Method, header};
use http_body_util::BodyExt;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{find_camera, path_of, tell};
use crate::{
    arguments::ExportArguments,
    client::{Client, target},
    failure::Failure,
    output::bytes,
    private_file::PrivateFile,
};

pub(crate) async fn run(
    client: &Client,
    arguments: ExportArguments,
    json: bool,
) -> Result<(), Failure> {
    if arguments.from >= arguments.to {
        return Err(Failure::Usage("--from must be before --to.".to_owned()));
    }
    let camera = find_camera(client, &arguments.camera).await?;
    let query = [
        ("from", arguments.from.to_string()),
        ("to", arguments.to.to_string()),
        ("download", "1".to_owned()),
    ];
    let target = target(&path_of(camera.id, "/clip.mp4"), &query);
    let response = client.open(Method::GET, &target, None).await?;
    let length = response
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .ok_or(Failure::Broken("The hub did not say how large the clip is."))?;

    let mut file = PrivateFile::begin(&arguments.output)?;
    let bar = bar(length, json);
    let (mut body, mut written) = (response.into_body(), 0_u64);
    while let Some(frame) = body.frame().await {
        let cut = Failure::Broken("The clip was cut off. The hub's log says why; try again.");
        let Ok(data) = frame.map_err(|_| cut)?.into_data() else { continue };
        file.append(&data)?;
        written = written.saturating_add(data.len() as u64);
        bar.set_position(written);
    }
    if written != length {
        return Err(Failure::Broken("The clip was cut off. The hub's log says why; try again."));
    }
    file.keep()?;
    bar.finish_and_clear();
    let name = arguments.output.display().to_string();
    let words = format!("{name}: {}", bytes(written));
    tell(json, &json!({ "file": name, "bytes": written, "camera": camera.id }), &words)
}

/// Shown only when stderr is a terminal and nobody asked for JSON.
fn bar(length: u64, json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    byte_bar(length)
}

/// A bar that counts bytes.
pub(super) fn byte_bar(length: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = ProgressBar::new(length);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
