//! Rules that work against each other.

use std::collections::BTreeSet;

use hearth_model::{DeviceId, EventKind, RuleId};

use super::logic::{Possible, possible_together};
use crate::{Action, Condition, DeviceIs, Happens, Rule, Value, action::POWER};

/// Two or more rules that do not go together.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(tag = "conflict", rename_all = "snake_case")]
pub enum Conflict {
    /// They set the same thing to different values, and can run in the same moment.
    Opposed {
        /// Which two.
        rules: [RuleId; 2],
        /// The number of the action of each.
        actions: [usize; 2],
        /// Whether one has the higher priority, so that it is clear what happens.
        is_decided: bool,
        /// Whether it is proved that both can run at once; otherwise it could not be excluded.
        is_proved: bool,
    },
    /// They do the same under the same condition.
    Redundant {
        /// Which two.
        rules: [RuleId; 2],
    },
    /// What each does can make the next run, and the last the first.
    Loop {
        /// Which.
        rules: Vec<RuleId>,
    },
}

impl Conflict {
    /// The rules that do not go together.
    pub fn rules(&self) -> &[RuleId] {
        match self {
            Self::Opposed { rules, .. } | Self::Redundant { rules } => rules,
            Self::Loop { rules } => rules,
        }
    }
}

/// More conflicts are not told: whoever has so many looks at the first ones first.
pub const CONFLICTS_MAX: usize = 1_000;

/// Looks for conflicts among the rules that are switched on, loops first.
pub fn conflicts(rules: &[(RuleId, &Rule)]) -> Vec<Conflict> {
    let rules: Vec<_> = rules.iter().filter(|(_, rule)| rule.is_on).copied().collect();
    let mut found = loops(&rules);
    for (index, one) in rules.iter().enumerate() {
        for other in rules.iter().skip(index + 1) {
            if found.len() >= CONFLICTS_MAX {
                break;
            }
            found.extend(opposed(*one, *other));
            if one.1.when == other.1.when && one.1.then == other.1.then {
                found.push(Conflict::Redundant { rules: [one.0, other.0] });
            }
        }
    }
    found.truncate(CONFLICTS_MAX);
    found
}

fn opposed((id, one): (RuleId, &Rule), (other_id, other): (RuleId, &Rule)) -> Option<Conflict> {
    let actions = one.then.iter().enumerate().find_map(|(index, action)| {
        let opposes = |other: &Action| action.opposed(other).is_some();
        Some([index, other.then.iter().position(opposes)?])
    })?;
    let is_proved = match possible_together(&one.when, &other.when) {
        Possible::Never => return None,
        Possible::Yes => true,
        Possible::Unsure => false,
    };
    let is_decided = one.priority != other.priority;
    Some(Conflict::Opposed { rules: [id, other_id], actions, is_decided, is_proved })
}

/// Each group of rules that can all reach each other is one loop.
fn loops(rules: &[(RuleId, &Rule)]) -> Vec<Conflict> {
    let next: Vec<Vec<usize>> = rules
        .iter()
        .enumerate()
        .map(|(index, (_, rule))| {
            let leads = |other: &usize| leads_to(rule, rules.get(*other), *other == index);
            (0..rules.len()).filter(leads).collect()
        })
        .collect();
    let reached: Vec<BTreeSet<usize>> = (0..rules.len()).map(|from| reach(&next, from)).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (index, from) in reached.iter().enumerate() {
        if !from.contains(&index) || seen.contains(&index) {
            continue;
        }
        let comes_back = |other: &&usize| reached.get(**other).is_some_and(|r| r.contains(&index));
        let group: Vec<usize> = from.iter().filter(comes_back).copied().collect();
        seen.extend(group.iter().copied());
        let ids = group.iter().filter_map(|other| rules.get(*other)).map(|(id, _)| *id);
        found.push(Conflict::Loop { rules: ids.collect() });
    }
    found
}

fn reach(next: &[Vec<usize>], from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut left = vec![from];
    while let Some(index) = left.pop() {
        for other in next.get(index).into_iter().flatten() {
            if reached.insert(*other) {
                left.push(*other);
            }
        }
    }
    reached
}

/// Whether what a rule does can make another's test be what it has to be.
fn leads_to(rule: &Rule, other: Option<&(RuleId, &Rule)>, is_itself: bool) -> bool {
    let Some((_, other)) = other else { return false };
    let tests = other.when.tests().into_iter().zip(other.when.polarities());
    let tests: Vec<_> = tests
        // What already holds does not begin again by being set to what it is.
        .filter(|(test, _)| {
            !is_itself || matches!(test, Condition::Happens(_) | Condition::Count(_))
        })
        .collect();
    rule.then.iter().any(|action| tests.iter().any(|(test, is)| makes(action, test, *is)))
}

fn makes(action: &Action, test: &Condition, is: bool) -> bool {
    match (action, test) {
        (Action::Arm { mode }, Condition::Mode(test)) => test.is.contains(mode) == is,
        (Action::Switch { device, on, .. }, Condition::Device(test)) => {
            sets(test, *device, POWER, &Value::Switch(*on), is)
        }
        (Action::Set { device, control, value }, Condition::Device(test)) => {
            sets(test, *device, control, value, is)
        }
        (_, Condition::Happens(of)) => is && tells(action, of),
        (_, Condition::Count(count)) => is && tells(action, &count.of),
        _ => false,
    }
}

fn sets(test: &DeviceIs, device: DeviceId, control: &str, value: &Value, is: bool) -> bool {
    test.device == device && test.control == control && (test.is == *value) == is
}

/// Whether the fact that an action leaves behind is what a test looks for.
fn tells(action: &Action, of: &Happens) -> bool {
    let (kind, devices) = match action {
        Action::Switch { device, .. } | Action::Set { device, .. } => {
            (EventKind::DeviceControlChanged, vec![*device])
        }
        Action::Siren { devices, .. } => (EventKind::DeviceControlChanged, devices.clone()),
        Action::Privacy { .. } => (EventKind::HousePrivacyChanged, Vec::new()),
        Action::Alert { .. } => (EventKind::IncidentOpened, Vec::new()),
        _ => return false,
    };
    let is_kind = of.kinds.is_empty() || of.kinds.contains(&kind);
    let is_device =
        of.devices.is_empty() || of.devices.iter().any(|device| devices.contains(device));
    // Such facts name nothing that was seen, and nobody.
    let is_plain = of.labels.is_empty()
        && of.zones.is_empty()
        && of.what.is_empty()
        && of.confidence_min.or(of.confidence_max).is_none()
        && (of.who.is_none() && of.direction.is_none());
    is_kind && is_device && is_plain
}
