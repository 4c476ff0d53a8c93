//! What is wrong with one rule in one house.

use hearth_model::{CameraId, EventKind};

use super::{
    conflict::{Conflict, conflicts},
    logic::{Possible, possible},
};
use crate::{Action, Condition, DeviceKind, Happens, Known, Mode, Rule, WhoIs};

/// How bad a finding is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It could be better.
    Suggestion,
    /// It is hardly what is meant.
    Warning,
    /// It cannot work.
    Error,
}

/// Something about a rule.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// How bad.
    pub level: Level,
    /// Which, for programs, e.g. `never_true`.
    pub code: &'static str,
    /// Where: `when`, or a test or an action with its number, e.g. `when.2`, `then.0`.
    pub at: String,
    /// What is wrong, for a person.
    pub message: String,
    /// What to do about it.
    pub suggestion: Option<&'static str>,
}

/// What is known of faces is known of these.
const VISIT_KINDS: [EventKind; 3] =
    [EventKind::VisitBegan, EventKind::VisitChanged, EventKind::VisitEnded];

/// A cooldown that keeps people from being told of one thing again and again.
const COOLDOWN_SUGGESTED: &str = "a cooldown of a minute tells one thing once";

/// Looks at a rule that keeps all limits. Worst first.
pub fn check(rule: &Rule, known: &Known) -> Vec<Finding> {
    let mut findings = Findings { all: Vec::new(), known };
    findings.logic(rule);
    for (number, test) in rule.when.tests().into_iter().enumerate() {
        findings.test(test, &format!("when.{number}"));
    }
    for (number, action) in rule.then.iter().enumerate() {
        findings.action(action, rule, &format!("then.{number}"));
    }
    findings.actions(rule);
    let mut all = findings.all;
    all.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    all
}

struct Findings<'a> {
    all: Vec<Finding>,
    known: &'a Known,
}

