//! `search` and `ask`: what happened, found by words and asked for in a sentence.

use hearth_model::WallTime;
use serde_json::{Value, json};

use crate::{
    arguments::search::{AskArguments, SearchArguments},
    client::{Client, target},
    failure::Failure,
    output::{self, time},
};

pub(crate) async fn search(
    client: &Client,
    arguments: SearchArguments,
    json: bool,
) -> Result<(), Failure> {
    let query = [("q", arguments.words.join(" ")), ("limit", arguments.limit.to_string())];
    let page: Value = client.get(&target("/api/v1/search", &query)).await?;
    if json {
        return Ok(output::json(&page)?);
    }
    let missing = texts(&page["not_understood"]);
    if !missing.is_empty() {
        return Ok(output::line(&format!("Nothing here is called {}.", missing.join(", ")))?);
    }
    let items = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return Ok(output::line("Nothing was found.")?);
    }
    let rows: Vec<Vec<String>> = items.iter().map(row).collect();
    output::table(&["WHEN", "WHAT", "EVENT"], &rows)?;
    if page["is_cut"] == true {
        output::line("Only the last two months were looked at.")?;
    }
    Ok(())
}

pub(crate) async fn ask(
    client: &Client,
    arguments: AskArguments,
    json: bool,
) -> Result<(), Failure> {
    let text = arguments.question.join(" ");
    let body = json!({ "text": text, "conversation": arguments.conversation });
    let answer: Value = client.post("/api/v1/questions", &body).await?;
    if json {
        return Ok(output::json(&answer)?);
    }
    output::line(answer["answer"].as_str().unwrap_or_default())?;
    let rows: Vec<Vec<String>> = answer["evidence"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(row)
        .collect();
    if !rows.is_empty() {
        output::table(&["WHEN", "WHAT", "EVENT"], &rows)?;
    }
    let conversation = answer["conversation"].as_str().unwrap_or_default();
    Ok(output::line(&format!("To go on: --conversation {conversation}"))?)
}

fn row(item: &Value) -> Vec<String> {
    let at: Option<WallTime> = item["at"].as_str().and_then(|at| at.parse().ok());
    let text = |key: &str| item[key].as_str().unwrap_or("-").to_owned();
    vec![at.map_or_else(|| "-".to_owned(), time), text("text"), text("id")]
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
