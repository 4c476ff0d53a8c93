//! What an event was, in a sentence of the house's language model, for somebody who asks for it.
//!
//! Sent are, if the house says so, the facts of that one event and, if it says that too, the picture that
//! is kept with it, as whoever asks may see it. What comes back is a text from outside: it is shown to
//! whoever asked, as what it is, and kept nowhere; no rule, search or assistant reads it. Names that were
//! hidden are not put back: a model says 'Person 1' of anybody, and that is nobody's name.

use hearth_audit::Class;
use hearth_auth::{Denied, HouseGrant, Principal, ask};
use hearth_model::{CameraId, EventBody, EventId, FaultKind, Severity, ZoneId};
use hearth_store::EventRow;
use serde_json::{Value, json};

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    language_model::{ModelError, Question, Veil, switched_off},
    watchtower::local,
};

/// What the model is told before anything else.
const INSTRUCTIONS: &str = include_str!("descriptions.txt");

/// Two long sentences.
const CHARACTERS_MAX: usize = 600;

/// What a model says of an event.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct DescriptionView {
    /// Its words; they may be wrong.
    pub text: String,
    /// Which model.
    pub model: String,
    /// Whether it saw the picture.
    pub with_picture: bool,
}

impl Hub {
    /// Asks the house's language model what an activity was.
    ///
    /// # Errors
    /// `drafting_off`, `descriptions_off`; `not_a_person` for a program: people decide what leaves the
    /// house; `not_found` also for what may not be seen (promise T-05); else one of [`ModelError`]'s
    /// codes.
    pub async fn describe_event(
        &self,
        grant: HouseGrant<ask::ReadEvents>,
        event: EventId,
    ) -> Result<DescriptionView> {
        let house = self.house();
        let endpoint = house.language_model.if_on().ok_or_else(switched_off)?;
        if matches!(grant.principal(), Principal::Machine { .. }) {
            return Err(Denied::NotAPerson.into());
        }
        if !endpoint.shown.may_describe_events {
            let text = "The language model is not to be told of events.";
            return Err(UseCaseError::new(FaultKind::Conflict, "descriptions_off", text));
        }
        let missing = || UseCaseError::not_found("activity");
        let row = house.store.event(event).await.map_err(|_| missing())?;
        let EventBody::ActivityNoticed { camera, ref zones, .. } = row.event.body else {
            return Err(missing());
        };
        if !house.policy.recalls(grant.principal(), camera) {
            return Err(missing());
        }
        let picture = match endpoint.shown.may_see_pictures && row.thumbnail {
            true => Some(self.thumbnail(grant, event).await?),
            false => None,
        };
        let veil = endpoint.veil(&house.known());
        let facts = house.told_to_model(&row, camera, zones, &veil).to_string();
        let with_picture = picture.is_some();
        let what = if with_picture { "an event and its picture" } else { "an event" };
        let detail = format!("facts of {what} were sent to {}", endpoint.host());
        house.record_own(Class::System, "event_described_by_model", Severity::Info, detail);
        let question = Question { text: &facts, picture: picture.as_deref() };
        let said = endpoint.ask(INSTRUCTIONS, question).await?;
        let text = sentences(&said).ok_or(ModelError::NotUnderstood)?;
        Ok(DescriptionView { text, model: endpoint.shown.model.clone(), with_picture })
    }
}

impl House {
    /// What the hub itself knows of an activity, without what could lead anybody to the house.
    fn told_to_model(
        &self,
        row: &EventRow,
        camera: CameraId,
        zones: &[ZoneId],
        veil: &Veil,
    ) -> Value {
        let settings = self.cameras.get(camera).map(|camera| camera.settings());
        let zones = settings
            .iter()
            .flat_map(|settings| &settings.detection.zones)
            .filter(|zone| zones.contains(&zone.id))
            .map(|zone| veil.cover(zone.name.as_str()));
        let at = local(row.event.at, &self.zone).strftime("%A, %H:%M").to_string();
        let lasted = row.ended_at.map(|end| end.micros_since(row.event.at) / 1_000_000);
        json!({
            "seen": row.label.as_ref().map(ToString::to_string),
            "certainty": row.score,
            "camera": self.camera_name(camera).map(|name| veil.cover(name.as_str())),
            "zones": zones.collect::<Vec<_>>(),
            "at": at,
            "lasted_seconds": lasted,
        })
    }
}

/// One paragraph of what a model said; `None` if it said nothing.
fn sentences(said: &str) -> Option<String> {
    let is_gap = |character: char| character.is_whitespace() || character.is_control();
    let words: Vec<&str> = said.split(is_gap).filter(|word| !word.is_empty()).collect();
    let text: String = words.join(" ").chars().take(CHARACTERS_MAX).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_says_becomes_one_short_paragraph() {
        let said = " A person\u{7} walks\n\n\tto the door. ";
        assert_eq!(sentences(said).as_deref(), Some("A person walks to the door."));
        assert_eq!(sentences(&"long ".repeat(900)).map(|text| text.chars().count()), Some(600));
        assert_eq!(sentences(" \n\u{0}"), None);
    }
}
