//! `token create|list|rotate|revoke`: what programs present instead of a password.

use hearth_model::{TokenId, WallTime};
use serde_json::{Value, json};

use super::{find_camera, tell, user::find_user};
use crate::{
    arguments::{TokenCommand, TokenCreateArguments},
    client::Client,
    failure::Failure,
    output::{self, table, time},
};

const TOKENS: &str = "/api/v1/tokens";

#[derive(serde::Deserialize)]
struct List {
    tokens: Vec<Token>,
}

#[derive(serde::Deserialize)]
struct Token {
    id: TokenId,
    name: String,
    scope: Scope,
    expires_at: WallTime,
    used_at: Option<WallTime>,
    used_from: Option<String>,
}

#[derive(serde::Deserialize)]
struct Scope {
    actions: Vec<String>,
}

pub(crate) async fn run(client: &Client, command: TokenCommand, json: bool) -> Result<(), Failure> {
    match command {
        TokenCommand::Create(arguments) => create(client, arguments, json).await,
        TokenCommand::List => list(client, json).await,
        TokenCommand::Rotate { token } => {
            let token = find(client, &token).await?;
            let made: Value =
                client.post(&format!("{TOKENS}/{}/rotate", token.id), &json!({})).await?;
            tell(json, &made, &shown(&made))
        }
        TokenCommand::Revoke { token } => {
            let token = find(client, &token).await?;
            client.delete(&format!("{TOKENS}/{}", token.id)).await?;
            tell(json, &json!({ "revoked": token.id }), &format!("{} was revoked.", token.name))
        }
    }
}

async fn create(
    client: &Client,
    arguments: TokenCreateArguments,
    json: bool,
) -> Result<(), Failure> {
    let TokenCreateArguments { name, user, allow, camera, network, expires } = arguments;
    let user = find_user(client, &user).await?;
    let mut scope = json!({ "actions": allow });
    if !camera.is_empty() {
        let mut cameras = Vec::new();
        for named in &camera {
            cameras.push(find_camera(client, named).await?.id);
        }
        scope["cameras"] = json!(cameras);
    }
    let body = json!({
        "name": name,
        "user": user.id,
        "scope": scope,
        "networks": network,
        "expires_at": expires,
    });
    let made: Value = client.post(TOKENS, &body).await?;
    tell(json, &made, &shown(&made))
}

fn shown(made: &Value) -> String {
    let secret = made.get("secret").and_then(Value::as_str).unwrap_or_default();
    format!("token {secret}\nIt is not shown again.")
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let list: Value = client.get(TOKENS).await?;
    if json {
        return Ok(output::json(&list)?);
    }
    let list: List = serde_json::from_value(list)
        .map_err(|_| Failure::Broken("The hub sent something that is no list of tokens."))?;
    if list.tokens.is_empty() {
        return Ok(output::line("No program has a token.")?);
    }
    let row = |token: Token| {
        let used = match (token.used_at, token.used_from) {
            (Some(at), Some(from)) => format!("{} from {from}", time(at)),
            _ => "never".to_owned(),
        };
        vec![
            token.name,
            token.scope.actions.join(","),
            time(token.expires_at),
            used,
            token.id.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = list.tokens.into_iter().map(row).collect();
    Ok(table(&["NAME", "MAY", "ENDS", "LAST USED", "ID"], &rows)?)
}

/// The token of that id, or the one of that name.
async fn find(client: &Client, named: &str) -> Result<Token, Failure> {
    let list: List = client.get(TOKENS).await?;
    let is_it = |token: &Token| token.name == named || token.id.to_string() == named;
    let mut found = list.tokens.into_iter().filter(is_it);
    let refused = |code: &str, message: String| Failure::Refused { code: code.to_owned(), message };
    match (found.next(), found.next()) {
        (Some(token), None) => Ok(token),
        (Some(_), Some(_)) => {
            Err(refused("ambiguous", format!("Several tokens are called {named:?}: name its id.")))
        }
        (None, _) => {
            let text = format!("There is no token {named:?}. See: hearthwatch token list");
            Err(refused("no_such_token", text))
        }
    }
}
