//! `people group`: a name for several people, for rules.

use serde_json::{Value, json};

use super::{PEOPLE, all, find, text};
use crate::{arguments::GroupCommand, client::Client, command::tell, failure::Failure, output};

pub(super) async fn run(client: &Client, command: GroupCommand, json: bool) -> Result<(), Failure> {
    match command {
        GroupCommand::List => list(client, json).await,
        GroupCommand::Set { name, members } => set(client, name, members, json).await,
        GroupCommand::Remove { group } => {
            let path = path_of(&find_group(client, &group).await?);
            let answer = client.delete(&path).await?;
            tell(json, &answer, &format!("The group {group} was removed; its people stay."))
        }
    }
}

async fn groups(client: &Client) -> Result<Vec<Value>, Failure> {
    let list: Value = client.get(&format!("{PEOPLE}/groups")).await?;
    Ok(list["groups"].as_array().cloned().unwrap_or_default())
}

fn is_named(group: &Value, named: &str) -> bool {
    group["name"] == named || group["id"] == named
}

async fn find_group(client: &Client, named: &str) -> Result<Value, Failure> {
    let groups = groups(client).await?;
    groups.into_iter().find(|group| is_named(group, named)).ok_or_else(|| Failure::Refused {
        code: "no_such_group".to_owned(),
        message: format!("No group is called {named:?}. See: hearthwatch people group list"),
    })
}

fn path_of(group: &Value) -> String {
    format!("{PEOPLE}/groups/{}", text(group, "id"))
}

fn listed<'a>(group: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    group[key].as_array().into_iter().flatten().filter_map(Value::as_str)
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let groups = groups(client).await?;
    if json {
        return Ok(output::json(&json!({ "groups": groups }))?);
    }
    if groups.is_empty() {
        return Ok(output::line("There is no group. See: hearthwatch people group set --help")?);
    }
    let people = all(client).await?;
    let name_of = |id: &str| {
        let person = people.iter().find(|person| person["id"] == id);
        person.map_or_else(|| id.to_owned(), |person| text(person, "name"))
    };
    let row = |group: &Value| {
        let members: Vec<String> = listed(group, "members").map(name_of).collect();
        let rules = listed(group, "rules").count().to_string();
        vec![text(group, "name"), members.join(", "), rules]
    };
    let rows: Vec<Vec<String>> = groups.iter().map(row).collect();
    Ok(output::table(&["NAME", "MEMBERS", "RULES"], &rows)?)
}

/// Makes a group, or puts others in the place of its members.
async fn set(
    client: &Client,
    name: String,
    members: Vec<String>,
    json: bool,
) -> Result<(), Failure> {
    let mut ids = Vec::new();
    for member in &members {
        ids.push(text(&find(client, member).await?, "id"));
    }
    let known = groups(client).await?.into_iter().find(|group| is_named(group, &name));
    let group: Value = match known {
        Some(group) => {
            let new = json!({ "name": group["name"], "members": ids });
            client.put(&path_of(&group), &new).await?
        }
        None => {
            let new = json!({ "name": name, "members": ids });
            client.post(&format!("{PEOPLE}/groups"), &new).await?
        }
    };
    let count = listed(&group, "members").count();
    tell(json, &group, &format!("{}: {count} people.", text(&group, "name")))
}
