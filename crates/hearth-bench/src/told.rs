//! A receiver of webhooks beside the hub, and what it was told.

use anyhow::Context;
use hearth_sim::{HookCall, HookReceiver};
use serde_json::{Value, json};

use crate::house::Hub;

/// As many messages an hour as one recipient may have: nothing is to be held back.
const PER_HOUR: u32 = 600;

/// A receiver that is told of rings and visits.
pub(crate) struct Told {
    hook: HookReceiver,
}

impl Told {
    /// Sets it up at a hub; `content` says how much it is told.
    pub(crate) async fn add(hub: &Hub, content: &str) -> anyhow::Result<Self> {
        let hook = HookReceiver::start().await?;
        let channel = json!({
            "name": content, "settings": { "kind": "webhook", "url": hook.url() },
            "secret": hook.secret(), "certificate_sha256": hook.certificate_sha256(),
        });
        let channel = hub.control.post("/api/v1/notifications/channels", &channel).await?;
        let matter = |kind: &str| json!({ "kind": kind, "severity": "info" });
        let recipient = json!({
            "name": content, "channel": channel["id"].as_str().context("a channel without an id")?,
            "content": content, "matters": [matter("ring"), matter("visit")],
            "per_hour": PER_HOUR, "dedup_seconds": 0,
        });
        hub.control.post("/api/v1/notifications/recipients", &recipient).await?;
        Ok(Self { hook })
    }

    /// What it was told of a visit, oldest first.
    pub(crate) fn of(&self, visit: &Value) -> Vec<HookCall> {
        let mut taken = self.hook.taken();
        taken.retain(|call| call.body["matter"] == visit["id"]);
        taken
    }
}

/// The title of a message.
pub(crate) fn title(call: &HookCall) -> &str {
    call.body["title"].as_str().unwrap_or_default()
}
