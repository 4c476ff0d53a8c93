//! `rule list|show|put|check|draft|on|off|remove|resume|runs`: rules of the house.

use hearth_model::RuleId;
use serde_json::{Value, json};

use super::{read_json_file, tell};
use crate::{arguments::alarm::RuleCommand, client::Client, failure::Failure, output};

const RULES: &str = "/api/v1/rules";

pub(crate) async fn run(client: &Client, command: RuleCommand, json: bool) -> Result<(), Failure> {
    match command {
        RuleCommand::List => list(&client.get(RULES).await?, json),
        RuleCommand::Show { rule } => {
            let rule: Value = client.get(&path(rule)).await?;
            Ok(output::json(&rule)?)
        }
        RuleCommand::Put { file, rule } => {
            let body = read_json_file(&file)?;
            let kept: Value = match rule {
                Some(rule) => client.put(&path(rule), &body).await?,
                None => client.post(RULES, &body).await?,
            };
            let words = format!("{} {}", word(&kept["id"]), word(&kept["sentence"]));
            tell(json, &kept, &words)
        }
        RuleCommand::Check { file } => {
            let body = json!({ "rule": read_json_file(&file)? });
            checked(&client.post("/api/v1/rules/check", &body).await?, json)
        }
        RuleCommand::Draft { sentence } => {
            drafted(&client.post("/api/v1/rules/draft", &json!({ "text": sentence })).await?, json)
        }
        RuleCommand::On { rule } => switch(client, rule, true, json).await,
        RuleCommand::Off { rule } => switch(client, rule, false, json).await,
        RuleCommand::Remove { rule } => {
            client.delete(&path(rule)).await?;
            tell(json, &json!({ "removed": rule }), "Removed.")
        }
        RuleCommand::Resume { rule } => {
            client.tell(&format!("{}/resume", path(rule)), &json!({})).await?;
            tell(json, &json!({ "resumed": rule }), "It is judged again.")
        }
        RuleCommand::Runs { rule } => {
            let query = rule.map_or_else(String::new, |rule| format!("?rule={rule}"));
            runs(&client.get(&format!("{RULES}/runs{query}")).await?, json)
        }
    }
}

fn path(rule: RuleId) -> String {
    format!("{RULES}/{rule}")
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn rows<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    answer[key].as_array().into_iter().flatten()
}

async fn switch(client: &Client, rule: RuleId, is_on: bool, json: bool) -> Result<(), Failure> {
    let kept: Value = client.get(&path(rule)).await?;
    let mut rule = kept["rule"].clone();
    rule["is_on"] = Value::Bool(is_on);
    let id = word(&kept["id"]);
    let kept: Value = client.put(&format!("{RULES}/{id}"), &rule).await?;
    tell(json, &kept, if is_on { "It is in force." } else { "It is switched off." })
}

fn list(answer: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(answer)?);
    }
    let row = |one: &Value| {
        let state = match (one["is_suspended"].as_bool(), one["rule"]["is_on"].as_bool()) {
            (Some(true), _) => "suspended",
            (_, Some(true)) => "on",
            _ => "off",
        };
        vec![word(&one["id"]).to_owned(), state.to_owned(), word(&one["sentence"]).to_owned()]
    };
    let rows: Vec<Vec<String>> = rows(answer, "rules").map(row).collect();
    Ok(output::table(&["RULE", "STATE", "SENTENCE"], &rows)?)
}

fn checked(answer: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(answer)?);
    }
    output::line(word(&answer["sentence"]))?;
    for finding in rows(answer, "findings") {
        let (level, at) = (word(&finding["level"]), word(&finding["at"]));
        output::line(&format!("{level} at {at}: {}", word(&finding["message"])))?;
    }
    let conflicts = rows(answer, "conflicts").count();
    let runs = &answer["history"]["runs"];
    Ok(output::line(&format!(
        "It is at odds with {conflicts} rules, and would have run {runs} times in seven days."
    ))?)
}

/// What was understood goes to stdout for `rule put`; what was not is for people.
fn drafted(answer: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(answer)?);
    }
    for part in rows(answer, "not_understood") {
        eprintln!("Not understood: {}: {}", word(&part["text"]), word(&part["reason"]));
    }
    if answer["rule"].is_null() {
        return Err(Failure::Usage("The sentence makes no rule.".to_owned()));
    }
    Ok(output::json(&answer["rule"])?)
}

fn runs(answer: &Value, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(answer)?);
    }
    let row = |run: &Value| {
        let done = |entry: &&Value| !entry["outcome"]["done"].is_null();
        let actions = || rows(run, "actions");
        let (done, all) = (actions().filter(done).count(), actions().count());
        let at = word(&run["at"]).to_owned();
        vec![at, word(&run["name"]).to_owned(), format!("{done} of {all}")]
    };
    let rows: Vec<Vec<String>> = rows(answer, "runs").map(row).collect();
    Ok(output::table(&["AT", "RULE", "DONE"], &rows)?)
}
