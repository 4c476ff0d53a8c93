//! Writes a rule as a sentence that is read as the same rule.

use hearth_model::{CameraId, DeviceId, Direction, EventKind, Label, Severity};

use super::names::{name, quoted};
use crate::{
    Absent, Action, Comparison, Condition, Count, DetailIs, Happens, Hours, Known, Mode, Rule,
    Stays, Value, WhoIs,
};

/// The cooldown that a sentence does not mention, in seconds.
pub(super) const COOLDOWN_USUAL: u32 = 60;

/// What is seen: the kinds of facts behind "is seen".
pub(super) const SEEN: [EventKind; 2] = [EventKind::ActivityNoticed, EventKind::ActivityRecognized];

/// The kinds of facts behind "is at" for somebody whose face was looked at.
pub(super) const VISITS: [EventKind; 2] = [EventKind::VisitBegan, EventKind::VisitChanged];

/// A press of a button, behind "rings", of whom the face is known: that is of the visit it begins.
pub(super) fn rang() -> DetailIs {
    let is = Comparison::NotEquals("approach".to_owned());
    DetailIs { detail: "trigger".to_owned(), is }
}

/// Whether a test is about somebody in particular who rings.
fn is_ring_of_somebody(of: &Happens) -> bool {
    of.kinds == VISITS
        && of.who.is_some()
        && of.labels.is_empty()
        && of.details.first() == Some(&rang())
}

/// Verbs and what they mean; everything else is told by the names of kinds.
pub(super) const VERBS: [(&str, &[EventKind]); 5] = [
    ("is seen", &SEEN),
    ("comes by", &VISITS),
    ("is gone", &[EventKind::ActivityEnded]),
    ("rings", &[EventKind::Ring]),
    ("does anything", &[]),
];

/// Directions and their words.
pub(super) const WAYS: [(&str, Direction); 4] = [
    ("approaching", Direction::Approaching),
    ("leaving", Direction::Leaving),
    ("going left", Direction::Left),
    ("going right", Direction::Right),
];

/// The sentence of a rule. Whether it is switched on is not in it.
pub fn write(rule: &Rule, known: &Known) -> String {
    let actions: Vec<_> = rule.then.iter().map(|action| write_action(action, known)).collect();
    let mut text = format!("when {}, {}", write_condition(&rule.when, known), actions.join(", "));
    if rule.for_seconds > 0 {
        text.push_str(&format!("; holding for {}", duration(rule.for_seconds)));
    }
    if rule.cooldown_seconds != COOLDOWN_USUAL {
        text.push_str(&format!("; at most once every {}", duration(rule.cooldown_seconds)));
    }
    if rule.priority != crate::PRIORITY_USUAL {
        text.push_str(&format!("; with priority {}", rule.priority));
    }
    text + &format!("; called {}", quoted(&rule.name))
}

/// The words of a condition.
pub fn write_condition(condition: &Condition, known: &Known) -> String {
    let in_brackets = |part: &Condition| format!("({})", write_condition(part, known));
    let group = |parts: &[Condition], word: &str, alone: &str| match parts {
        [only] => format!("{alone} of {}", in_brackets(only)),
        parts => parts.iter().map(in_brackets).collect::<Vec<_>>().join(word),
    };
    match condition {
        Condition::All(parts) => group(parts, " and ", "all"),
        Condition::Any(parts) => group(parts, " or ", "one"),
        Condition::Not(part) => format!("not {}", in_brackets(part)),
        Condition::Happens(of) => happens(of, known),
        Condition::Count(Count { of, at_least, within_seconds }) => {
            let within = duration(*within_seconds);
            format!("{} at least {at_least} times within {within}", happens(of, known))
        }
        Condition::Absent(Absent { of, for_seconds }) => {
            format!("for {} not once {}", duration(*for_seconds), happens(of, known))
        }
        Condition::Stays(Stays { of, for_seconds }) => {
            let (subject, qualifiers) = (subject(of, known), qualifiers(of, known));
            format!("{subject} stays{qualifiers} for {}", duration(*for_seconds))
        }
        Condition::Mode(mode) if mode.is == Mode::ARMED => "the house is armed".to_owned(),
        Condition::Mode(mode) => {
            let names: Vec<_> = mode.is.iter().map(|mode| mode.name()).collect();
            format!("the house is {}", names.join(" or "))
        }
        Condition::Hours(hours) => write_hours(hours),
        Condition::Device(test) => {
            let device = device(test.device, known);
            format!("{} of {device} is {}", quoted(&test.control), value(&test.is))
        }
        Condition::Reading(test) => {
            let above = test.above.map(|edge| format!("above {edge}"));
            let below = test.below.map(|edge| format!("below {edge}"));
            let edges: Vec<_> = above.into_iter().chain(below).collect();
            let device = device(test.device, known);
            format!("{} of {device} is {}", quoted(&test.reading), edges.join(" and "))
        }
    }
}

