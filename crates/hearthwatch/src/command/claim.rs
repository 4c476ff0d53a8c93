//! `claim renew`: another code for the first account.

use hearth_model::WallTime;
use serde_json::json;

use super::tell;
use crate::{arguments::ClaimCommand, client::Client, failure::Failure, output::time};

#[derive(serde::Serialize, serde::Deserialize)]
struct Renewed {
    code: String,
    expires_at: WallTime,
}

pub(crate) async fn run(
    client: &Client,
    command: &ClaimCommand,
    json: bool,
) -> Result<(), Failure> {
    let ClaimCommand::Renew = command;
    let renewed: Renewed = client.post("/api/v1/claim/renew", &json!({})).await?;
    let words = format!("claim code {} (until {})", renewed.code, time(renewed.expires_at));
    tell(json, &renewed, &words)
}
