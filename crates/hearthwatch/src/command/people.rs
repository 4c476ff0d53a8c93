//! `people`: who is known, and how well faces are recognised.

mod eval;
mod group;
mod labelled;
mod watch;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::{Value, json};

use super::{show, tell};
use crate::{
    arguments::{EnrolArguments, EvalArguments, PeopleCommand},
    client::Client,
    failure::Failure,
    output,
};

const PEOPLE: &str = "/api/v1/people";

/// Measures recognition; needs no hub.
pub(crate) fn eval(arguments: &EvalArguments, json: bool) -> Result<(), Failure> {
    eval::run(arguments, json)
}

/// Runs what the hub does.
pub(crate) async fn run(
    client: &Client,
    command: PeopleCommand,
    json: bool,
) -> Result<(), Failure> {
    match command {
        // Run without a hub.
        PeopleCommand::Eval(arguments) => eval(&arguments, json),
        PeopleCommand::Enrol(arguments) => enrol(client, arguments, json).await,
        PeopleCommand::List => list(client, json).await,
        PeopleCommand::Show { person } => {
            let path = path_of(&find(client, &person).await?, "");
            show(json, &client.get(&path).await?)
        }
        PeopleCommand::Withdraw { person } => {
            let path = path_of(&find(client, &person).await?, "/consent");
            let withdrawn = client.delete(&path).await?;
            tell(json, &withdrawn, &format!("{person} is not recognised any more."))
        }
        PeopleCommand::Export { person } => {
            let path = path_of(&find(client, &person).await?, "/export");
            Ok(output::json(&client.get::<Value>(&path).await?)?)
        }
        PeopleCommand::Group(command) => group::run(client, command, json).await,
        PeopleCommand::Watch(command) => watch::run(client, command, json).await,
        PeopleCommand::Erase { person, footage } => {
            let query = if footage { "?footage=true" } else { "" };
            let erased = client.delete(&path_of(&find(client, &person).await?, query)).await?;
            tell(json, &erased, &receipt(&person, &erased))
        }
    }
}

fn receipt(person: &str, erased: &Value) -> String {
    let count = |of: &Value, key: &str| of[key].as_u64().unwrap_or(0);
    let mut text = format!(
        "{person} was erased: {} samples, {} pictures; {} visits say 'erased person'.",
        count(erased, "samples") + count(erased, "rejections"),
        count(erased, "pictures"),
        count(erased, "visits"),
    );
    let footage = &erased["footage"];
    if !footage.is_null() {
        text += &format!(
            "\nOf footage {} files and {} pictures; {} stay, held or still being written.",
            count(footage, "segments"),
            count(footage, "pictures"),
            count(footage, "left"),
        );
    }
    text
}

async fn all(client: &Client) -> Result<Vec<Value>, Failure> {
    let list: Value = client.get(PEOPLE).await?;
    Ok(list["people"].as_array().cloned().unwrap_or_default())
}

fn is_named(person: &Value, named: &str) -> bool {
    person["name"] == named || person["id"] == named
}

/// The person of that name or id.
async fn find(client: &Client, named: &str) -> Result<Value, Failure> {
    let people = all(client).await?;
    people.into_iter().find(|person| is_named(person, named)).ok_or_else(|| Failure::Refused {
        code: "no_such_person".to_owned(),
        message: format!("Nobody called {named:?} is known. See: hearthwatch people list"),
    })
}

fn path_of(person: &Value, rest: &str) -> String {
    format!("{PEOPLE}/{}{rest}", text(person, "id"))
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or("-").to_owned()
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let people = all(client).await?;
    if json {
        return Ok(output::json(&json!({ "people": people }))?);
    }
    if people.is_empty() {
        return Ok(output::line("Nobody is known. See: hearthwatch people enrol --help")?);
    }
    let row = |person: &Value| {
        let samples = person["samples"].as_u64().unwrap_or(0).to_string();
        vec![text(person, "name"), text(person, "state"), samples, text(person, "last_seen")]
    };
    let rows: Vec<Vec<String>> = people.iter().map(row).collect();
    Ok(output::table(&["NAME", "STATE", "SAMPLES", "LAST SEEN"], &rows)?)
}

/// Records the consent and adds what is good of the pictures. Somebody new of whom no picture is
/// good is not made known.
async fn enrol(client: &Client, arguments: EnrolArguments, json: bool) -> Result<(), Failure> {
    let EnrolArguments { name, files, consent, given_by, until, face } = arguments;
    let consent = json!({
        "given_by": given_by.unwrap_or_else(|| name.clone()),
        "text": consent,
        "expires_at": until,
    });
    let known = all(client).await?.into_iter().find(|person| is_named(person, &name));
    let is_new = known.is_none();
    let person: Value = match known {
        Some(person) => client.put(&path_of(&person, "/consent"), &consent).await?,
        None => client.post(PEOPLE, &json!({ "name": name, "consent": consent })).await?,
    };
    let pictures = added(client, &path_of(&person, "/samples"), &files, face).await?;
    if pictures.taken.is_empty() && is_new {
        client.delete(&path_of(&person, "")).await?;
    }
    pictures.tell(&name, &text(&person, "id"), json)
}

/// Pictures that were taken, and those that were refused with the reason.
struct Pictures {
    taken: Vec<Value>,
    refused: Vec<Value>,
}

/// Sends pictures; a face that is not good enough is no failure.
async fn added(
    client: &Client,
    target: &str,
    files: &[PathBuf],
    face: Option<usize>,
) -> Result<Pictures, Failure> {
    let which = face.map_or_else(String::new, |face| format!("?face={face}"));
    let target = format!("{target}{which}");
    let mut pictures = Pictures { taken: Vec::new(), refused: Vec::new() };
    for file in files {
        match add(client, &target, file).await {
            Ok(sample) => pictures.taken.push(sample),
            Err(Failure::Refused { code, message }) => {
                pictures.refused.push(json!({ "file": file, "code": code, "message": message }));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(pictures)
}

impl Pictures {
    /// Fails if none was good.
    fn tell(self, name: &str, person: &str, json: bool) -> Result<(), Failure> {
        let Self { taken, refused } = self;
        let (good, all) = (taken.len(), taken.len() + refused.len());
        if json {
            let answer = json!({ "person": person, "samples": taken, "refused": refused });
            output::json(&answer)?;
        } else {
            for one in &refused {
                output::line(&format!("{}: {}", text(one, "file"), text(one, "message")))?;
            }
            output::line(&format!("{name}: {good} of {all} pictures added."))?;
        }
        if good == 0 { Err(Failure::Checked) } else { Ok(()) }
    }
}

async fn add(client: &Client, target: &str, file: &Path) -> Result<Value, Failure> {
    let bytes = std::fs::read(file).map_err(|_| Failure::Refused {
        code: "unreadable".to_owned(),
        message: "The file can't be read.".to_owned(),
    })?;
    // The hub looks at the bytes itself; this only says that it is a picture.
    let kind = if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
    client.upload(target, kind, Bytes::from(bytes)).await
}
