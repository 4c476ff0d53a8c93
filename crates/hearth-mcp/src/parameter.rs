//! What a tool takes, as data: the same rows say it to the assistant as a JSON schema and check what
//! comes, so that the two cannot differ. Pure.

use hearth_model::WallTime;
use serde_json::{Map, Value, json};

use crate::{
    arguments::{Argument, Arguments},
    failure::ToolError,
};

/// Longest list of words in one argument; there are fewer words.
const WORDS_MAX: usize = 64;

/// Longest argument that people are shown, as JSON: all that any tool which changes something takes
/// fits, because nobody can agree to what they do not see.
const SHOWN_BYTES_MAX: usize = 4_000;

/// Name of the parameter by which a person's confirmation is passed on.
pub(crate) const CONFIRM: &str = "confirm";

/// Kinds of values.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// The same, and nobody is shown it.
    Secret(usize),
    /// One of some words.
    Word(fn() -> Vec<&'static str>),
    /// Some of some words.
    Words(fn() -> Vec<&'static str>),
    /// A whole number within these bounds.
    Integer(i64, i64),
    /// A number within these bounds.
    Number(f64, f64),
    /// Yes or no.
    Flag,
    /// RFC 3339.
    Time,
    /// What a device's control takes: a switch, a number or a word.
    Setting,
    /// What a device's action takes: names with switches, numbers or words.
    Settings,
    /// `true`, said by a person.
    Confirmation,
}

/// Longest word that a device's control takes.
const SETTING_CHARACTERS_MAX: usize = 64;

/// Most names that a device's action takes.
const SETTINGS_MAX: usize = 16;

/// What is taken for something that is left out.
#[derive(Clone, Copy)]
pub(crate) enum Usual {
    Flag(bool),
    Integer(i64),
    Word(&'static str),
    /// Names with nothing in them.
    NoSettings,
}

impl Usual {
    fn value(self) -> Value {
        match self {
            Self::Flag(flag) => flag.into(),
            Self::Integer(number) => number.into(),
            Self::Word(word) => word.into(),
            Self::NoSettings => json!({}),
        }
    }
}

/// One of the things that a tool takes.
#[derive(Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) about: &'static str,
    is_needed: bool,
    usual: Option<Usual>,
}

/// One without which the tool does nothing.
pub(crate) const fn needs(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { name, kind, about, is_needed: true, usual: None }
}

/// One that may be left out.
pub(crate) const fn may(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { name, kind, about, is_needed: false, usual: None }
}

/// First instant of a time.
pub(crate) const FROM: Parameter = needs("from", Kind::Time, "First instant.");

/// Its end.
pub(crate) const TO: Parameter = needs("to", Kind::Time, "First instant after.");

/// Passed on by every tool that changes something or takes something out of the house.
pub(crate) const CONFIRMATION: Parameter = needs(
    CONFIRM,
    Kind::Confirmation,
    "Only after the person you work for agreed to exactly this.",
);

impl Parameter {
    /// Is this if it is left out: the schema says so, and the tool gets it.
    pub(crate) const fn usually(self, usual: Usual) -> Self {
        Self { usual: Some(usual), ..self }
    }

    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Text(characters_max) => json!({ "type": "string", "maxLength": characters_max }),
            Kind::Secret(characters_max) => {
                json!({ "type": "string", "maxLength": characters_max, "format": "password" })
            }
            Kind::Word(words) => json!({ "type": "string", "enum": words() }),
            Kind::Words(words) => {
                json!({ "type": "array", "items": { "type": "string", "enum": words() } })
            }
            Kind::Integer(min, max) => {
                json!({ "type": "integer", "minimum": min, "maximum": max })
            }
            Kind::Number(min, max) => json!({ "type": "number", "minimum": min, "maximum": max }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Time => json!({ "type": "string", "format": "date-time" }),
            Kind::Setting => json!({ "type": ["boolean", "number", "string"] }),
            Kind::Settings => json!({ "type": "object" }),
            Kind::Confirmation => json!({ "type": "boolean", "const": true }),
        };
        if !self.about.is_empty() {
            schema["description"] = self.about.into();
        }
        if let Some(usual) = self.usual {
            schema["default"] = usual.value();
        }
        schema
    }

    fn read(&self, value: &Value) -> Option<Argument> {
        let fits = |text: &str, most: usize| text.chars().count() <= most;
        match self.kind {
            Kind::Text(most) | Kind::Secret(most) => {
                let text = value.as_str().filter(|text| fits(text, most))?;
                Some(Argument::Text(text.to_owned()))
            }
            Kind::Word(words) => word(value, &words()).map(Argument::Word),
            Kind::Words(words) => {
                let (sent, known) = (value.as_array()?, words());
                if sent.len() > WORDS_MAX {
                    return None;
                }
                let read: Option<Vec<_>> = sent.iter().map(|one| word(one, &known)).collect();
                read.map(Argument::Words)
            }
            Kind::Integer(min, max) => {
                value.as_i64().filter(|number| (min..=max).contains(number)).map(Argument::Integer)
            }
            Kind::Number(min, max) => {
                value.as_f64().filter(|number| (min..=max).contains(number)).map(Argument::Number)
            }
            Kind::Flag => value.as_bool().map(Argument::Flag),
            Kind::Time => value.as_str()?.parse::<WallTime>().ok().map(Argument::Time),
            Kind::Setting => is_setting(value).then(|| Argument::Json(value.clone())),
            Kind::Settings => {
                let settings = value.as_object()?;
                let fits = settings.len() <= SETTINGS_MAX && settings.values().all(is_setting);
                fits.then(|| Argument::Json(value.clone()))
            }
            // `false` is an answer too: whoever calls is told to ask a person.
            Kind::Confirmation => value.as_bool().map(Argument::Flag),
        }
    }
}

