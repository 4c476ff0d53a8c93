//! Hides what people are called from whoever may not know it, and puts it back into an answer.
//!
//! `Person 1` stands for a name wherever it is a word of its own, also in the name of a camera. Pure.

use std::borrow::Cow;

use hearth_rules::Known;
use serde_json::Value;

/// Names with what stands for them, longest names first.
pub(crate) struct Veil(Vec<(String, String)>);

impl Veil {
    /// Hides nothing.
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// Hides people, groups of them and who is told: recipients are called like people.
    pub(crate) fn over(known: &Known) -> Self {
        let mut names: Vec<(String, String)> = Vec::new();
        let people = known.people.iter().map(|(_, name)| name);
        for (number, name) in people.enumerate() {
            let alias = format!("Person {}", number + 1);
            let first = name.split_whitespace().next().filter(|first| *first != name);
            names.extend(first.map(|first| (first.to_owned(), alias.clone())));
            names.push((name.clone(), alias));
        }
        let groups = known.groups.iter().map(|group| &group.name).enumerate();
        names.extend(groups.map(|(number, name)| (name.clone(), format!("Group {}", number + 1))));
        for (number, (_, name)) in known.recipients.iter().enumerate() {
            // Whoever is told may be somebody who is known: then they are called the same.
            if !names.iter().any(|(hidden, _)| hidden == name) {
                names.push((name.clone(), format!("Recipient {}", number + 1)));
            }
        }
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.chars().count()));
        Self(names)
    }

    /// A text without names.
    pub(crate) fn cover(&self, text: &str) -> String {
        replaced(text, self.0.iter().map(|(name, alias)| (name.as_str(), alias.as_str())))
    }

    /// Puts names back into all texts of an answer.
    pub(crate) fn lift_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.lift(text),
            Value::Array(parts) => parts.iter_mut().for_each(|part| self.lift_all(part)),
            Value::Object(members) => members.values_mut().for_each(|part| self.lift_all(part)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The longest name that hides behind an alias comes first, so it is the one that is put back.
    fn lift(&self, text: &str) -> String {
        replaced(text, self.0.iter().map(|(name, alias)| (alias.as_str(), name.as_str())))
    }
}

/// Replaces words, whatever their capitals; the first pair that fits counts.
fn replaced<'a>(text: &str, pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> String {
    let mut covered = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_inside_word = false;
    while let Some(first) = rest.chars().next() {
        let found = pairs
            .clone()
            .filter(|_| !is_inside_word)
            .find_map(|(from, to)| Some((word_at(rest, from)?, to)));
        let (taken, put) = match found {
            Some((bytes, to)) => (bytes, Cow::Borrowed(to)),
            None => (first.len_utf8(), Cow::Owned(first.to_string())),
        };
        covered.push_str(&put);
        let last = rest.get(..taken).and_then(|taken| taken.chars().next_back());
        is_inside_word = last.is_some_and(char::is_alphanumeric);
        rest = rest.get(taken..).unwrap_or_default();
    }
    covered
}

/// Length in bytes of a word that a text begins with, if it does.
fn word_at(text: &str, word: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    for wanted in word.chars() {
        let (_, letter) = letters.next()?;
        if !letter.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    let rest = letters.as_str();
    let is_whole = !rest.chars().next().is_some_and(char::is_alphanumeric);
    (is_whole && !word.is_empty()).then(|| text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use hearth_model::{PersonId, RecipientId};

    use super::*;

    fn veil() -> Veil {
        let person = |name: &str| (PersonId::new(), name.to_owned());
        let recipients = vec![(RecipientId::new(), "Øst's phone".to_owned())];
        let people = vec![person("Ben"), person("Zoë Øst"), person("Benjamin")];
        Veil::over(&Known { people, recipients, ..Known::default() })
    }

    #[test]
    fn names_are_hidden_as_words_and_come_back() {
        let veil = veil();
        let text = "When ben or ZOË ØST or Benjamin is at Ben's bench, tell Øst's phone";
        let covered = veil.cover(text);
        let hidden =
            "When Person 1 or Person 2 or Person 3 is at Person 1's bench, tell Recipient 1";
        assert_eq!(covered, hidden);
        let mut answer = serde_json::json!({ "name": covered, "then": ["zoë", 1] });
        veil.lift_all(&mut answer);
        let back = "When Ben or Zoë Øst or Benjamin is at Ben's bench, tell Øst's phone";
        assert_eq!(answer, serde_json::json!({ "name": back, "then": ["zoë", 1] }));
        assert_eq!(veil.cover("zoë comes"), "Person 2 comes", "first names too");
        assert_eq!(Veil::none().cover(text), text);
    }
}