fn write_hours(hours: &Hours) -> String {
    let text = format!("between {} and {}", hours.from, hours.to);
    if hours.days.is_empty() {
        return text;
    }
    let days: Vec<_> = hours.days.iter().map(|day| format!("{day:?}").to_lowercase()).collect();
    format!("{text} on {}", days.join(" or "))
}

fn happens(of: &Happens, known: &Known) -> String {
    // Whoever rings in a sentence and is somebody in particular is read as their visit.
    let is_mere_ring = |kinds: &[EventKind]| *kinds == [EventKind::Ring] && of.who.is_some();
    let verb = VERBS.iter().find(|(_, kinds)| *kinds == of.kinds && !is_mere_ring(kinds));
    let verb = match verb {
        _ if is_ring_of_somebody(of) => "rings".to_owned(),
        Some((verb, _)) => (*verb).to_owned(),
        None => {
            let kinds: Vec<_> = of.kinds.iter().map(|kind| kind.name()).collect();
            format!("is told as {}", kinds.join(" or "))
        }
    };
    format!("{} {verb}{}", subject(of, known), qualifiers(of, known))
}

fn subject(of: &Happens, known: &Known) -> String {
    let people: Vec<_> = known.people.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let groups: Vec<_> = known.groups.iter().map(|one| (one.id, one.name.as_str())).collect();
    let who = of.who.as_ref().map(|who| match who {
        WhoIs::Known => "known".to_owned(),
        WhoIs::Stranger => "unknown".to_owned(),
        WhoIs::FaceHidden => "hidden".to_owned(),
        WhoIs::People(all) => or(all.iter().map(|id| name(&people, *id))),
        WhoIs::Group(group) => format!("of {}", name(&groups, *group)),
    });
    let labels = or(of.labels.iter().map(|label: &Label| quoted(label.as_str())));
    match (of.labels.is_empty(), &of.who, who) {
        (true, _, None) => "something".to_owned(),
        (false, _, None) => format!("a {labels}"),
        (false, _, Some(who)) => format!("a {labels} who is {who}"),
        (true, Some(WhoIs::People(_)), Some(who)) => who,
        (true, Some(WhoIs::Group(_)), Some(who)) => format!("somebody {who}"),
        (true, Some(WhoIs::Stranger), Some(_)) => "an unknown person".to_owned(),
        (true, _, Some(who)) => format!("a {who} person"),
    }
}

fn qualifiers(of: &Happens, known: &Known) -> String {
    let mut text = String::new();
    let mut add = |words: String| text.push_str(&format!(" {words}"));
    if !of.cameras.is_empty() {
        add(format!("at {}", or(of.cameras.iter().map(|id| camera(*id, known)))));
    }
    if !of.zones.is_empty() {
        let zones: Vec<_> = known.cameras.iter().flat_map(|camera| &camera.zones).collect();
        let zones: Vec<_> = zones.iter().map(|(id, name)| (*id, name.as_str())).collect();
        add(format!("in zone {}", or(of.zones.iter().map(|id| name(&zones, *id)))));
    }
    if let Some(way) = of.direction {
        let words = WAYS.iter().find(|(_, known)| *known == way).map_or("", |(words, _)| words);
        add(words.to_owned());
    }
    of.confidence_min.iter().for_each(|edge| add(format!("with confidence at least {edge} %")));
    of.confidence_max.iter().for_each(|edge| add(format!("with confidence at most {edge} %")));
    if !of.devices.is_empty() {
        add(format!("from {}", or(of.devices.iter().map(|id| device(*id, known)))));
    }
    if !of.what.is_empty() {
        add(format!("noticing {}", or(of.what.iter().map(|what| quoted(what)))));
    }
    for test in of.details.iter().skip(usize::from(is_ring_of_somebody(of))) {
        add(format!("with detail {} {}", quoted(&test.detail), comparison(&test.is)));
    }
    text
}