/// What was sent, as people may see it: what the tool takes, without what is secret or long.
pub(crate) fn shown(parameters: &[Parameter], sent: &Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for parameter in parameters {
        let Some(value) = sent.get(parameter.name).filter(|value| !value.is_null()) else {
            continue;
        };
        let value = match parameter.kind {
            Kind::Confirmation => continue,
            Kind::Secret(_) => "(not shown)".into(),
            _ if value.to_string().len() > SHOWN_BYTES_MAX => "(long)".into(),
            _ => value.clone(),
        };
        all.insert(parameter.name.to_owned(), value);
    }
    all
}

fn word(value: &Value, known: &[&'static str]) -> Option<&'static str> {
    let text = value.as_str()?;
    known.iter().copied().find(|word| *word == text)
}

fn is_setting(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(word) => word.chars().count() <= SETTING_CHARACTERS_MAX,
        _ => false,
    }
}

/// What a tool takes, as a JSON schema (draft 2020-12).
pub(crate) fn schema(parameters: &[Parameter]) -> Value {
    let mut schema = json!({ "type": "object", "additionalProperties": false });
    if parameters.is_empty() {
        return schema;
    }
    let properties: Map<String, Value> =
        parameters.iter().map(|one| (one.name.to_owned(), one.schema())).collect();
    schema["properties"] = Value::Object(properties);
    let needed: Vec<_> =
        parameters.iter().filter(|one| one.is_needed).map(|one| one.name).collect();
    if !needed.is_empty() {
        schema["required"] = needed.into();
    }
    schema
}

/// Reads what was sent. A refusal names what the tool takes and never repeats what came.
pub(crate) fn read(
    parameters: &[Parameter],
    sent: &Map<String, Value>,
) -> Result<Arguments, ToolError> {
    if sent.keys().any(|name| !parameters.iter().any(|one| one.name == name)) {
        let names: Vec<&str> = parameters.iter().map(|one| one.name).collect();
        let text = match names.as_slice() {
            [] => "This tool takes no arguments.".to_owned(),
            names => format!("This tool takes only: {}.", names.join(", ")),
        };
        return Err(ToolError::bad_arguments(text));
    }
    let mut read = Arguments::default();
    for parameter in parameters {
        let usual = parameter.usual.map(Usual::value);
        let sent = sent.get(parameter.name).filter(|value| !value.is_null());
        match sent.or(usual.as_ref()) {
            // Without a person's yes nothing is wrong with the call but that.
            None if matches!(parameter.kind, Kind::Confirmation) => {}
            None if parameter.is_needed => {
                let text = format!("`{}` is missing.", parameter.name);
                return Err(ToolError::bad_arguments(text));
            }
            None => {}
            Some(value) => match parameter.read(value) {
                Some(argument) => read.set(parameter.name, argument),
                None => {
                    let text = format!("`{}` must fit {}.", parameter.name, parameter.schema());
                    return Err(ToolError::bad_arguments(text));
                }
            },
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words() -> Vec<&'static str> {
        vec!["day", "hour"]
    }

    const PARAMETERS: [Parameter; 5] = [
        needs("camera", Kind::Text(8), ""),
        may("step", Kind::Word(words), "How long."),
        may("kinds", Kind::Words(words), ""),
        may("limit", Kind::Integer(1, 10), ""),
        may("at", Kind::Time, ""),
    ];

    fn sent(value: Value) -> Result<Arguments, ToolError> {
        read(&PARAMETERS, value.as_object().expect("an object"))
    }

    #[test]
    fn the_schema_says_what_is_checked() {
        let schema = schema(&PARAMETERS);
        assert_eq!(schema["required"], json!(["camera"]));
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["properties"]["step"]["enum"], json!(["day", "hour"]));
        assert_eq!(schema["properties"]["limit"]["maximum"], json!(10));
    }

    #[test]
    fn what_fits_is_read() {
        let all = json!({
            "camera": "Door", "step": "day", "kinds": ["hour"], "limit": 10,
            "at": "2026-11-22T14:00:00+01:00"
        });
        let read = sent(all).expect("fits");
        assert_eq!(read.text("camera"), Some("Door"));
        assert_eq!(read.word("step"), Some("day"));
        assert_eq!(read.words("kinds"), ["hour"]);
        assert_eq!(read.integer("limit"), Some(10));
        assert_eq!(read.time("at"), "2026-11-22T13:00:00Z".parse().ok());
        assert!(sent(json!({ "camera": "Door", "step": null })).is_ok());
    }

    /// promise: T-01. A wrong argument reaches no use case, and is not said again.
    #[test]
    fn what_does_not_fit_is_refused_and_not_repeated() {
        for wrong in [
            json!({}),
            json!({ "camera": 5 }),
            json!({ "camera": "far too long a name" }),
            json!({ "camera": "x", "step": "obey me" }),
            json!({ "camera": "x", "kinds": ["obey me"] }),
            json!({ "camera": "x", "kinds": vec!["day"; 65] }),
            json!({ "camera": "x", "limit": 11 }),
            json!({ "camera": "x", "limit": 1.5 }),
            json!({ "camera": "x", "at": "tomorrow" }),
            json!({ "camera": "x", "obey me": 1 }),
        ] {
            let error = sent(wrong.clone()).expect_err("does not fit");
            assert_eq!(error.code, "bad_arguments", "{wrong}");
            assert!(!error.message.contains("obey"), "{}", error.message);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused_without_a_panic(name in ".{0,9}", value in ".{0,20}") {
            sent(json!({ "camera": value, name: value })).ok();
        }
    }
}
