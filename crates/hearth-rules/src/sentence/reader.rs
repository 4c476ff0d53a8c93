//! Reads a sentence: conditions, then actions, then options.
//!
//! What no rule of the grammar takes is told as not understood, up to the next word that joins, and
//! the rest is read on.

use hearth_model::Weekday;

use super::{
    cursor::Reader,
    words::{LETTERS_MAX, Token},
    writer::{COOLDOWN_USUAL, write_action, write_condition},
};
use crate::{
    Action, Condition, DEPTH_MAX, DeviceIs, FORMAT, Hours, Known, Mode, ModeIs, PRIORITY_USUAL,
    ReadingIs, Rule, TimeOfDay, Value, WEEK,
};

/// A part of a sentence that was understood.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = UnderstoodPart)]
pub struct Understood {
    /// As it was written.
    pub text: String,
    /// What was made of it, in the words of this grammar.
    pub meaning: String,
}

/// A part that was not.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct NotUnderstood {
    /// As it was written.
    pub text: String,
    /// Why, for a person.
    pub reason: String,
}

/// What became of a sentence.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Draft {
    /// A rule of what was understood, switched off; absent if that is not enough for one.
    pub rule: Option<Rule>,
    /// What was understood.
    pub understood: Vec<Understood>,
    /// What was not. Only if this is empty the rule says all that the sentence does.
    pub not_understood: Vec<NotUnderstood>,
}

/// Reads a sentence with the names of a house.
pub fn read(text: &str, known: &Known) -> Draft {
    let mut reader = Reader::new(text, known);
    let too_long = text.chars().count() > LETTERS_MAX;
    if too_long {
        reader.misunderstood("", format!("only the first {LETTERS_MAX} letters are read"));
    }
    reader.any(&["when", "whenever", "if"]);
    let when = reader.alternatives(0);
    reader.sign(',');
    reader.any(&["then"]);
    let mut options = Options::default();
    let then = reader.actions(&mut options);
    let Reader { understood, mut not_understood, .. } = reader;
    let rule = when.filter(|_| !then.is_empty()).map(|when| Rule {
        version: FORMAT,
        name: options.name.unwrap_or_else(|| "New rule".to_owned()),
        is_on: false,
        priority: options.priority.unwrap_or(PRIORITY_USUAL),
        when,
        for_seconds: options.for_seconds,
        cooldown_seconds: options.cooldown_seconds.unwrap_or(COOLDOWN_USUAL),
        then,
    });
    let rule = rule.and_then(|rule| match rule.check() {
        Ok(()) => Some(rule),
        Err(error) => {
            let (text, reason) = (text.chars().take(LETTERS_MAX).collect(), error.to_string());
            not_understood.push(NotUnderstood { text, reason });
            None
        }
    });
    Draft { rule, understood, not_understood }
}

#[derive(Default)]
struct Options {
    for_seconds: u32,
    cooldown_seconds: Option<u32>,
    priority: Option<u8>,
    name: Option<String>,
}

