//! `notify test|list|dead|replay|mute|matters|acknowledge`: what people are told, and what became of it.

use hearth_model::{NotificationId, WallTime};
use serde_json::{Value, json};

use super::tell;
use crate::{
    arguments::notify::NotifyCommand,
    client::Client,
    failure::Failure,
    output::{self, table, time},
};

const BASE: &str = "/api/v1/notifications";
const NOTHING_WAITS: &str = "Nothing waits for somebody to look after it.";

#[derive(serde::Deserialize)]
struct Recipients {
    recipients: Vec<Recipient>,
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Recipient {
    id: String,
    name: String,
    channel_kind: Option<String>,
    address: Option<String>,
    enabled: bool,
    content: String,
    matters: Vec<Subscribed>,
    waiting: u64,
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Subscribed {
    kind: String,
}

#[derive(serde::Deserialize)]
struct Tested {
    delivered: bool,
    seconds: f64,
    message: Option<String>,
}

#[derive(serde::Deserialize)]
struct Page {
    deliveries: Vec<Value>,
    next: Option<String>,
}

#[derive(serde::Deserialize)]
struct Delivery {
    id: NotificationId,
    matter: String,
    recipient_name: Option<String>,
    created_at: WallTime,
    attempts: u32,
    error: Option<String>,
}

#[derive(serde::Deserialize)]
struct Matters {
    matters: Vec<Value>,
}

#[derive(serde::Deserialize)]
struct Matter {
    id: String,
    kind: Option<String>,
    severity: String,
    opened_at: WallTime,
    updated_at: WallTime,
    sent: u64,
    waiting: u64,
}

pub(crate) async fn run(
    client: &Client,
    command: NotifyCommand,
    json: bool,
) -> Result<(), Failure> {
    match command {
        NotifyCommand::Test { recipient } => test(client, recipient.as_deref(), json).await,
        NotifyCommand::List => list(client, json).await,
        NotifyCommand::Dead => show_dead(client, json).await,
        NotifyCommand::Replay { delivery } => replay(client, delivery, json).await,
        NotifyCommand::Mute { minutes, off } => mute(client, minutes, off, json).await,
        NotifyCommand::Matters => show_matters(client, json).await,
        NotifyCommand::Acknowledge { matter } => acknowledge(client, matter, json).await,
    }
}

async fn recipients(client: &Client) -> Result<Vec<Recipient>, Failure> {
    let all: Recipients = client.get(&format!("{BASE}/recipients")).await?;
    Ok(all.recipients)
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let all = recipients(client).await?;
    if json {
        return Ok(output::json(&json!({ "recipients": all }))?);
    }
    if all.is_empty() {
        return Ok(output::line("Nobody is told anything.")?);
    }
    let rows: Vec<Vec<String>> = all
        .into_iter()
        .map(|one| {
            let kinds: Vec<String> = one.matters.into_iter().map(|matter| matter.kind).collect();
            let state = if one.enabled { "on" } else { "off" };
            vec![
                one.name,
                one.channel_kind.unwrap_or_default(),
                one.address.unwrap_or_default(),
                state.to_owned(),
                one.content,
                one.waiting.to_string(),
                kinds.join(","),
                one.id,
            ]
        })
        .collect();
    let head = ["NAME", "CHANNEL", "ADDRESS", "STATE", "CONTENT", "WAITING", "MATTERS", "ID"];
    Ok(table(&head, &rows)?)
}

async fn test(client: &Client, named: Option<&str>, json: bool) -> Result<(), Failure> {
    let is_meant = |one: &Recipient| match named {
        Some(named) => one.name == named || one.id == named,
        None => one.enabled,
    };
    let meant: Vec<Recipient> = recipients(client).await?.into_iter().filter(is_meant).collect();
    if meant.is_empty() {
        return Err(refused("not_found", "There is no such recipient."));
    }
    let mut all_delivered = true;
    for one in meant {
        let body = json!({ "recipient": one.id });
        let answer: Value = client.post(&format!("{BASE}/test"), &body).await?;
        let strange = |_| Failure::Broken("The hub sent something that is no answer to a test.");
        let tested: Tested = serde_json::from_value(answer.clone()).map_err(strange)?;
        all_delivered &= tested.delivered;
        if json {
            output::json(&json!({ "recipient": one.id, "name": one.name, "result": answer }))?;
        } else if tested.delivered {
            output::line(&format!("{}: delivered in {:.2} s", one.name, tested.seconds))?;
        } else {
            let why = tested.message.unwrap_or_default();
            output::line(&format!("{}: not delivered. {why}", one.name))?;
        }
    }
    if all_delivered {
        Ok(())
    } else {
        Err(refused("not_delivered", "Not everybody got the test."))
    }
}

fn refused(code: &str, message: &str) -> Failure {
    Failure::Refused { code: code.to_owned(), message: message.to_owned() }
}

/// Everything that was given up, newest first.
async fn dead(client: &Client) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    let mut target = format!("{BASE}/deliveries?state=dead&limit=200");
    loop {
        let page: Page = client.get(&target).await?;
        all.extend(page.deliveries);
        let Some(next) = page.next else { return Ok(all) };
        target = format!("{BASE}/deliveries?state=dead&limit=200&before={next}");
    }
}

fn read(delivery: Value) -> Result<Delivery, Failure> {
    let strange = |_| Failure::Broken("The hub sent something that is no delivery.");
    serde_json::from_value(delivery).map_err(strange)
}

async fn show_dead(client: &Client, json: bool) -> Result<(), Failure> {
    let all = dead(client).await?;
    if json {
        return Ok(output::json(&json!({ "deliveries": all }))?);
    }
    if all.is_empty() {
        return Ok(output::line("Nothing was given up.")?);
    }
    let mut rows = Vec::new();
    for delivery in all {
        let one = read(delivery)?;
        rows.push(vec![
            time(one.created_at),
            one.recipient_name.unwrap_or_default(),
            one.matter,
            one.attempts.to_string(),
            one.error.unwrap_or_default(),
            one.id.to_string(),
        ]);
    }
    Ok(table(&["QUEUED", "RECIPIENT", "MATTER", "TRIED", "WHY", "ID"], &rows)?)
}

/// What waits for somebody, newest first.
async fn matters(client: &Client) -> Result<Vec<Value>, Failure> {
    let all: Matters = client.get(&format!("{BASE}/matters")).await?;
    Ok(all.matters)
}

fn read_matter(matter: Value) -> Result<Matter, Failure> {
    let strange = |_| Failure::Broken("The hub sent something that is no matter.");
    serde_json::from_value(matter).map_err(strange)
}

async fn show_matters(client: &Client, json: bool) -> Result<(), Failure> {
    let all = matters(client).await?;
    if json {
        return Ok(output::json(&json!({ "matters": all }))?);
    }
    if all.is_empty() {
        return Ok(output::line(NOTHING_WAITS)?);
    }
    let mut rows = Vec::new();
    for matter in all {
        let one = read_matter(matter)?;
        rows.push(vec![
            time(one.opened_at),
            time(one.updated_at),
            one.kind.unwrap_or_default(),
            one.severity,
            one.sent.to_string(),
            one.waiting.to_string(),
            one.id,
        ]);
    }
    Ok(table(&["SINCE", "NEWS", "KIND", "SEVERITY", "SENT", "WAITING", "ID"], &rows)?)
}

async fn acknowledge(client: &Client, named: Option<String>, json: bool) -> Result<(), Failure> {
    let id = match named {
        Some(id) => id,
        None => {
            let newest = matters(client).await?.into_iter().next();
            read_matter(newest.ok_or_else(|| refused("not_found", NOTHING_WAITS))?)?.id
        }
    };
    let target = format!("{BASE}/matters/{id}/acknowledge");
    let done: Value = client.post(&target, &json!({})).await?;
    tell(json, &done, &format!("You look after {id}; it is told no more."))
}

async fn replay(
    client: &Client,
    delivery: Option<NotificationId>,
    json: bool,
) -> Result<(), Failure> {
    let ids = match delivery {
        Some(id) => vec![id],
        None => {
            let all = dead(client).await?.into_iter().map(|one| read(one).map(|one| one.id));
            all.collect::<Result<_, _>>()?
        }
    };
    for id in &ids {
        let target = format!("{BASE}/deliveries/{id}/replay");
        let _waiting: Value = client.post(&target, &json!({})).await?;
    }
    let text = format!("{} are tried again.", ids.len());
    tell(json, &json!({ "replayed": ids }), &text)
}

async fn mute(client: &Client, minutes: u16, off: bool, json: bool) -> Result<(), Failure> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.unwrap_or_default().as_micros()).unwrap_or(i64::MAX);
    let until = WallTime::from_micros(now).plus_micros(i64::from(minutes) * 60_000_000);
    let until = (!off).then_some(until);
    let done: Value = client.put(&format!("{BASE}/mute"), &json!({ "until": until })).await?;
    let text = match until {
        Some(until) => format!("Only critical matters are told until {}.", time(until)),
        None => "Everything is told again.".to_owned(),
    };
    tell(json, &done, &text)
}