fn comparison(comparison: &Comparison) -> String {
    match comparison {
        Comparison::Equals(text) => format!("equals {}", quoted(text)),
        Comparison::NotEquals(text) => format!("differs from {}", quoted(text)),
        Comparison::Contains(text) => format!("contains {}", quoted(text)),
        Comparison::Matches(text) => format!("matches {}", quoted(text)),
        Comparison::OneOf(all) => format!("among {}", or(all.iter().map(|text| quoted(text)))),
        Comparison::GreaterThan(edge) => format!("above {edge}"),
        Comparison::LessThan(edge) => format!("below {edge}"),
        Comparison::Between([from, to]) => format!("between {from} and {to}"),
    }
}

/// The words of an action.
pub fn write_action(action: &Action, known: &Known) -> String {
    let recipients: Vec<_> = known.recipients.iter().map(|(id, n)| (*id, n.as_str())).collect();
    let channels: Vec<_> = known.channels.iter().map(|(id, n)| (*id, n.as_str())).collect();
    let lasting = |seconds: &Option<u32>| {
        seconds.map_or(String::new(), |seconds| format!(" for {}", duration(seconds)))
    };
    let on = |is_on: &bool| if *is_on { "on" } else { "off" };
    match action {
        Action::Notify { to, severity, picture, text } => {
            let to = if to.is_empty() {
                "everybody".to_owned()
            } else {
                and(to.iter().map(|id| name(&recipients, *id)))
            };
            let picture = if *picture { " with a picture" } else { "" };
            let text = text.iter().map(|text| format!(" saying {}", quoted(text)));
            let text: String = text.collect();
            format!("notify {to} as {}{picture}{text}", severity_name(*severity))
        }
        Action::Record { cameras, seconds } => {
            let cameras = and(cameras.iter().map(|id| camera(*id, known)));
            let space = if cameras.is_empty() { "" } else { " " };
            format!("record{space}{cameras} for {}", duration(*seconds))
        }
        Action::HoldClip { before_seconds, after_seconds, days } => format!(
            "hold the clip from {} before to {} after for {days} days",
            duration(*before_seconds),
            duration(*after_seconds),
        ),
        Action::Alert { severity, title } => {
            format!("raise a {} alert {}", severity_name(*severity), quoted(title))
        }
        Action::Siren { devices, seconds } => {
            let devices = and(devices.iter().map(|id| device(*id, known)));
            let space = if devices.is_empty() { "" } else { " " };
            match seconds {
                0 => format!("silence the siren{space}{devices}"),
                some => format!("sound the siren{space}{devices} for {}", duration(*some)),
            }
        }
        Action::Switch { device: id, on: is_on, for_seconds } => {
            format!("switch {} {}{}", device(*id, known), on(is_on), lasting(for_seconds))
        }
        Action::Set { device: id, control, value: to } => {
            format!("set {} of {} to {}", quoted(control), device(*id, known), value(to))
        }
        Action::Preset { camera: id, preset } => {
            format!("move {} to {}", camera(*id, known), quoted(preset))
        }
        Action::Privacy { on: is_on, for_seconds } => {
            format!("switch privacy {}{}", on(is_on), lasting(for_seconds))
        }
        Action::Arm { mode } => format!("set the alarm to {}", mode.name()),
        Action::Webhook { channel } => format!("call {}", name(&channels, *channel)),
        Action::Mqtt { channel, topic, payload } => {
            let channel = name(&channels, *channel);
            format!("publish {} under {} by {channel}", quoted(payload), quoted(topic))
        }
        Action::Log { text: None } => "log it".to_owned(),
        Action::Log { text: Some(text) } => format!("log {}", quoted(text)),
    }
}

pub(super) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Word(word) => quoted(word),
        other => other.to_string(),
    }
}

fn camera(id: CameraId, known: &Known) -> String {
    let all: Vec<_> = known.cameras.iter().map(|one| (one.id, one.name.as_str())).collect();
    name(&all, id)
}

fn device(id: DeviceId, known: &Known) -> String {
    let all: Vec<_> = known.devices.iter().map(|one| (one.id, one.name.as_str())).collect();
    name(&all, id)
}

fn or(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(" or ")
}

fn and(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(" and ")
}

/// In the largest unit that says it exactly.
fn duration(seconds: u32) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let fits = |(unit, _): &&(u32, &str)| seconds >= *unit && seconds.is_multiple_of(*unit);
    let (unit, name) = units.iter().find(fits).copied().unwrap_or((1, "second"));
    let number = seconds / unit;
    format!("{number} {name}{}", if number == 1 { "" } else { "s" })
}
