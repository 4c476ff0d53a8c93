//! `doctor`: the hub checks what the house promises. promise: V-20.

use serde_json::Value;

use crate::{client::Client, failure::Failure, output};

#[derive(serde::Deserialize)]
struct Report {
    checks: Vec<Check>,
}

#[derive(serde::Deserialize)]
struct Check {
    title: String,
    promise: Option<String>,
    outcome: Outcome,
    detail: String,
}

#[derive(Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok,
    Failed,
    Skipped,
}

pub(crate) async fn run(client: &Client, json: bool) -> Result<(), Failure> {
    let report: Value = client.get("/api/v1/doctor").await?;
    let read: Report = serde_json::from_value(report.clone())
        .map_err(|_| Failure::Broken("The hub sent something that is no report."))?;
    if json {
        output::json(&report)?;
    } else {
        for check in &read.checks {
            let mark = match check.outcome {
                Outcome::Ok => "ok",
                Outcome::Failed => "FAILED",
                Outcome::Skipped => "skipped",
            };
            let promise = check.promise.as_deref().unwrap_or_default();
            output::line(&format!("{mark:<8} {promise:<6} {}", check.title))?;
            if check.outcome != Outcome::Ok && !check.detail.is_empty() {
                output::line(&format!("         {}", check.detail))?;
            }
        }
    }
    let has_failed = read.checks.iter().any(|check| check.outcome == Outcome::Failed);
    if has_failed { Err(Failure::Checked) } else { Ok(()) }
}
