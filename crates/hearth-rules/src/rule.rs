//! A rule: when something is so, then things are done. And what its JSON may be.

use crate::{
    Absent, Action, Comparison, Condition, Count, DeviceIs, Happens, Mode, ModeIs, ReadingIs,
    Stays, Value, WhoIs,
};

/// The form of the JSON that this code writes and reads.
pub const FORMAT: u8 = 1;

/// More JSON than any rule within the other limits needs.
pub const JSON_BYTES_MAX: usize = 64 * 1024;

/// Deeper trees are not understood by people.
pub const DEPTH_MAX: usize = 8;

/// Groups and tests of a tree. With 200 rules it keeps a step of the engine in the microseconds.
pub const NODES_MAX: usize = 64;

/// Things that one rule does.
pub const ACTIONS_MAX: usize = 16;

/// Entries of a list, e.g. of cameras: more than a house has.
pub const LIST_MAX: usize = 64;

/// Letters of a name, a text or a word.
pub const TEXT_MAX: usize = 200;

/// Longest wait: a month. What is longer is not remembered.
pub const SECONDS_MAX: u32 = 31 * 86_400;

/// Longest time that a siren sounds, and noise laws of many places allow less.
pub const SIREN_SECONDS_MAX: u32 = 600;

/// Most that is counted; each is a remembered time.
pub const COUNT_MAX: u16 = 100;

/// Longest time for which footage is held by a rule.
pub const HOLD_DAYS_MAX: u16 = 366;

/// The priority of a rule that says none.
pub const PRIORITY_USUAL: u8 = 50;

/// A rule. Its id is kept beside it, so that a draft is the same as a rule in force.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The form of this JSON; 1.
    pub version: u8,
    /// What people call it.
    pub name: String,
    /// Whether it is in force.
    pub is_on: bool,
    /// 0 to 100. Of two rules that oppose each other in one moment the higher wins.
    #[serde(default = "usual_priority")]
    pub priority: u8,
    /// When.
    pub when: Condition,
    /// How long the condition has to hold without a break, in seconds.
    #[serde(default)]
    pub for_seconds: u32,
    /// How long it is silent after it ran, in seconds.
    #[serde(default)]
    pub cooldown_seconds: u32,
    /// What is done; at least one thing.
    pub then: Vec<Action>,
}

fn usual_priority() -> u8 {
    PRIORITY_USUAL
}

/// Why something is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not JSON of a rule.
    #[error("not a rule: {0}")]
    Form(String),
    /// Of another version.
    #[error("rules have version {FORMAT}")]
    Version,
    /// Too much of something.
    #[error("{what} is limited to {max}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: u64,
    },
    /// Nothing where something is needed.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// A value that means nothing.
    #[error("{0}")]
    Meaningless(&'static str),
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// As for [`Rule::check`]; if it is not the JSON of a rule.
    pub fn from_json(json: &[u8]) -> Result<Self, RuleError> {
        at_most("the size of a rule", json.len(), JSON_BYTES_MAX)?;
        let rule: Self =
            serde_json::from_slice(json).map_err(|error| RuleError::Form(error.to_string()))?;
        rule.check()?;
        Ok(rule)
    }

    /// Checks all limits. Whether it makes sense in this house is asked of `analysis`.
    ///
    /// # Errors
    /// What it breaks first.
    pub fn check(&self) -> Result<(), RuleError> {
        if self.version != FORMAT {
            return Err(RuleError::Version);
        }
        words("the name", &self.name)?;
        at_most("the priority", self.priority.into(), 100)?;
        seconds("for_seconds", self.for_seconds)?;
        seconds("cooldown_seconds", self.cooldown_seconds)?;
        let mut nodes = 0;
        check_condition(&self.when, 1, &mut nodes)?;
        if self.for_seconds > 0 && self.when.is_momentary() {
            return Err(RuleError::Meaningless("a moment does not last: for_seconds must be 0"));
        }
        at_most("the number of actions", self.then.len(), ACTIONS_MAX)?;
        if self.then.is_empty() {
            return Err(RuleError::Empty("then"));
        }
        self.then.iter().try_for_each(check_action)
    }
}

