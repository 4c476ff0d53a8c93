//! `key status|rotate|recovery|set-passphrase|set-key-file`: what opens the vault.

use hearth_secret::SecretString;
use serde_json::{Value, json};

use super::tell;
use crate::{
    arguments::KeyCommand,
    client::Client,
    failure::Failure,
    output::{self, table},
};

/// Said with a new recovery key.
const ADVICE: &str = "Write it down now and keep it away from this machine. It is shown only once, \
    and stored nowhere. It opens the house: hearthwatch serve --recovery-key-env VAR";

/// Said with a new everyday key.
const FORMER: &str = "The former key opens this house no longer. It still opens copies of the data \
    folder from before: destroy it.";

pub(crate) async fn run(
    client: &Client,
    command: KeyCommand,
    passphrase: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    match command {
        KeyCommand::Status => show(&client.get("/api/v1/keys").await?, json),
        KeyCommand::Rotate { renew_key_file } => {
            let body = json!({ "renew_key_file": renew_key_file });
            show(&client.post("/api/v1/keys/rotate", &body).await?, json)
        }
        KeyCommand::Recovery { replace } => recovery(client, replace, json).await,
        KeyCommand::SetPassphrase { .. } => {
            let passphrase = passphrase.as_ref().map(|text| text.expose().as_str());
            let body = Passphrase { passphrase };
            let keys = client.post_secret("/api/v1/keys/unlock", &body).await?;
            eprintln!("{FORMER}");
            show(&keys, json)
        }
        KeyCommand::SetKeyFile { file } => {
            // The hub has another working folder.
            let path = std::path::absolute(&file)
                .map_err(|source| Failure::File { path: file.clone(), source })?;
            let path = path
                .to_str()
                .ok_or_else(|| Failure::Usage(format!("{} is no text.", file.display())))?;
            let keys = client.post("/api/v1/keys/unlock", &json!({ "key_file": path })).await?;
            eprintln!("{FORMER}");
            show(&keys, json)
        }
    }
}

#[derive(serde::Serialize)]
struct Passphrase<'a> {
    passphrase: Option<&'a str>,
}

#[derive(serde::Deserialize)]
struct RecoveryKey {
    recovery_key: SecretString,
}

async fn recovery(client: &Client, replace: bool, json: bool) -> Result<(), Failure> {
    let body = json!({ "replace": replace });
    let made: RecoveryKey = client.post("/api/v1/keys/recovery", &body).await?;
    let key = made.recovery_key.expose();
    if json {
        return Ok(output::json(&json!({ "recovery_key": key }))?);
    }
    output::line(key)?;
    eprintln!("{ADVICE}");
    Ok(())
}

fn show(keys: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return tell(true, keys, "");
    }
    let rows: Vec<Vec<String>> = keys
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            vec![name.replace('_', " "), value]
        })
        .collect();
    Ok(table(&["KEY", "VALUE"], &rows)?)
}