impl Reader<'_> {
    fn alternatives(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = Vec::new();
        loop {
            parts.extend(self.conjunction(depth));
            if !self.words("or") {
                break;
            }
        }
        group(parts, Condition::Any)
    }

    fn conjunction(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = Vec::new();
        loop {
            parts.extend(self.part(depth));
            // "at the front door between 22:00 and 6:00" needs no word that joins.
            while let Some(hours) = self.told(Self::hours) {
                parts.push(hours);
            }
            self.pass_over_rest();
            if !self.words("and") {
                break;
            }
        }
        group(parts, Condition::All)
    }

    /// Words behind a condition that belong neither to it nor to an action.
    fn pass_over_rest(&mut self) {
        let before = self.at;
        let is_action = self.action().is_some();
        self.at = before;
        if !is_action && !self.is_option() {
            self.skip(&["and", "or", "then"], "no part of a condition that is known");
        }
    }

    fn part(&mut self, depth: usize) -> Option<Condition> {
        if depth > DEPTH_MAX {
            self.skip(&[], "this is too deep");
            return None;
        }
        if let Some(part) = self.attempt(|this| {
            let wrap: fn(Vec<Condition>) -> Condition = if this.words("all of") {
                Condition::All
            } else if this.words("one of") {
                Condition::Any
            } else {
                return None;
            };
            this.in_brackets(depth).map(|part| wrap(vec![part]))
        }) {
            return Some(part);
        }
        if self.words("not") {
            return self.part(depth + 1).map(|part| Condition::Not(Box::new(part)));
        }
        if self.token() == Some(&Token::Sign('(')) {
            return self.in_brackets(depth);
        }
        let test = self.told(Self::test);
        if test.is_none() {
            self.skip(&["and", "or", "then"], "no condition that is known");
        }
        test
    }

    fn in_brackets(&mut self, depth: usize) -> Option<Condition> {
        if !self.sign('(') {
            return None;
        }
        let part = self.alternatives(depth + 1);
        if !self.sign(')') {
            self.misunderstood("", "a bracket is not closed");
        }
        part
    }

    /// Reads a test and tells what was made of it.
    fn told(&mut self, rule: fn(&mut Self) -> Option<Condition>) -> Option<Condition> {
        let from = self.at;
        let test = self.attempt(rule)?;
        let meaning = write_condition(&test, self.known);
        self.understand(from, meaning);
        Some(test)
    }

    fn test(&mut self) -> Option<Condition> {
        let rules = [Self::hours, Self::mode, Self::property, Self::absent, Self::activity];
        rules.into_iter().find_map(|rule| self.attempt(rule))
    }

    fn hours(&mut self) -> Option<Condition> {
        let midnight = TimeOfDay::MIDNIGHT;
        let bounds = self.attempt(|this| {
            let from = this.words("between").then(|| this.time()).flatten()?;
            Some((from, this.words("and").then(|| this.time()).flatten()?))
        });
        let days = self.attempt(|this| this.words("on").then(|| this.days()).flatten());
        if bounds.is_none() && days.is_none() {
            return None;
        }
        let (from, to) = bounds.unwrap_or((midnight, midnight));
        Some(Condition::Hours(Hours { days: days.unwrap_or_default(), from, to }))
    }

    fn days(&mut self) -> Option<Vec<Weekday>> {
        if self.words("weekdays") {
            return Some(WEEK.iter().take(5).copied().collect());
        }
        if self.any(&["weekends", "the weekend"]) {
            return Some(WEEK.iter().skip(5).copied().collect());
        }
        let days = self.list("or", |this| {
            let word = this.word()?;
            let name = |day: &Weekday| format!("{day:?}").to_lowercase();
            WEEK.into_iter().find(|day| word == name(day) || word == name(day) + "s")
        });
        (!days.is_empty()).then_some(days)
    }

    fn mode(&mut self) -> Option<Condition> {
        if !self.any(&["the house is", "the alarm is", "the house is set to"]) {
            return None;
        }
        let is = if self.words("armed") {
            Mode::ARMED.to_vec()
        } else {
            self.list("or", |this| Mode::from_name(&this.word()?))
        };
        (!is.is_empty()).then_some(Condition::Mode(ModeIs { is }))
    }

    /// `the temperature in the living room is above 25`, `the hall light is on`.
    fn property(&mut self) -> Option<Condition> {
        let named = self.attempt(|this| {
            this.words("the");
            let property = this.word()?;
            let device = this.any(&["of", "in"]).then(|| this.device()).flatten()?;
            Some((property, device))
        });
        let (property, device) = match named {
            Some(named) => named,
            None => (crate::action::POWER.to_owned(), self.device()?),
        };
        if !self.words("is") {
            return None;
        }
        let above = self.attempt(|this| this.words("above").then(|| this.measure()).flatten());
        let below = self.attempt(|this| {
            let joins = above.is_none() || this.words("and");
            (joins && this.words("below")).then(|| this.measure()).flatten()
        });
        if above.or(below).is_some() {
            let reading = property;
            return Some(Condition::Reading(ReadingIs { device, reading, above, below }));
        }
        let (control, is) = (property, self.value()?);
        Some(Condition::Device(DeviceIs { device, control, is }))
    }

    fn measure(&mut self) -> Option<f64> {
        let number = self.number()?;
        self.any(&["degrees", "w", "watts", "kwh", "ppm", "percent", "db"]);
        self.sign('%');
        Some(number)
    }

    pub(super) fn value(&mut self) -> Option<Value> {
        if self.words("on") {
            return Some(Value::Switch(true));
        }
        if self.words("off") {
            return Some(Value::Switch(false));
        }
        self.number().map(Value::Number).or_else(|| self.quoted().map(Value::Word))
    }

    fn actions(&mut self, options: &mut Options) -> Vec<Action> {
        let mut actions = Vec::new();
        while self.token().is_some() {
            // Brackets that close nothing say nothing.
            if ",);".chars().any(|sign| self.sign(sign)) || self.any(&["and", "then"]) {
                continue;
            }
            let from = self.at;
            if let Some(action) = self.attempt(Self::action) {
                self.understand(from, write_action(&action, self.known));
                actions.push(action);
            } else if self.attempt(|this| this.option(options)).is_some() {
                let text = self.span(from);
                self.understood.push(Understood { meaning: text.clone(), text });
            } else {
                // At least one piece is passed over.
                self.skip(&["and", "then"], "no action that is known");
            }
        }
        actions
    }

    fn is_option(&mut self) -> bool {
        let before = self.at;
        let is_option = self.option(&mut Options::default()).is_some();
        self.at = before;
        is_option
    }

    fn option(&mut self, options: &mut Options) -> Option<()> {
        if self.words("holding for") {
            options.for_seconds = self.duration()?;
        } else if self.words("at most once every") {
            options.cooldown_seconds = Some(self.duration()?);
        } else if self.words("with priority") {
            options.priority = Some(self.whole()?);
        } else if self.words("called") {
            options.name = Some(self.quoted()?);
        } else {
            return None;
        }
        Some(())
    }
}

/// One part is itself; none is nothing.
fn group(mut parts: Vec<Condition>, wrap: fn(Vec<Condition>) -> Condition) -> Option<Condition> {
    if parts.len() < 2 { parts.pop() } else { Some(wrap(parts)) }
}
