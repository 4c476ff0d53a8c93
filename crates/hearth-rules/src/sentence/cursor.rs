//! A place in a sentence, and what can be taken from there.
//!
//! Each rule of the grammar either takes its pieces or leaves the place where it was.

use std::str::FromStr;

use super::{
    names,
    reader::{NotUnderstood, Understood},
    words::{Piece, Token, cut},
};
use crate::{Known, TimeOfDay};

/// A sentence that is read, and what became of it so far.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) pieces: Vec<Piece>,
    pub(super) at: usize,
    pub(super) known: &'a Known,
    pub(super) understood: Vec<Understood>,
    pub(super) not_understood: Vec<NotUnderstood>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, known: &'a Known) -> Self {
        let pieces = cut(text);
        let (understood, not_understood) = (Vec::new(), Vec::new());
        Self { text, pieces, at: 0, known, understood, not_understood }
    }

    pub(super) fn token(&self) -> Option<&Token> {
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

    pub(super) fn time(&mut self) -> Option<TimeOfDay> {
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

    pub(super) fn span(&self, from: usize) -> String {
        let first = self.pieces.get(from).map(|piece| piece.from);
        let last = self.at.checked_sub(1).and_then(|last| self.pieces.get(last));
        let range = first.zip(last.map(|piece| piece.to));
        let text = range.and_then(|(from, to)| self.text.get(from..to));
        text.unwrap_or_default().trim().to_owned()
    }

    pub(super) fn understand(&mut self, from: usize, meaning: String) {
        let text = self.span(from);
        self.understood.push(Understood { text, meaning });
    }

    pub(super) fn misunderstood(&mut self, text: &str, reason: impl Into<String>) {
        let (text, reason) = (text.to_owned(), reason.into());
        self.not_understood.push(NotUnderstood { text, reason });
    }

    /// Passes over what nothing takes, up to a word or a sign that joins.
    pub(super) fn skip(&mut self, joins: &[&str], reason: &str) {
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
}
