//! `people watch`: the watch list.

use serde_json::{Value, json};

use super::{added, text};
use crate::{
    arguments::{WatchArguments, WatchCommand},
    client::Client,
    command::tell,
    failure::Failure,
    output,
};

const LIST: &str = "/api/v1/watch-list";

pub(super) async fn run(client: &Client, command: WatchCommand, json: bool) -> Result<(), Failure> {
    match command {
        WatchCommand::List => list(client, json).await,
        WatchCommand::Add(arguments) => add(client, arguments, json).await,
        WatchCommand::Remove { person } => {
            let answer = client.delete(&path_of(&find(client, &person).await?, "")).await?;
            tell(json, &answer, &format!("{person} is watched for no more, and erased."))
        }
        WatchCommand::On => switch(client, true, json).await,
        WatchCommand::Off => switch(client, false, json).await,
        WatchCommand::Read => {
            let answer: Value = client.post(&format!("{LIST}/import"), &json!({})).await?;
            tell(json, &answer, "The published list is being read. See: people watch list")
        }
        WatchCommand::Forget => {
            let answer = client.delete(&format!("{LIST}/import")).await?;
            tell(json, &answer, "Everybody whom a published list named was erased.")
        }
    }
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let list: Value = client.get(LIST).await?;
    if json {
        return Ok(output::json(&list)?);
    }
    let is_on = list["settings"]["is_on"] == true;
    let waiting = list["waiting"].as_array().map_or(0, Vec::len);
    let compared = if is_on { "Faces are compared with the list" } else { "The list is off" };
    output::line(&format!("{compared}; {waiting} faces wait for somebody to look at them."))?;
    let row = |person: &Value| {
        let faces = person["faces"].as_array().map_or(0, Vec::len).to_string();
        vec![text(person, "name"), text(person, "reason"), text(person, "ends_at"), faces]
    };
    let rows: Vec<Vec<String>> = people(&list).map(row).collect();
    Ok(output::table(&["NAME", "WHY", "UNTIL", "FACES"], &rows)?)
}

fn people(list: &Value) -> impl Iterator<Item = &Value> {
    list["people"].as_array().into_iter().flatten()
}

async fn find(client: &Client, named: &str) -> Result<Value, Failure> {
    let list: Value = client.get(LIST).await?;
    let found = people(&list).find(|one| one["name"] == named || one["id"] == named).cloned();
    found.ok_or_else(|| Failure::Refused {
        code: "no_such_person".to_owned(),
        message: format!(
            "Nobody called {named:?} is watched for. See: hearthwatch people watch list"
        ),
    })
}

fn path_of(person: &Value, rest: &str) -> String {
    format!("{LIST}/people/{}{rest}", text(person, "id"))
}

/// Puts somebody on the list who has at least one good picture.
async fn add(client: &Client, arguments: WatchArguments, json: bool) -> Result<(), Failure> {
    let WatchArguments { name, files, reason, until, face } = arguments;
    let new = json!({ "name": name, "reason": reason, "ends_at": until });
    let person: Value = client.post(&format!("{LIST}/people"), &new).await?;
    let pictures = added(client, &path_of(&person, "/faces"), &files, face).await?;
    if pictures.taken.is_empty() {
        client.delete(&path_of(&person, "")).await?;
    }
    pictures.tell(&name, &text(&person, "id"), json)
}

async fn switch(client: &Client, is_on: bool, json: bool) -> Result<(), Failure> {
    let list: Value = client.get(LIST).await?;
    let mut settings = list["settings"].clone();
    settings["is_on"] = json!(is_on);
    let answer: Value = client.put(&format!("{LIST}/settings"), &settings).await?;
    let compared = if is_on { "Faces are compared with it." } else { "It is off." };
    tell(json, &answer, compared)
}
