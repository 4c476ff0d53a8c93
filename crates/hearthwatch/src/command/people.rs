//! `people`: who is known, and how well faces are recognised.

mod eval;
mod labelled;

use crate::{arguments::PeopleCommand, failure::Failure};

/// Runs what needs no hub.
pub(crate) fn run(command: &PeopleCommand, json: bool) -> Result<(), Failure> {
    match command {
        PeopleCommand::Eval(arguments) => eval::run(arguments, json),
    }
}