fn check_condition(
    condition: &Condition,
    depth: usize,
    nodes: &mut usize,
) -> Result<(), RuleError> {
    *nodes += 1;
    at_most("the size of a condition", *nodes, NODES_MAX)?;
    at_most("the depth of a condition", depth, DEPTH_MAX)?;
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            if parts.is_empty() {
                return Err(RuleError::Empty("a group"));
            }
            parts.iter().try_for_each(|part| check_condition(part, depth + 1, nodes))
        }
        Condition::Not(part) => check_condition(part, depth + 1, nodes),
        Condition::Happens(of) => check_happens(of),
        Condition::Count(Count { of, at_least, within_seconds }) => {
            at_most("at_least", (*at_least).into(), COUNT_MAX.into())?;
            if *at_least < 2 {
                return Err(RuleError::Meaningless("less than two times is not counted"));
            }
            lasting("within_seconds", *within_seconds)?;
            check_happens(of)
        }
        Condition::Absent(Absent { of, for_seconds }) => {
            lasting("for_seconds", *for_seconds)?;
            check_happens(of)
        }
        Condition::Stays(Stays { of, for_seconds }) => {
            if !of.kinds.is_empty() {
                return Err(RuleError::Meaningless("what stays is an activity: name no kinds"));
            }
            lasting("for_seconds", *for_seconds)?;
            check_happens(of)
        }
        Condition::Mode(ModeIs { is }) if is.is_empty() => Err(RuleError::Empty("the modes")),
        Condition::Mode(ModeIs { is }) => at_most("the modes", is.len(), Mode::ALL.len()),
        Condition::Hours(hours) => at_most("the days", hours.days.len(), 7),
        Condition::Device(DeviceIs { control, is, .. }) => {
            words("the control", control)?;
            check_value(is)
        }
        Condition::Reading(ReadingIs { reading, above, below, .. }) => {
            words("the reading", reading)?;
            let edges = [above, below].into_iter().flatten();
            if edges.clone().any(|edge| !edge.is_finite()) {
                return Err(RuleError::Meaningless("a bound is a number"));
            }
            if edges.count() == 0 {
                return Err(RuleError::Empty("above or below"));
            }
            Ok(())
        }
    }
}

fn check_happens(of: &Happens) -> Result<(), RuleError> {
    let who = match &of.who {
        Some(WhoIs::People(people)) if people.is_empty() => {
            return Err(RuleError::Empty("the people"));
        }
        Some(WhoIs::People(people)) => people.len(),
        _ => 0,
    };
    let lists = [
        of.kinds.len(),
        of.cameras.len(),
        of.labels.len(),
        of.zones.len(),
        of.devices.len(),
        of.what.len(),
        of.details.len(),
        who,
    ];
    lists.into_iter().try_for_each(|length| at_most("a list", length, LIST_MAX))?;
    for percent in [of.confidence_min, of.confidence_max].into_iter().flatten() {
        at_most("a confidence in percent", percent.into(), 100)?;
    }
    of.what.iter().try_for_each(|what| words("what a device notices", what))?;
    for test in &of.details {
        words("the detail", &test.detail)?;
        if !test.is.is_finite() {
            return Err(RuleError::Meaningless("a bound is a number"));
        }
        let texts = test.is.texts();
        at_most("a list", texts.len(), LIST_MAX)?;
        if matches!(&test.is, Comparison::OneOf(texts) if texts.is_empty()) {
            return Err(RuleError::Empty("one_of"));
        }
        texts.iter().try_for_each(|text| text_fits("a text", text))?;
    }
    Ok(())
}

fn check_action(action: &Action) -> Result<(), RuleError> {
    match action {
        Action::Notify { to, text, .. } => {
            at_most("a list", to.len(), LIST_MAX)?;
            text.iter().try_for_each(|text| words("the text", text))
        }
        Action::Record { cameras, seconds } => {
            at_most("a list", cameras.len(), LIST_MAX)?;
            lasting("seconds", *seconds)
        }
        Action::HoldClip { before_seconds, after_seconds, days } => {
            seconds("before_seconds", *before_seconds)?;
            seconds("after_seconds", *after_seconds)?;
            if *days == 0 || before_seconds + after_seconds == 0 {
                return Err(RuleError::Meaningless("a clip that is held lasts, and for a day"));
            }
            at_most("days", (*days).into(), HOLD_DAYS_MAX.into())
        }
        Action::Alert { title, .. } => words("the title", title),
        Action::Siren { devices, seconds } => {
            at_most("a list", devices.len(), LIST_MAX)?;
            at_most("the time of a siren", *seconds as usize, SIREN_SECONDS_MAX as usize)
        }
        Action::Switch { for_seconds, .. } | Action::Privacy { for_seconds, .. } => {
            for_seconds.iter().try_for_each(|time| lasting("for_seconds", *time))
        }
        Action::Set { control, value, .. } => {
            words("the control", control)?;
            check_value(value)
        }
        Action::Preset { preset, .. } => words("the preset", preset),
        Action::Mqtt { topic, payload, .. } => {
            words("the topic", topic)?;
            if topic.contains(['+', '#']) {
                return Err(RuleError::Meaningless("nothing is published under a pattern"));
            }
            text_fits("the payload", payload)
        }
        Action::Log { text } => text.iter().try_for_each(|text| words("the text", text)),
        Action::Arm { .. } | Action::Webhook { .. } => Ok(()),
    }
}

fn check_value(value: &Value) -> Result<(), RuleError> {
    match value {
        Value::Switch(_) => Ok(()),
        Value::Number(number) if number.is_finite() => Ok(()),
        Value::Number(_) => Err(RuleError::Meaningless("a value is a number")),
        Value::Word(word) => words("a word", word),
    }
}

fn at_most(what: &'static str, value: usize, max: usize) -> Result<(), RuleError> {
    if value <= max { Ok(()) } else { Err(RuleError::TooMuch { what, max: max as u64 }) }
}

fn seconds(what: &'static str, value: u32) -> Result<(), RuleError> {
    at_most(what, value as usize, SECONDS_MAX as usize)
}

