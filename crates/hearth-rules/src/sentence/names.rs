//! Finds what a name in a sentence stands for.

use std::{fmt::Display, str::FromStr};

use super::words::{Piece, Token, cut};

/// A name that fits, and how many pieces it takes.
pub(super) struct Named<I> {
    pub(super) id: I,
    pub(super) length: usize,
}

/// What the next pieces name: in quotation marks, as an id, or the longest name in plain words.
/// `None` if nothing or more than one thing is called that.
pub(super) fn find<I: Copy + PartialEq + FromStr>(
    all: &[(I, &str)],
    pieces: &[Piece],
) -> Option<Named<I>> {
    match &pieces.first()?.token {
        Token::Quoted(name) => {
            let id = only(all.iter().filter(|(_, known)| is_same(known, name)))?;
            return Some(Named { id, length: 1 });
        }
        Token::Word(word) => {
            let id = word.parse().ok();
            if let Some(id) = id.filter(|id| all.iter().any(|(known, _)| known == id)) {
                return Some(Named { id, length: 1 });
            }
        }
        _ => {}
    }
    let fits = |(id, name): &(I, &str)| {
        let words = cut(name);
        let are_same = words.iter().zip(pieces).all(|(one, other)| one.token == other.token);
        (!words.is_empty() && words.len() <= pieces.len() && are_same).then_some((*id, words.len()))
    };
    let fitting: Vec<_> = all.iter().filter_map(fits).collect();
    let length = fitting.iter().map(|(_, length)| *length).max()?;
    let mut longest = fitting.iter().filter(|(_, other)| *other == length);
    let (id, _) = longest.next()?;
    longest.next().is_none().then_some(Named { id: *id, length })
}

/// How a thing is called in a sentence: by its name, or by its id if the name is not its own.
pub(super) fn name<I: Copy + PartialEq + Display>(all: &[(I, &str)], id: I) -> String {
    let own = all.iter().find(|(known, _)| *known == id).map(|(_, name)| *name);
    match own.filter(|own| only(all.iter().filter(|(_, known)| is_same(known, own))).is_some()) {
        Some(own) => quoted(own),
        None => id.to_string(),
    }
}

/// In quotation marks, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn only<'a, I: Copy + 'a>(mut all: impl Iterator<Item = &'a (I, &'a str)>) -> Option<I> {
    let (id, _) = all.next()?;
    all.next().is_none().then_some(*id)
}
