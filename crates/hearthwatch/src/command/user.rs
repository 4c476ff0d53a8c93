//! `user add|list|remove|disable|enable|role|grant|sessions|sign-out|reset-password`.

use std::collections::{BTreeMap, BTreeSet};

use hearth_auth::Action;
use hearth_model::{CameraId, Role, SessionId, UserId, WallTime};
use hearth_secret::SecretString;
use serde_json::{Value, json};

use super::{find_camera, tell};
use crate::{
    arguments::{GrantArguments, UserCommand},
    client::Client,
    failure::Failure,
    output::{self, table, time},
};

const USERS: &str = "/api/v1/users";

#[derive(serde::Deserialize)]
struct List {
    users: Vec<User>,
}

/// An account as the hub lists it.
#[derive(serde::Deserialize)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) name: String,
    role: Role,
    disabled_at: Option<WallTime>,
    expires_at: Option<WallTime>,
    second_factor: bool,
    camera_access: CameraAccess,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct CameraAccess {
    only_listed: bool,
    cameras: BTreeMap<CameraId, BTreeSet<Action>>,
}

#[derive(serde::Deserialize)]
struct SessionList {
    sessions: Vec<Session>,
}

#[derive(serde::Deserialize)]
struct Session {
    id: SessionId,
    created_at: WallTime,
    last_seen_at: WallTime,
    address: String,
    agent: String,
}

pub(crate) async fn run(
    client: &Client,
    command: UserCommand,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    match command {
        UserCommand::Add { name, role, expires, .. } => {
            add(client, &name, role, password, expires, json).await
        }
        UserCommand::List => list(client, json).await,
        UserCommand::Remove { user } => {
            let user = find_user(client, &user).await?;
            client.delete(&path_of(user.id, "")).await?;
            tell(json, &json!({ "removed": user.id }), &format!("{} was removed.", user.name))
        }
        UserCommand::Disable { user } => {
            change(client, &user, &json!({ "disabled": true }), "may not sign in any more", json)
                .await
        }
        UserCommand::Enable { user } => {
            change(client, &user, &json!({ "disabled": false }), "may sign in again", json).await
        }
        UserCommand::Role { user, role } => {
            change(client, &user, &json!({ "role": role }), "has another role", json).await
        }
        UserCommand::Grant(arguments) => grant(client, arguments, json).await,
        UserCommand::Sessions { user } => sessions(client, &user, json).await,
        UserCommand::SignOut { user, session } => sign_out(client, &user, session, json).await,
        UserCommand::ResetPassword { user, remove_second_factors, .. } => {
            reset_password(client, &user, password, remove_second_factors, json).await
        }
    }
}

fn path_of(user: UserId, rest: &str) -> String {
    format!("{USERS}/{user}{rest}")
}

/// The account of that name or id. Upper and lower case are the same in names.
pub(crate) async fn find_user(client: &Client, named: &str) -> Result<User, Failure> {
    let list: List = client.get(USERS).await?;
    let wanted = named.to_lowercase();
    let is_it = |user: &User| user.name.to_lowercase() == wanted || user.id.to_string() == wanted;
    list.users.into_iter().find(is_it).ok_or_else(|| Failure::Refused {
        code: "no_such_user".to_owned(),
        message: format!("There is no account called {named:?}. See: hearthwatch user list"),
    })
}

async fn add(
    client: &Client,
    name: &str,
    role: Role,
    password: Option<SecretString>,
    expires: Option<WallTime>,
    json: bool,
) -> Result<(), Failure> {
    let mut body = json!({ "name": name, "role": role, "expires_at": expires });
    if let Some(password) = password {
        body["password"] = Value::String(password.expose().clone());
    }
    let made: Value = client.post(USERS, &body).await?;
    tell(json, &made, &with_password(&made, &format!("{name} was added.")))
}

/// What was done, and the password if one was made.
fn with_password(made: &Value, done: &str) -> String {
    match made.get("password").and_then(Value::as_str) {
        Some(password) => format!(
            "{done}\none-time password {password}\nIt is not shown again, and has to be changed at the first sign-in."
        ),
        None => done.to_owned(),
    }
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let list: Value = client.get(USERS).await?;
    if json {
        return Ok(output::json(&list)?);
    }
    let list: List = read(list)?;
    if list.users.is_empty() {
        return Ok(output::line("No account yet. The claim code makes the first one.")?);
    }
    let rows: Vec<Vec<String>> = list.users.iter().map(row).collect();
    Ok(table(&["NAME", "ROLE", "STATE", "CAMERAS", "SECOND FACTOR", "ID"], &rows)?)
}

