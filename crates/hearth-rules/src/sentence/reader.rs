//! Reads a sentence: conditions, then actions, then options.
//!
//! Each rule of the grammar either takes its words or leaves the place where it was. What nothing
//! takes is told as not understood, up to the next word that joins, and the rest is read on.

use std::str::FromStr;

use hearth_model::Weekday;

use super::{
    names,
    words::{LETTERS_MAX, Piece, Token, cut},
    writer::{COOLDOWN_USUAL, write_action, write_condition},
};
use crate::{
    Action, Condition, DEPTH_MAX, DeviceIs, FORMAT, Hours, Known, Mode, ModeIs, PRIORITY_USUAL,
    ReadingIs, Rule, TimeOfDay, Value, WEEK,
};

/// A part of a sentence that was understood.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
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

pub(super) struct Reader<'a> {
    text: &'a str,
    pieces: Vec<Piece>,
    at: usize,
    pub(super) known: &'a Known,
    understood: Vec<Understood>,
    not_understood: Vec<NotUnderstood>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, known: &'a Known) -> Self {
        let pieces = cut(text);
        let (understood, not_understood) = (Vec::new(), Vec::new());
        Self { text, pieces, at: 0, known, understood, not_understood }
    }

    // Single pieces.

    fn token(&self) -> Option<&Token> {
        self.pieces.get(self.at).map(|piece| &piece.token)
    }

    /// Takes words that stand here in this order.
    pub(super) fn words(&mut self, words: &str) -> bool {
        let mut at = self.at;
        for word in words.split(' ') {
            let is_here = |piece: &Piece| matches!(&piece.token, Token::Word(here) if here == word);
            if !self.pieces.get(at).is_some_and(is_here) {
                return false;
            }
            at += 1;
        }
        self.at = at;
        true
    }

    /// Takes the first of some phrases that stands here.
    pub(super) fn any(&mut self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.words(phrase))
    }

    pub(super) fn sign(&mut self, sign: char) -> bool {
        let is_here = self.token() == Some(&Token::Sign(sign));
        self.at += usize::from(is_here);
        is_here
    }

    pub(super) fn number(&mut self) -> Option<f64> {
        let Some(Token::Number(number)) = self.token() else { return None };
        let number = *number;
        self.at += 1;
        Some(number)
    }

    pub(super) fn whole<T: TryFrom<u64>>(&mut self) -> Option<T> {
        let number = self.number()?;
        let fits = number >= 0.0 && number <= f64::from(u32::MAX) && number.fract() == 0.0;
        // In the range of a u32, checked above: nothing is lost.
        fits.then_some(number as u64).and_then(|number| T::try_from(number).ok())
    }

    pub(super) fn quoted(&mut self) -> Option<String> {
        let Some(Token::Quoted(text)) = self.token() else { return None };
        let text = text.clone();
        self.at += 1;
        Some(text)
    }

    /// A word, or words in quotation marks.
    pub(super) fn word(&mut self) -> Option<String> {
        if let Some(Token::Word(word)) = self.token() {
            let word = word.clone();
            self.at += 1;
            return Some(word);
        }
        self.quoted()
    }

    fn time(&mut self) -> Option<TimeOfDay> {
        let Some(Token::Time(time)) = self.token() else { return None };
        let time = *time;
        self.at += 1;
        Some(time)
    }

    /// Whole seconds.
    pub(super) fn duration(&mut self) -> Option<u32> {
        self.any(&["at least", "more than"]);
        let number = self.whole::<u32>()?;
        let units: [(&[&str], u32); 4] = [
            (&["second", "seconds", "s"], 1),
            (&["minute", "minutes", "min"], 60),
            (&["hour", "hours", "h"], 3_600),
            (&["day", "days"], 86_400),
        ];
        let unit = units.iter().find(|(words, _)| self.any(words))?.1;
        number.checked_mul(unit)
    }

    /// Something of the house by its name, with or without an article.
    pub(super) fn name<I: Copy + PartialEq + FromStr>(&mut self, all: &[(I, &str)]) -> Option<I> {
        self.bare_name(all).or_else(|| {
            self.attempt(|this| {
                this.any(&["the", "a", "an"]).then(|| this.bare_name(all)).flatten()
            })
        })
    }

    /// Something of the house by its name alone.
    pub(super) fn bare_name<I: Copy + PartialEq + FromStr>(
        &mut self,
        all: &[(I, &str)],
    ) -> Option<I> {
        let found = names::find(all, self.pieces.get(self.at..)?)?;
        self.at += found.length;
        Some(found.id)
    }

    pub(super) fn camera(&mut self) -> Option<hearth_model::CameraId> {
        let cameras = &self.known.cameras;
        let all: Vec<_> = cameras.iter().map(|one| (one.id, one.name.as_str())).collect();
        self.name(&all)
    }

    pub(super) fn device(&mut self) -> Option<hearth_model::DeviceId> {
        let devices = &self.known.devices;
        let all: Vec<_> = devices.iter().map(|one| (one.id, one.name.as_str())).collect();
        self.name(&all)
    }

    /// One thing, and more of its kind behind a word that joins. What else stands behind that word
    /// stays where it is.
    pub(super) fn list<T>(
        &mut self,
        join: &str,
        mut one: impl FnMut(&mut Self) -> Option<T>,
    ) -> Vec<T> {
        let mut all = Vec::new();
        all.extend(one(self));
        while !all.is_empty() {
            let next = self.attempt(|this| this.words(join).then(|| one(this)).flatten());
            let Some(next) = next else { break };
            all.push(next);
        }
        all
    }

    /// Takes what a rule of the grammar takes, or nothing.
    pub(super) fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.at;
        let taken = rule(self);
        if taken.is_none() {
            self.at = before;
        }
        taken
    }

    // What is told.

    fn span(&self, from: usize) -> String {
        let first = self.pieces.get(from).map(|piece| piece.from);
        let last = self.at.checked_sub(1).and_then(|last| self.pieces.get(last));
        let range = first.zip(last.map(|piece| piece.to));
        let text = range.and_then(|(from, to)| self.text.get(from..to));
        text.unwrap_or_default().trim().to_owned()
    }

    fn understand(&mut self, from: usize, meaning: String) {
        let text = self.span(from);
        self.understood.push(Understood { text, meaning });
    }

    fn misunderstood(&mut self, text: &str, reason: impl Into<String>) {
        let (text, reason) = (text.to_owned(), reason.into());
        self.not_understood.push(NotUnderstood { text, reason });
    }

    /// Passes over what nothing takes, up to a word or a sign that joins.
    fn skip(&mut self, joins: &[&str], reason: &str) {
        let from = self.at;
        while let Some(token) = self.token() {
            let is_join = match token {
                Token::Sign(sign) => ",);".contains(*sign),
                Token::Word(word) => joins.contains(&word.as_str()),
                _ => false,
            };
            if is_join {
                break;
            }
            self.at += 1;
        }
        let text = self.span(from);
        if self.at > from {
            self.misunderstood(&text, reason);
        }
    }

    // Conditions.

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

    // Actions and options.

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
