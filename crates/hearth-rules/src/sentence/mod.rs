//! Rules as English sentences: read by a fixed grammar, never by a language model.
//!
//! `when an unknown person is at the front door between 22:00 and 6:00 and the house is armed, notify
//! Ben and switch the hall light on` becomes a draft that is switched off, together with what was
//! understood and what was not. Names are those of the house. What [`write()`] writes, [`read`] reads
//! as the same rule, as long as the house has everything that it names.

mod action;
mod cursor;
mod happens;
mod names;
mod reader;
mod words;
mod writer;

pub use reader::{Draft, NotUnderstood, Understood, read};
pub use writer::{write, write_action, write_condition};

#[cfg(test)]
mod tests;
