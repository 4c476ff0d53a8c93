//! `verify`: index, files and records are checked by the hub, with progress.

use std::io::IsTerminal;

use http::Method;
use indicatif::ProgressBar;
use serde_json::Value;

use crate::{
    client::{Client, Lines},
    failure::Failure,
    output,
};

const CUT: Failure = Failure::Broken("The check was cut off. The hub's log says why.");

pub(crate) async fn run(client: &Client, json: bool) -> Result<(), Failure> {
    let bar = if json || !std::io::stderr().is_terminal() {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(0)
    };
    let mut lines = Lines::new(client.open(Method::POST, "/api/v1/verify", None).await?);
    while let Some(line) = lines.next().await? {
        let mut line: Value = serde_json::from_str(&line).map_err(|_| CUT)?;
        if let Some(progress) = line.get("progress") {
            let count = |name| progress.get(name).and_then(Value::as_u64).unwrap_or(0);
            bar.set_length(count("total"));
            bar.set_position(count("done"));
        } else if let Some(report) = line.get_mut("report").map(Value::take) {
            bar.finish_and_clear();
            return finish(&report, json);
        } else {
            return Err(refused(&line));
        }
    }
    Err(CUT)
}

fn finish(report: &Value, json: bool) -> Result<(), Failure> {
    let is_ok = report.get("ok").and_then(Value::as_bool).unwrap_or(false);
    if json {
        output::json(report)?;
    } else {
        for (name, value) in report.as_object().into_iter().flatten() {
            output::line(&format!("{:<24} {value}", name.replace('_', " ")))?;
        }
    }
    if is_ok { Ok(()) } else { Err(Failure::Checked) }
}

fn refused(line: &Value) -> Failure {
    let text = |name| line.get("error").and_then(|error| error.get(name)?.as_str());
    match (text("code"), text("message")) {
        (Some(code), Some(message)) => {
            Failure::Refused { code: code.to_owned(), message: message.to_owned() }
        }
        _ => CUT,
    }
}