fn row(user: &User) -> Vec<String> {
    let state = match (user.disabled_at, user.expires_at) {
        (Some(since), _) => format!("disabled since {}", time(since)),
        (None, Some(end)) => format!("until {}", time(end)),
        (None, None) => "active".to_owned(),
    };
    let cameras = match (user.camera_access.cameras.len(), user.camera_access.only_listed) {
        (0, false) => "by role".to_owned(),
        (rules, false) => format!("by role, {rules} rules"),
        (rules, true) => format!("only {rules}"),
    };
    let factor = if user.second_factor { "yes" } else { "-" };
    vec![
        user.name.clone(),
        named(&user.role),
        state,
        cameras,
        factor.to_owned(),
        user.id.to_string(),
    ]
}

/// The name that a value has in JSON.
fn named(value: &impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    name.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

async fn change(
    client: &Client,
    user: &str,
    patch: &Value,
    done: &str,
    json: bool,
) -> Result<(), Failure> {
    let user = find_user(client, user).await?;
    let changed: Value = client.patch(&path_of(user.id, ""), patch).await?;
    tell(json, &changed, &format!("{} {done}.", user.name))
}

async fn grant(client: &Client, arguments: GrantArguments, json: bool) -> Result<(), Failure> {
    let GrantArguments { user, camera, allow, clear, only_listed } = arguments;
    let User { id, name, camera_access: mut access, .. } = find_user(client, &user).await?;
    if let Some(camera) = camera {
        let camera = find_camera(client, &camera).await?.id;
        if clear {
            access.cameras.remove(&camera);
        } else {
            access.cameras.insert(camera, allow.into_iter().collect());
        }
    }
    access.only_listed = only_listed.unwrap_or(access.only_listed);
    let patch = json!({ "camera_access": access });
    let changed: Value = client.patch(&path_of(id, ""), &patch).await?;
    tell(json, &changed, &format!("The rules about cameras hold for {name} now."))
}

async fn sessions(client: &Client, user: &str, json: bool) -> Result<(), Failure> {
    let user = find_user(client, user).await?;
    let list: Value = client.get(&path_of(user.id, "/sessions")).await?;
    if json {
        return Ok(output::json(&list)?);
    }
    let list: SessionList = read(list)?;
    if list.sessions.is_empty() {
        return Ok(output::line(&format!("{} is not signed in.", user.name))?);
    }
    let row = |session: Session| {
        vec![
            time(session.created_at),
            time(session.last_seen_at),
            session.address,
            session.agent,
            session.id.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = list.sessions.into_iter().map(row).collect();
    Ok(table(&["SINCE", "LAST SEEN", "FROM", "WITH", "ID"], &rows)?)
}

async fn sign_out(
    client: &Client,
    user: &str,
    session: Option<SessionId>,
    json: bool,
) -> Result<(), Failure> {
    let user = find_user(client, user).await?;
    let (path, one) = match session {
        Some(session) => (format!("/sessions/{session}"), json!({ "ended": 1 })),
        None => ("/sessions".to_owned(), Value::Null),
    };
    let ended = match client.delete(&path_of(user.id, &path)).await? {
        Value::Null => one,
        ended => ended,
    };
    let count = ended.get("ended").and_then(Value::as_u64).unwrap_or(0);
    tell(json, &ended, &format!("{count} sign-ins of {} ended.", user.name))
}

async fn reset_password(
    client: &Client,
    user: &str,
    password: Option<SecretString>,
    remove_second_factors: bool,
    json: bool,
) -> Result<(), Failure> {
    let user = find_user(client, user).await?;
    let mut body = json!({ "remove_second_factors": remove_second_factors });
    if let Some(password) = password {
        body["password"] = Value::String(password.expose().clone());
    }
    let reset: Value = client.post(&path_of(user.id, "/password"), &body).await?;
    tell(json, &reset, &with_password(&reset, &format!("{} has another password.", user.name)))
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value)
        .map_err(|_| Failure::Broken("The hub's answer makes no sense to this program."))
}
