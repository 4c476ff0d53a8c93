//! Drafts by the house's language model, if there is one.
//!
//! A sentence is read by the fixed grammar first. Only if that leaves something over, and somebody asks
//! for more, the sentence goes to the model, together with what rules of this house can speak of: names
//! of cameras, zones, devices and channels, names of people only if the house says so, pictures never.
//! What comes back is read and checked like any rule that is sent, it is a draft that is switched off,
//! and a person decides.

use hearth_audit::Class;
use hearth_model::Severity;
use hearth_rules::{
    Known, Rule,
    analysis::{Level, check},
};
use serde_json::{Value, json};

use crate::{
    house::House,
    language_model::{Endpoint, ModelError, Question, Veil},
};

/// What the model is told before anything else.
const INSTRUCTIONS: &str = include_str!("drafting.txt");

impl House {
    /// A draft by the model; `None` if it is off.
    pub(super) async fn draft_by_model(
        &self,
        text: &str,
        known: &Known,
    ) -> Option<Result<Rule, ModelError>> {
        let endpoint = self.language_model.if_on()?;
        let detail = format!("a sentence was sent to {}", endpoint.host());
        self.record_own(Class::System, "rule_drafted_by_model", Severity::Info, detail);
        Some(draft(&endpoint, text, known).await)
    }
}

async fn draft(endpoint: &Endpoint, text: &str, known: &Known) -> Result<Rule, ModelError> {
    let veil = endpoint.veil(known);
    let question = json!({ "house": vocabulary(known, &veil), "sentence": veil.cover(text) });
    let answer =
        endpoint.ask(INSTRUCTIONS, Question { text: &question.to_string(), picture: None }).await?;
    rule_in(&answer, known, &veil).ok_or(ModelError::NotUnderstood)
}

/// What the model may speak of, with ids. Never credentials, addresses or pictures.
fn vocabulary(known: &Known, veil: &Veil) -> Value {
    let thing = |id: &dyn std::fmt::Display, name: &str| json!({ "id": id.to_string(), "name": veil.cover(name) });
    let cameras = known.cameras.iter().map(|camera| {
        let zones = camera.zones.iter().map(|(id, name)| thing(id, name));
        let mut told = thing(&camera.id, &camera.name);
        told["zones"] = zones.collect();
        told["presets"] = camera.presets.iter().map(|name| json!(veil.cover(name))).collect();
        told
    });
    let devices = known.devices.iter().map(|device| {
        let mut told = thing(&device.id, &device.name);
        told["controls"] = json!(device.controls);
        told["readings"] = json!(device.readings);
        told
    });
    json!({
        "cameras": cameras.collect::<Value>(),
        "devices": devices.collect::<Value>(),
        "people": known.people.iter().map(|(id, name)| thing(id, name)).collect::<Value>(),
        "groups": known.groups.iter().map(|one| thing(&one.id, &one.name)).collect::<Value>(),
        "recipients": known.recipients.iter().map(|(id, name)| thing(id, name)).collect::<Value>(),
        "channels": known.channels.iter().map(|(id, name)| thing(id, name)).collect::<Value>(),
        "labels": known.labels.iter().map(ToString::to_string).collect::<Value>(),
    })
}

/// The rule in an answer, switched off; `None` if there is none that could work in this house.
fn rule_in(answer: &str, known: &Known, veil: &Veil) -> Option<Rule> {
    // Models put JSON between fences, or a word before it.
    let json = answer.get(answer.find('{')?..=answer.rfind('}')?)?;
    let mut value: Value = serde_json::from_str(json).ok()?;
    veil.lift_all(&mut value);
    let rule = Rule::from_json(value.to_string().as_bytes()).ok()?;
    let rule = Rule { is_on: false, ..rule };
    let is_wrong = check(&rule, known).iter().any(|finding| finding.level == Level::Error);
    (!is_wrong).then_some(rule)
}