fn lasting(what: &'static str, value: u32) -> Result<(), RuleError> {
    if value == 0 { Err(RuleError::Empty(what)) } else { seconds(what, value) }
}

fn text_fits(what: &'static str, text: &str) -> Result<(), RuleError> {
    at_most(what, text.chars().count(), TEXT_MAX)?;
    if text.chars().any(char::is_control) {
        return Err(RuleError::Meaningless("a text has no control characters"));
    }
    Ok(())
}

fn words(what: &'static str, text: &str) -> Result<(), RuleError> {
    if text.trim().is_empty() { Err(RuleError::Empty(what)) } else { text_fits(what, text) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn rule(when: &Json) -> Json {
        json!({"version": 1, "name": "Test", "is_on": true, "when": when, "then": [{"log": {}}]})
    }

    fn read(json: &Json) -> Result<Rule, RuleError> {
        Rule::from_json(json.to_string().as_bytes())
    }

    #[test]
    fn a_rule_is_read_from_the_json_that_people_write() {
        let json = json!({
            "version": 1,
            "name": "Stranger at night",
            "is_on": true,
            "priority": 80,
            "when": {"all": [
                {"happens": {"kinds": ["visit_began"], "who": "stranger"}},
                {"hours": {"from": "22:00", "to": "6:00", "days": ["friday"]}},
                {"not": {"mode": {"is": ["disarmed"]}}}
            ]},
            "cooldown_seconds": 60,
            "then": [
                {"notify": {"severity": "critical", "picture": true}},
                {"hold_clip": {"before_seconds": 10, "after_seconds": 20, "days": 30}}
            ]
        });
        let rule = read(&json).expect("a rule");
        assert_eq!((rule.priority, rule.when.tests().len(), rule.then.len()), (80, 3, 2));
        assert_eq!(read(&serde_json::to_value(&rule).expect("JSON")), Ok(rule));
    }

    #[test]
    fn an_unknown_field_is_refused_wherever_it_stands() {
        let good = json!({"happens": {}});
        assert!(read(&rule(&good)).is_ok());
        let mut top = rule(&good);
        top["colour"] = json!("red");
        let mut action = rule(&good);
        action["then"] = json!([{"log": {"colour": "red"}}]);
        let other = |when| rule(&when);
        for wrong in [
            top,
            action,
            other(json!({"happens": {"colour": "red"}})),
            other(json!({"mode": {"is": ["home"], "colour": "red"}})),
            other(json!({"hours": {"from": "1:00", "to": "2:00", "colour": "red"}})),
            other(json!({"sings": {}})),
            other(json!({"happens": {}, "mode": {"is": ["home"]}})),
        ] {
            assert!(matches!(read(&wrong), Err(RuleError::Form(_))), "{wrong}");
        }
    }

    #[test]
    fn what_breaks_a_limit_is_refused() {
        let ring = || json!({"happens": {"kinds": ["ring"]}});
        let deep = (0..DEPTH_MAX).fold(ring(), |inner, _| json!({"not": inner}));
        let wide = json!({"any": vec![ring(); NODES_MAX]});
        let device = "dev_00000000000000000000000000000001";
        for when in [
            deep,
            wide,
            json!({"all": []}),
            json!({"mode": {"is": []}}),
            json!({"count": {"of": {}, "at_least": 1, "within_seconds": 5}}),
            json!({"count": {"of": {}, "at_least": 101, "within_seconds": 5}}),
            json!({"absent": {"of": {}, "for_seconds": 0}}),
            json!({"absent": {"of": {}, "for_seconds": SECONDS_MAX + 1}}),
            json!({"stays": {"of": {"kinds": ["ring"]}, "for_seconds": 5}}),
            json!({"reading": {"device": device, "reading": "power"}}),
            json!({"happens": {"confidence_min": 101}}),
            json!({"happens": {"what": [""]}}),
            json!({"happens": {"who": {"people": []}}}),
        ] {
            let refused = read(&rule(&when));
            assert!(
                matches!(&refused, Err(error) if !matches!(error, RuleError::Form(_))),
                "{when}"
            );
        }
        let with = |key: &str, value: Json| {
            let mut json = rule(&ring());
            json[key] = value;
            read(&json)
        };
        assert_eq!(with("version", json!(2)), Err(RuleError::Version));
        assert!(with("then", json!([])).is_err());
        assert!(with("then", json!(vec![json!({"log": {}}); ACTIONS_MAX + 1])).is_err());
        assert!(with("then", json!([{"siren": {"seconds": SIREN_SECONDS_MAX + 1}}])).is_err());
        assert!(with("name", json!(" ")).is_err());
        assert!(with("name", json!("x".repeat(TEXT_MAX + 1))).is_err());
        assert!(with("priority", json!(101)).is_err());
        assert!(with("for_seconds", json!(5)).is_err(), "a moment does not last");
        assert!(Rule::from_json(&vec![b' '; JSON_BYTES_MAX + 1]).is_err());
        let abyss = format!("{}1{}", "{\"not\":".repeat(5_000), "}".repeat(5_000));
        assert!(Rule::from_json(abyss.as_bytes()).is_err());
    }
}