impl Findings<'_> {
    fn add(&mut self, level: Level, code: &'static str, at: &str, message: impl Into<String>) {
        let (at, message) = (at.to_owned(), message.into());
        self.all.push(Finding { level, code, at, message, suggestion: None });
    }

    fn suggest(&mut self, suggestion: &'static str) {
        if let Some(last) = self.all.last_mut() {
            last.suggestion = Some(suggestion);
        }
    }

    fn unknown(&mut self, is_known: bool, code: &'static str, at: &str, what: &str) {
        if !is_known {
            self.add(Level::Error, code, at, format!("{what} does not exist"));
        }
    }

    fn logic(&mut self, rule: &Rule) {
        match (possible(&rule.when, true), possible(&rule.when, false)) {
            (Possible::Never, _) => {
                self.add(Level::Error, "never_true", "when", "this is never true");
            }
            (_, Possible::Never) => {
                self.add(Level::Warning, "always_true", "when", "this is always true");
            }
            _ => {
                for number in unreachable(&rule.when) {
                    let at = format!("when.{number}");
                    self.add(Level::Warning, "unreachable", &at, "this part is never true here");
                }
            }
        }
        if has_twins(&rule.when) {
            self.add(Level::Suggestion, "repeated", "when", "a part stands there twice");
        }
    }

    fn test(&mut self, test: &Condition, at: &str) {
        match test {
            Condition::Device(test) => match self.known.device(test.device) {
                None => self.unknown(false, "unknown_device", at, "the device"),
                Some(device) if !device.controls.contains(&test.control) => {
                    let message = format!("{} has no {}", device.name, test.control);
                    self.add(Level::Error, "unknown_control", at, message);
                }
                Some(_) => {}
            },
            Condition::Reading(test) => match self.known.device(test.device) {
                None => self.unknown(false, "unknown_device", at, "the device"),
                Some(device) if !device.readings.contains(&test.reading) => {
                    // It may say so later: a device tells its readings when it answers.
                    let message = format!("{} does not measure {}", device.name, test.reading);
                    self.add(Level::Warning, "unknown_reading", at, message);
                }
                Some(_) => {}
            },
            Condition::Hours(hours) if hours.from == hours.to => {
                self.add(Level::Suggestion, "whole_day", at, "equal times are a whole day");
            }
            _ => {}
        }
        if let Some(of) = test.happens() {
            self.happens(of, at, matches!(test, Condition::Stays(_)));
        }
    }

    fn happens(&mut self, of: &Happens, at: &str, is_activity: bool) {
        let known = self.known;
        for camera in &of.cameras {
            self.unknown(known.camera(*camera).is_some(), "unknown_camera", at, "the camera");
        }
        for zone in &of.zones {
            let mut zones = known.cameras.iter().flat_map(|camera| &camera.zones);
            self.unknown(zones.any(|(id, _)| id == zone), "unknown_zone", at, "the zone");
        }
        for device in &of.devices {
            self.unknown(known.device(*device).is_some(), "unknown_device", at, "the device");
        }
        match &of.who {
            Some(WhoIs::People(people)) => {
                for person in people {
                    let is_known = known.people.iter().any(|(id, _)| id == person);
                    self.unknown(is_known, "unknown_person", at, "the person");
                }
            }
            Some(WhoIs::Group(group)) => {
                let group = known.groups.iter().find(|known| known.id == *group);
                self.unknown(group.is_some(), "unknown_group", at, "the group");
                if group.is_some_and(|group| group.members.is_empty()) {
                    self.add(Level::Warning, "empty_group", at, "nobody belongs to the group");
                }
            }
            _ => {}
        }
        let has_face = |kind: &EventKind| VISIT_KINDS.contains(kind);
        if of.who.is_some() && !of.kinds.is_empty() && !of.kinds.iter().any(has_face) {
            let message = "nobody looks for a face in this";
            self.add(Level::Warning, "who_never_known", at, message);
            self.suggest("name visits: whose face it is, is known of them");
        }
        for label in of.labels.iter().filter(|label| label.as_str() != "motion") {
            if !known.labels.contains(label) {
                let message = format!("the installed detector does not tell a {label}");
                self.add(Level::Warning, "unknown_label", at, message);
            }
        }
        let tells_ways = of.kinds.is_empty() || of.kinds.contains(&EventKind::ActivityRecognized);
        if of.direction.is_some() && !tells_ways {
            let message = "this never says which way something goes";
            self.add(Level::Error, "direction_not_told", at, message);
            self.suggest("which way something goes is told once it is recognised");
        }
        if *of == Happens::default() && !is_activity {
            self.add(Level::Warning, "anything", at, "this is anything that happens");
            self.suggest("name a kind, a camera or what is to be seen");
        }
    }

    fn action(&mut self, action: &Action, rule: &Rule, at: &str) {
        let known = self.known;
        let camera = |this: &mut Self, id: CameraId| {
            this.unknown(known.camera(id).is_some(), "unknown_camera", at, "the camera");
        };
        match action {
            Action::Notify { to, .. } => {
                for recipient in to {
                    let is_known = known.recipients.iter().any(|(id, _)| id == recipient);
                    self.unknown(is_known, "unknown_recipient", at, "the recipient");
                }
            }
            Action::Record { cameras, .. } => {
                cameras.iter().for_each(|id| camera(self, *id));
                if cameras.is_empty() {
                    self.place(rule, at);
                }
            }
            Action::HoldClip { .. } => self.place(rule, at),
            Action::Siren { devices, seconds } => {
                for device in devices {
                    let device = known.device(*device);
                    self.unknown(device.is_some(), "unknown_device", at, "the device");
                    if device.is_some_and(|device| device.kind != DeviceKind::Siren) {
                        self.add(Level::Error, "not_a_siren", at, "the device is no siren");
                    }
                }
                self.siren(rule, *seconds, at);
            }
            Action::Switch { device, .. } => {
                self.control(*device, crate::action::POWER, at);
            }
            Action::Set { device, control, .. } => self.control(*device, control, at),
            Action::Preset { camera: id, preset } => {
                camera(self, *id);
                if known.camera(*id).is_some_and(|camera| !camera.presets.contains(preset)) {
                    self.add(Level::Error, "unknown_preset", at, "the camera has no such place");
                }
            }
            Action::Webhook { channel } | Action::Mqtt { channel, .. } => {
                let is_known = known.channels.iter().any(|(id, _)| id == channel);
                self.unknown(is_known, "unknown_channel", at, "the channel");
            }
            Action::Arm { mode: Mode::Disarmed } => {
                let message =
                    "whoever brings this about disarms the house, by a photograph perhaps";
                self.add(Level::Warning, "disarms", at, message);
                self.suggest("leave disarming to people and their PINs");
            }
            Action::Alert { .. }
            | Action::Privacy { .. }
            | Action::Arm { .. }
            | Action::Log { .. } => {}
        }
    }

    fn control(&mut self, device: hearth_model::DeviceId, control: &str, at: &str) {
        match self.known.device(device) {
            None => self.unknown(false, "unknown_device", at, "the device"),
            Some(device) if !device.controls.iter().any(|known| known == control) => {
                let message = format!("{} has no {control}", device.name);
                self.add(Level::Error, "unknown_control", at, message);
            }
            Some(_) => {}
        }
    }

    fn siren(&mut self, rule: &Rule, seconds: u32, at: &str) {
        if seconds == 0 {
            return;
        }
        if rule.cooldown_seconds < seconds {
            let message = "the siren would be sounded again while it sounds";
            self.add(Level::Warning, "siren_without_cooldown", at, message);
            self.suggest("make the cooldown longer than the siren sounds");
        }
        let is_of_mode = |test: &&Condition| matches!(test, Condition::Mode(_));
        if !rule.when.tests().iter().any(is_of_mode) {
            let message = "the siren sounds also while the house is disarmed";
            self.add(Level::Suggestion, "siren_without_mode", at, message);
            self.suggest("add that the house is armed");
        }
    }

    /// Footage of where it happened needs a happening.
    fn place(&mut self, rule: &Rule, at: &str) {
        if !rule.when.is_momentary() {
            let message = "nothing says where this happened";
            self.add(Level::Error, "no_camera", at, message);
            self.suggest("name cameras, or wait for something that happens");
        }
    }

    fn actions(&mut self, rule: &Rule) {
        for (number, action) in rule.then.iter().enumerate() {
            let before = || rule.then.iter().take(number);
            let at = format!("then.{number}");
            if before().any(|other| other.opposed(action).is_some()) {
                self.add(Level::Error, "opposed_actions", &at, "the rule sets one thing twice");
            } else if before().any(|other| other == action) {
                self.add(Level::Suggestion, "repeated_action", &at, "the rule does this twice");
            }
        }
        let tells = |action: &Action| {
            matches!(action, Action::Notify { .. } | Action::Alert { .. } | Action::Webhook { .. })
        };
        if rule.cooldown_seconds == 0 && rule.when.is_momentary() && rule.then.iter().any(tells) {
            let message = "people are told every time";
            self.add(Level::Suggestion, "no_cooldown", "then", message);
            self.suggest(COOLDOWN_SUGGESTED);
        }
        let itself =
            [(hearth_model::RuleId::from_bytes([0; 16]), &Rule { is_on: true, ..rule.clone() })];
        let is_loop = |conflict: &Conflict| matches!(conflict, Conflict::Loop { .. });
        if conflicts(&itself).iter().any(is_loop) {
            let message = "what the rule does makes it run again";
            self.add(Level::Warning, "triggers_itself", "then", message);
            self.suggest("a cooldown makes it slower; another condition ends it");
        }
    }
}

