//! `reply`: what the house says at a door.

use std::path::Path;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{find_camera, path_of, tell};
use crate::{
    arguments::ReplyCommand,
    client::{Client, target},
    failure::Failure,
    output,
};

const REPLIES: &str = "/api/v1/replies";

pub(crate) async fn run(client: &Client, command: ReplyCommand, json: bool) -> Result<(), Failure> {
    match command {
        ReplyCommand::List => list(client, json).await,
        ReplyCommand::Add { name, file } => {
            let added = add(client, &name, &file).await?;
            tell(json, &added, &format!("{} can be said.", text(&added, "name")))
        }
        ReplyCommand::Remove { name } => {
            let id = text(&find(client, &name).await?, "id");
            let removed = client.delete(&format!("{REPLIES}/{id}")).await?;
            tell(json, &removed, &format!("{name} was removed."))
        }
        ReplyCommand::Play { camera, name } => {
            let camera = find_camera(client, &camera).await?;
            let id = text(&find(client, &name).await?, "id");
            let path = path_of(camera.id, &format!("/replies/{id}"));
            let spoken: Value = client.post(&path, &json!({})).await?;
            tell(json, &spoken, &format!("{name} was said at {}.", camera.name))
        }
    }
}

async fn all(client: &Client) -> Result<Vec<Value>, Failure> {
    let list: Value = client.get(REPLIES).await?;
    Ok(list["replies"].as_array().cloned().unwrap_or_default())
}

async fn find(client: &Client, named: &str) -> Result<Value, Failure> {
    let is_it = |reply: &Value| reply["name"] == named || reply["id"] == named;
    all(client).await?.into_iter().find(is_it).ok_or_else(|| Failure::Refused {
        code: "no_such_reply".to_owned(),
        message: format!("Nothing to say is called {named:?}. See: hearthwatch reply list"),
    })
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or("-").to_owned()
}

async fn add(client: &Client, name: &str, file: &Path) -> Result<Value, Failure> {
    let unreadable = |source| Failure::Unreadable { path: file.to_owned(), source };
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let target = target(REPLIES, &[("name", name.to_owned())]);
    // The hub looks at the bytes itself; this only says what they should be.
    client.upload(&target, "audio/wav", Bytes::from(bytes)).await
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let replies = all(client).await?;
    if json {
        return Ok(output::json(&json!({ "replies": replies }))?);
    }
    if replies.is_empty() {
        return Ok(output::line("There is nothing to say. See: hearthwatch reply add --help")?);
    }
    let row = |reply: &Value| vec![text(reply, "name"), text(reply, "id")];
    let rows: Vec<Vec<String>> = replies.iter().map(row).collect();
    Ok(output::table(&["NAME", "ID"], &rows)?)
}
