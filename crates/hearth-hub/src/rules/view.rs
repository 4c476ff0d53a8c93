//! Rules and what they did, as surfaces show them.

use hearth_model::{RuleId, WallTime};
use hearth_rules::{
    DeviceKind, Execution, Known, Rule,
    analysis::{Conflict, DryRun, Finding},
    sentence::{self, Draft},
};

use super::keeping::KeptRule;
use crate::{error::Result, house::House, identity::store_error, language_model::ModelError};

/// A rule.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct RuleView {
    /// Its id.
    pub id: RuleId,
    /// What it says.
    pub rule: Rule,
    /// The same as a sentence.
    pub sentence: String,
    /// When it was made.
    pub created_at: WallTime,
    /// When it was changed last.
    pub changed_at: WallTime,
    /// When it ran last, since the hub started.
    pub last_run: Option<WallTime>,
    /// Whether it is not judged any more because it could not be, again and again.
    pub is_suspended: bool,
}

/// A rule that was looked at.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct CheckedRule {
    /// The rule as a sentence.
    pub sentence: String,
    /// What is wrong with it, worst first.
    pub findings: Vec<Finding>,
    /// With which rules it is at odds.
    pub conflicts: Vec<Conflict>,
    /// What it would have done in the last seven days.
    pub history: DryRun,
}

/// Who made a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DraftedBy {
    /// The fixed grammar.
    Grammar,
    /// The model that an administrator set up.
    Model,
}

/// A sentence that was read.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct DraftView {
    /// What became of it.
    #[serde(flatten)]
    pub draft: Draft,
    /// What was understood, in the words of this grammar.
    pub sentence: Option<String>,
    /// Who made it.
    pub by: DraftedBy,
    /// Why it is not the model's, if it was asked.
    pub model_error: Option<ModelError>,
}

/// A run of a rule.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct RuleRunView {
    /// Its number; later ones are higher.
    pub id: i64,
    /// What the rule is called, if it is still there.
    pub name: Option<String>,
    /// What it did and why.
    #[serde(flatten)]
    pub run: Execution,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct NamedThing {
    /// By which rules name it.
    pub id: String,
    /// By which people do.
    pub name: String,
    /// What sort of thing, for devices: `plug`, `light`, `siren`, `sensor` or `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// What belongs to it: zones and presets of a camera, controls of a device.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub parts: Vec<NamedThing>,
    /// What it measures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<String>,
}

/// What rules of this house can speak of.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct VocabularyView {
    /// Cameras, with zones and presets.
    pub cameras: Vec<NamedThing>,
    /// Devices, with controls and readings.
    pub devices: Vec<NamedThing>,
    /// People who agreed to be known.
    pub people: Vec<NamedThing>,
    /// Groups of them.
    pub groups: Vec<NamedThing>,
    /// Who can be told.
    pub recipients: Vec<NamedThing>,
    /// Channels that can be called.
    pub channels: Vec<NamedThing>,
    /// What the detector tells apart.
    pub labels: Vec<String>,
}

impl DraftView {
    /// Of what a model said nobody knows which part of the sentence it is: a person compares.
    pub(super) fn of_model(rule: Rule, known: &Known) -> Self {
        let sentence = Some(sentence::write(&rule, known));
        let (understood, not_understood) = (Vec::new(), Vec::new());
        let draft = Draft { rule: Some(rule), understood, not_understood };
        Self { draft, sentence, by: DraftedBy::Model, model_error: None }
    }
}

fn thing(id: impl ToString, name: impl ToString) -> NamedThing {
    let (id, name) = (id.to_string(), name.to_string());
    NamedThing { id, name, kind: None, parts: Vec::new(), readings: Vec::new() }
}

impl VocabularyView {
    pub(super) fn of(known: &Known) -> Self {
        let camera = |camera: &hearth_rules::KnownCamera| {
            let zones = camera.zones.iter().map(|(id, name)| thing(id, name));
            let presets = camera
                .presets
                .iter()
                .map(|name| NamedThing { kind: Some("preset"), ..thing(name, name) });
            NamedThing { parts: zones.chain(presets).collect(), ..thing(camera.id, &camera.name) }
        };
        let device = |device: &hearth_rules::KnownDevice| NamedThing {
            kind: Some(kind_name(device.kind)),
            parts: device.controls.iter().map(|control| thing(control, control)).collect(),
            readings: device.readings.clone(),
            ..thing(device.id, &device.name)
        };
        Self {
            cameras: known.cameras.iter().map(camera).collect(),
            devices: known.devices.iter().map(device).collect(),
            people: known.people.iter().map(|(id, name)| thing(id, name)).collect(),
            groups: known.groups.iter().map(|group| thing(group.id, &group.name)).collect(),
            recipients: known.recipients.iter().map(|(id, name)| thing(id, name)).collect(),
            channels: known.channels.iter().map(|(id, name)| thing(id, name)).collect(),
            labels: known.labels.iter().map(ToString::to_string).collect(),
        }
    }
}

fn kind_name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Plug => "plug",
        DeviceKind::Light => "light",
        DeviceKind::Siren => "siren",
        DeviceKind::Sensor => "sensor",
        DeviceKind::Other => "other",
    }
}

impl RuleView {
    fn of(id: RuleId, kept: &KeptRule, known: &Known, is_suspended: bool) -> Self {
        Self {
            id,
            sentence: sentence::write(&kept.rule, known),
            rule: kept.rule.clone(),
            created_at: kept.created_at,
            changed_at: kept.changed_at,
            last_run: kept.last_run,
            is_suspended,
        }
    }
}

impl House {
    pub(super) fn rule_views(&self) -> Vec<RuleView> {
        let (known, suspended) = (self.known(), self.rules.suspended());
        let mut views =
            self.rules.look(|(id, kept)| RuleView::of(*id, kept, &known, suspended.contains(id)));
        views.sort_by_key(|view| (view.created_at, view.id));
        views
    }

    pub(super) fn rule_view(&self, id: RuleId) -> Option<RuleView> {
        let (known, suspended) = (self.known(), self.rules.suspended());
        self.rules.look_at(id, |kept| RuleView::of(id, kept, &known, suspended.contains(&id)))
    }

    pub(super) async fn rule_run_views(
        &self,
        rule: Option<RuleId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<RuleRunView>> {
        let stored = self.store.rule_runs(rule, before, limit).await.map_err(store_error)?;
        let view = |stored: hearth_store::StoredRun| {
            let run = self.open_run(&stored.sealed)?;
            Some(RuleRunView { id: stored.id, name: self.rules.name(stored.rule), run })
        };
        Ok(stored.into_iter().filter_map(view).collect())
    }
}
