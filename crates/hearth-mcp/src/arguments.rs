//! What a tool was called with, after it was checked.

use std::collections::BTreeMap;

use hearth_model::{TimeRange, WallTime};
use serde_json::Value;

use crate::failure::ToolError;

/// A checked value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument {
    Text(String),
    Word(&'static str),
    Words(Vec<&'static str>),
    Integer(i64),
    Number(f64),
    Flag(bool),
    Time(WallTime),
    Json(Value),
}

/// Checked values by their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arguments(BTreeMap<&'static str, Argument>);

impl Arguments {
    pub(crate) fn set(&mut self, name: &'static str, argument: Argument) {
        self.0.insert(name, argument);
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Argument::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn word(&self, name: &str) -> Option<&'static str> {
        match self.0.get(name) {
            Some(Argument::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(crate) fn words(&self, name: &str) -> &[&'static str] {
        match self.0.get(name) {
            Some(Argument::Words(words)) => words,
            _ => &[],
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(Argument::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        match self.0.get(name) {
            Some(Argument::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.0.get(name) {
            Some(Argument::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn time(&self, name: &str) -> Option<WallTime> {
        match self.0.get(name) {
            Some(Argument::Time(time)) => Some(*time),
            _ => None,
        }
    }

    pub(crate) fn json(&self, name: &str) -> Option<&Value> {
        match self.0.get(name) {
            Some(Argument::Json(value)) => Some(value),
            _ => None,
        }
    }

    /// `limit`. It has a usual value wherever it is taken, so there always is one.
    pub(crate) fn limit(&self) -> u32 {
        self.integer("limit").and_then(|limit| u32::try_from(limit).ok()).unwrap_or(1)
    }

    /// `from` and `to`.
    pub(crate) fn range(&self) -> Result<TimeRange, ToolError> {
        let range = self.time("from").zip(self.time("to"));
        range
            .and_then(|(from, to)| TimeRange::new(from, to))
            .ok_or_else(|| ToolError::bad_arguments("`from` must be before `to`."))
    }
}
