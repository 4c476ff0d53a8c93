//! `snapshot`: one picture, with the time it was taken.

use http::Method;
use serde_json::json;

use super::{find_camera, path_of, tell};
use crate::{
    arguments::SnapshotArguments,
    client::{Client, read, target},
    failure::Failure,
    private_file::PrivateFile,
};

pub(crate) async fn run(
    client: &Client,
    arguments: SnapshotArguments,
    json: bool,
) -> Result<(), Failure> {
    let camera = find_camera(client, &arguments.camera).await?;
    let query: Vec<_> = arguments.at.iter().map(|at| ("at", at.to_string())).collect();
    let target = target(&path_of(camera.id, "/snapshot.jpg"), &query);
    let response = client.open(Method::GET, &target, None).await?;
    let at = response.headers().get("x-frame-time").and_then(|at| at.to_str().ok());
    let at = at.unwrap_or_default().to_owned();
    let picture = read(response).await?;
    let mut file = PrivateFile::begin(&arguments.output)?;
    file.append(&picture)?;
    file.keep()?;
    let name = arguments.output.display().to_string();
    let words = format!("{name}: {} at {at}", camera.name);
    let told = json!({ "file": name, "bytes": picture.len(), "camera": camera.id, "at": at });
    tell(json, &told, &words)
}