/// The first tests of alternatives that are never true, given everything around them.
fn unreachable(condition: &Condition) -> Vec<usize> {
    let mut found = Vec::new();
    for (number, only) in alternatives(condition, 0) {
        if possible(&only, true) == Possible::Never {
            found.push(number);
        }
    }
    found.dedup();
    found
}

/// For each alternative: the number of its first test, and the condition as if it were the only one.
fn alternatives(condition: &Condition, first: usize) -> Vec<(usize, Condition)> {
    let mut all = Vec::new();
    let mut number = first;
    for (index, part) in condition.parts().iter().enumerate() {
        if matches!(condition, Condition::Any(_)) {
            all.push((number, part.clone()));
        }
        for (inner, only) in alternatives(part, number) {
            all.push((inner, with_part(condition, index, only)));
        }
        number += part.tests().len();
    }
    all
}

fn with_part(condition: &Condition, index: usize, only: Condition) -> Condition {
    let others = |parts: &[Condition]| {
        let mut parts = parts.to_vec();
        if let Some(part) = parts.get_mut(index) {
            *part = only.clone();
        }
        parts
    };
    match condition {
        Condition::All(parts) => Condition::All(others(parts)),
        // One alternative of an alternative.
        Condition::Any(_) => only,
        Condition::Not(_) => Condition::Not(Box::new(only)),
        test => test.clone(),
    }
}

fn has_twins(condition: &Condition) -> bool {
    let parts = condition.parts();
    let is_twin = |(index, part)| parts.iter().take(index).any(|other| other == part);
    parts.iter().enumerate().any(is_twin) || parts.iter().any(has_twins)
}
